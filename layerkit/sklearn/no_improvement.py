"""The end of training that has converged, as scikit-learn's networks tell it."""

from __future__ import annotations

from typing import Any, final

from layerkit.interfaces.callback import Callback, FitView


@final
class NoImprovement(Callback):
    """Ends a fit once more than ``patience`` epochs, one after another, have not brought the training cost below the
    lowest so far by more than ``tolerance``.

    Unlike ``EarlyStopping``, it takes each epoch by itself, as MLPClassifier does: many small steps are no improvement.
    """

    def __init__(self, *, patience: int, tolerance: float) -> None:
        self.patience = patience
        self.tolerance = tolerance
        self._best = float("inf")
        self._waited = 0

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        cost = record["cost"]
        self._waited = self._waited + 1 if cost > self._best - self.tolerance else 0
        self._best = min(self._best, cost)
        if self._waited > self.patience:
            fit.stop(f"the training cost has not fallen by {self.tolerance:g} in {self._waited} epochs")
