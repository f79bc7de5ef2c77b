"""How a fit has ended: by itself, too early, or by Ctrl-C."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from layerkit.training.trainer import Trainer


def has_learned(trainer: Trainer) -> bool:
    """Whether there has been a step."""
    return trainer.model.initialized and trainer.state()["position"]["step"] > 0


def cost_so_far(trainer: Trainer) -> float:
    """The mean cost of the examples of an epoch that was interrupted."""
    position = trainer.state()["position"]
    return float(position["cost"] / position["weight"]) if position["weight"] else float("nan")


def tell_end(estimator: Any, converged: bool | None) -> None:
    """Warn of training that has not converged, or was interrupted, which is None."""
    if converged:
        return
    name, epochs = type(estimator).__name__, estimator.n_iter_
    if converged is None:
        warnings.warn(
            f"{name}: training was interrupted in epoch {epochs + 1}, after {epochs} whole ones; what was learned is "
            "kept, and with warm_start=True, fit goes on from there",
            UserWarning,
            stacklevel=4,
        )
        return
    warnings.warn(
        f"{name}: {estimator.max_iter} epochs (max_iter) have passed, and training has not converged: allow more "
        "epochs, scale the features, or take a higher learning rate; n_iter_no_change=np.inf says that max_iter is "
        "meant",
        ConvergenceWarning,
        stacklevel=4,
    )
