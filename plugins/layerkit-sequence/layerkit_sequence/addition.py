"""Sums, written as characters."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Dataset, Examples
from layerkit.arguments import check_choice, check_integer
from layerkit.errors import ArgumentError
from layerkit.types import Array
from layerkit_sequence.distinct import distinct

CHARACTERS = "0123456789+= "
"""What a token stands for: the token 11 is ``=``."""


@final
class Addition(Dataset):
    """Additions such as ``321+654=`` and their sums, least significant digit first, as tokens; generated, held nowhere.

    ``x``: ``(n, 3 · digits + 3)`` tokens of ``CHARACTERS``: both numbers, with leading zeros, the signs between and
    after them, and a blank for each digit of the sum. ``y``: as many labels: blanks, and then the digits of the sum. No
    pair of numbers is in both splits, nor twice in one.

    Args:
        digits: of each number, 1 to 9.
        train: how many additions to train with.
        test: how many to test with.
        seed: of the pairs that are drawn.

    >>> dataset = Addition(train=4, test=2)
    >>> batch = dataset.load("test").slice(0, 1)
    >>> text(batch.x[0]), text(batch.y[0])
    ('074+271=    ', '        5430')
    """

    def __init__(self, *, digits: int = 3, train: int = 50_000, test: int = 2_000, seed: int = 0) -> None:
        check_integer(self, "digits", digits, minimum=1)
        check_integer(self, "train", train, minimum=1)
        check_integer(self, "test", test, minimum=1)
        check_integer(self, "seed", seed, minimum=0)
        if digits > 9:
            raise ArgumentError(f"Addition: digits must be at most 9, got {digits}")
        if train + test > 10 ** (2 * digits):
            raise ArgumentError(
                f"Addition: there are {10 ** (2 * digits)} pairs of numbers with {digits} digits, fewer than "
                f"train ({train}) and test ({test}) together"
            )
        self.digits = digits
        self.train = train
        self.test = test
        self.seed = seed

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        pairs = distinct(100**self.digits, self.train + self.test, self.seed)
        pairs = pairs[: self.test] if split == "test" else pairs[self.test :]
        one, other = np.divmod(pairs, 10**self.digits)
        plus, equals, blank = (np.full((len(pairs), 1), CHARACTERS.index(sign)) for sign in "+= ")
        numbers = [_digits(number, self.digits)[:, ::-1] for number in (one, other)]
        x = np.concatenate([numbers[0], plus, numbers[1], equals, *[blank] * (self.digits + 1)], axis=1)
        y = np.concatenate([*[blank] * (2 * self.digits + 2), _digits(one + other, self.digits + 1)], axis=1)
        return Examples(x, y)


def text(tokens: Array) -> str:
    """The characters that tokens, ``(time,)``, stand for."""
    return "".join(CHARACTERS[token] for token in tokens)


def _digits(numbers: Array, count: int) -> Array:
    """Decimal digits, ``(n, count)``, the least significant first."""
    return numbers[:, None] // 10 ** np.arange(count) % 10
