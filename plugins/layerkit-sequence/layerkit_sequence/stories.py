"""Short stories, written as characters: a text that the package makes."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Dataset, Examples
from layerkit.arguments import check_choice, check_integer
from layerkit.errors import ArgumentError
from layerkit.types import Array
from layerkit_sequence.all_stories import all_stories
from layerkit_sequence.distinct import distinct

END = "\n"
"""Stands in front of a story, and behind it."""


@final
class Stories(Dataset):
    r"""Short stories, to be written on a character at a time: a text that the package makes.

    Such as ``Ada has 3 figs. Ben gives Ada 4 figs. Now Ada has 7 figs.`` There are 32,040; none is in both splits, nor
    twice in one, so what the test asks for was never seen whole.

    ``x``: ``(n, time)`` tokens: a line's end, then the story. ``y``: as many labels, each the character that comes
    next, the last one a line's end again. The ``mask`` leaves out what stands behind; ``classes`` are the characters.

    Which name, thing and number comes next cannot be known, but all else can, and the last sentence follows from those
    before it: who knows all the rules gets 92.07 % of the test's characters right, and nobody more.

    Args:
        train: how many stories to train with.
        test: how many to test with.
        seed: of the stories that are drawn.

    >>> batch = Stories(train=4, test=2).load("test").slice(0, 1)
    >>> "".join(Stories.characters()[token] for token in batch.y[0][batch.mask[0]])
    'Eva has 2 apples. Leo gives Eva 4 apples. Now Eva has 6 apples.\n'
    """

    def __init__(self, *, train: int = 8_000, test: int = 1_000, seed: int = 0) -> None:
        check_integer(self, "train", train, minimum=1)
        check_integer(self, "test", test, minimum=1)
        check_integer(self, "seed", seed, minimum=0)
        there_are = len(all_stories())
        if train + test > there_are:
            raise ArgumentError(
                f"Stories: there are {there_are:,} stories, fewer than train ({train:,}) and test ({test:,}) together"
            )
        self.train = train
        self.test = test
        self.seed = seed

    @staticmethod
    def characters() -> tuple[str, ...]:
        """What a token stands for; 0 is the line's end."""
        return (END, *sorted(set("".join(all_stories()))))

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        drawn = distinct(len(all_stories()), self.train + self.test, self.seed)
        chosen = drawn[: self.test] if split == "test" else drawn[self.test :]
        stories = [all_stories()[place] for place in chosen]
        longest = max(map(len, all_stories()))
        tokens, characters = _tokens(stories, longest), self.characters()
        lengths = np.array([len(story) for story in stories])
        mask = np.arange(longest + 1) <= lengths[:, None]
        return Examples(tokens[:, :-1], tokens[:, 1:], mask=mask, classes=characters)


def _tokens(stories: list[str], longest: int) -> Array:
    """``(n, longest + 2)``: a line's end, the story, and line's ends up to the longest one's."""
    number = {character: token for token, character in enumerate(Stories.characters())}
    lines = (f"{END}{story}".ljust(longest + 2, END) for story in stories)
    return np.array([[number[character] for character in line] for line in lines])
