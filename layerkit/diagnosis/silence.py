"""The names of warnings and findings, by which each is switched off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from layerkit.errors import ArgumentError

BEFORE_TRAINING = (
    "output-activation",
    "constant-output",
    "unreachable-targets",
    "target-scale",
    "scale",
    "precision",
    "channels-first",
    "sorted",
    "frozen",
    "single-row",
)
"""What can be known before the first step."""

WHILE_TRAINING = (
    "saturated",
    "dead",
    "high-rate",
    "no-gradient",
    "vanishing",
    "exploding",
    "batch-normalization",
    "target-scale",
    "constant",
    "flat",
)
"""What shows itself later; causes come before what follows from them."""

EVERYTHING = "all"


def checked_silence(owner: object, silence: Any) -> frozenset[str]:
    """The names that ``silence`` holds; ``"all"`` stands for every one.

    Raises:
        ArgumentError: it is a single string, or something in it is no such name.
    """
    known = (*dict.fromkeys((*BEFORE_TRAINING, *WHILE_TRAINING)), EVERYTHING)
    title = owner if isinstance(owner, str) else type(owner).__name__
    if isinstance(silence, str) or not isinstance(silence, Collection):
        raise ArgumentError(f"{title}: silence must be a list of names, such as ('scale',); got {silence!r}")
    for name in silence:
        if name not in known:
            raise ArgumentError(f"{title}: silence must hold names among {', '.join(known)}; got {name!r}")
    return frozenset(known if EVERYTHING in silence else silence)
