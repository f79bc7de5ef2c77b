"""Suggestions for mistyped names."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Up to three of ``names`` that ``name`` was probably meant to be, the likeliest first.

    >>> nearest("sigmiod", ["sigmoid", "softmax", "tanh"])
    ['sigmoid']
    """
    from difflib import get_close_matches

    return get_close_matches(str(name), list(names))


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence that names the nearest, with a space before it; empty where nothing is near."""
    return meant(nearest(name, names))


def meant(suggestions: Iterable[str]) -> str:
    """The sentence for suggestions that are known already; empty for none."""
    quoted = [repr(suggestion) for suggestion in suggestions]
    return f" Did you mean {' or '.join(quoted)}?" if quoted else ""
