"""Which way a measure gets better, told by its name."""

from __future__ import annotations

_LOW_IS_GOOD = ("cost", "loss", "error", "deviation", "perplexity", "seconds")


def lower_is_better(name: str) -> bool:
    """Whether a measure of this name is better when it is lower: costs, losses, errors and times are.

    >>> lower_is_better("validation_cost"), lower_is_better("validation_accuracy")
    (True, False)
    """
    return any(word in name.lower() for word in _LOW_IS_GOOD)
