"""The callback contract: what watches a fit, and may stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerkit.interfaces.configurable import Configurable

if TYPE_CHECKING:
    from layerkit.training.fit import Fit


class Callback(Configurable):
    """Given to ``Trainer.fit``; override what you need.

    ``fit.stop(reason)`` ends training after the current step or epoch; ``fit.model``, ``fit.trainer``, ``fit.history``,
    ``fit.epoch`` and ``fit.step`` say where it stands.
    """

    every_steps: int | None = None
    """Call ``steps_ended`` whenever the count of steps is a multiple of this."""

    def fit_started(self, fit: Fit) -> None:
        """Before the first step."""

    def progress(self, fit: Fit) -> None:
        """Every 50 milliseconds or so, between two steps."""

    def steps_ended(self, fit: Fit) -> None:
        """After each ``every_steps`` steps."""

    def epoch_ended(self, fit: Fit, record: dict[str, Any]) -> None:
        """After an epoch and its validation; ``record`` is the epoch's line in the history."""

    def fit_ended(self, fit: Fit) -> None:
        """After the last step, also when an error ends the fit."""

    def state(self) -> dict[str, Any]:
        """What the callback remembers, as nested dictionaries and lists of JSON-safe values and arrays."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave."""
