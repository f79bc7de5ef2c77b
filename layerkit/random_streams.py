"""One seed for everything, a generator of its own for each use."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol, final

import numpy as np


class Streams(Protocol):
    """What layers take their generators from."""

    def generator(self, purpose: str, place: object = "") -> np.random.Generator: ...


@final
class RandomStreams:
    """Generators keyed by purpose and place, all made from one seed.

    A use's numbers depend on the seed and its own key alone, so adding a dropout layer does not change the shuffle. A
    layer's key is its path: what stands behind a layer that is put into a ``Sequential`` has another one then. NumPy's
    global generator is never touched.

    >>> streams = RandomStreams(0)
    >>> streams.generator("layer", "2") is streams.generator("layer", "2")
    True
    >>> bool(RandomStreams(0).fresh("shuffle", 3).random() == RandomStreams(0).fresh("shuffle", 3).random())
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._kept: dict[str, np.random.Generator] = {}

    def fresh(self, purpose: str, place: object = "") -> np.random.Generator:
        """A new generator at the beginning of this key's numbers."""
        digest = hashlib.sha256(f"{purpose}:{place}".encode()).digest()
        words = np.frombuffer(digest[:16], "<u4").tolist()
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=words)))

    def generator(self, purpose: str, place: object = "") -> np.random.Generator:
        """The generator of this key, which goes on from use to use."""
        key = f"{purpose}:{place}"
        generator = self._kept.get(key)
        if generator is None:
            generator = self._kept[key] = self.fresh(purpose, place)
        return generator

    def begin_anew(self) -> None:
        """Bring each generator back to the beginning of its numbers."""
        self.restore({"seed": self.seed, "kept": {}})

    def state(self) -> dict[str, Any]:
        """The seed, and how far each generator has come, as JSON-safe values."""
        return {"seed": self.seed, "kept": {key: kept.bit_generator.state for key, kept in self._kept.items()}}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave: a generator that had not been used then begins anew."""
        self.seed = state["seed"]
        for key, kept in self._kept.items():
            purpose, _, place = key.partition(":")
            kept.bit_generator.state = self.fresh(purpose, place).bit_generator.state
        for key, kept in state["kept"].items():
            purpose, _, place = key.partition(":")
            self.generator(purpose, place).bit_generator.state = kept
