"""Telling memory that is read too early from results that differ anyway."""

from __future__ import annotations

from layerkit.testing.closeness import identical
from layerkit.testing.verdicts import NotApplicable
from layerkit.types import Value


def require_repeatable(first: Value, second: Value) -> None:
    """Two results in fresh memory must be the same, before used memory can be blamed for another one.

    Raises:
        NotApplicable: they are not.
    """
    if not identical(first, second):
        raise NotApplicable("also in fresh memory the second result is another, so memory is not to blame")
