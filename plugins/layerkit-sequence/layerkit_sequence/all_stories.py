"""Every story that there is: what is told, who has what, and how many it is in the end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations, product

NAMES = ("Ada", "Ben", "Eva", "Ida", "Leo", "Max", "Mia", "Tom")
THINGS = ("apple", "fig", "nut", "pear", "plum")
MOST = 9
"""No number has two digits."""
_NUMBERS = range(1, MOST + 1)


@lru_cache(maxsize=1)
def all_stories() -> tuple[str, ...]:
    """All 32,040 of them, each once, in an order that does not change.

    Somebody is given some of a thing, or eats some, or has more than somebody else; the last sentence follows from the
    others.

    >>> len(all_stories()), all_stories()[0]
    (32040, 'Ada has 1 apple. Ben gives Ada 1 apple. Now Ada has 2 apples.')
    """
    return (*_given(), *_eaten(), *_compared())


def _given() -> Iterator[str]:
    for (who, other), thing, first, more in product(permutations(NAMES, 2), THINGS, _NUMBERS, _NUMBERS):
        if first + more <= MOST:
            told = f"{who} has {_some(first, thing)}. {other} gives {who} {_some(more, thing)}."
            yield f"{told} Now {who} has {_some(first + more, thing)}."


def _eaten() -> Iterator[str]:
    for who, thing, first, gone in product(NAMES, THINGS, _NUMBERS, _NUMBERS):
        if gone <= first:
            told = f"{who} has {_some(first, thing)}. {who} eats {_some(gone, thing)}."
            yield f"{told} Now {who} has {_some(first - gone, thing)}."


def _compared() -> Iterator[str]:
    for (who, other), thing, one, two in product(permutations(NAMES, 2), THINGS, _NUMBERS, _NUMBERS):
        if one != two:
            told = f"{who} has {_some(one, thing)}. {other} has {_some(two, thing)}."
            yield f"{told} So {who if one > two else other} has more {thing}s."


def _some(count: int, thing: str) -> str:
    return f"{count or 'no'} {thing if count == 1 else thing + 's'}"
