"""How far training has come."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, final


@final
@dataclass(slots=True)
class Progress:
    """The position of training: all counts from 0.

    ``step`` counts updates over the whole of training, ``batch`` the batches used up in this epoch. The sums are this
    epoch's so far; ``until`` is the epoch at which the fit under way ends (None: no fit is under way).
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    cost: float = 0.0
    weight: float = 0.0
    seconds: float = 0.0
    until: int | None = None

    def begin_epoch(self) -> None:
        """Go to the beginning of the epoch."""
        self.batch = 0
        self.cost = self.weight = self.seconds = 0.0

    def state(self) -> dict[str, Any]:
        """JSON-safe values."""
        return asdict(self)

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave."""
        for name in self.state():
            setattr(self, name, state[name])
