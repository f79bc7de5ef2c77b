"""Makes further_costs.npz: PyTorch's values and gradients of the costs beyond those in costs.npz, in float64.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make_further_costs.py``. The test
suite only reads the file. Where PyTorch has no such cost, its gradient is that of the formula by automatic
differentiation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Terms = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From prediction and target to costs, at least one for each example, which are then summed."""
SHAPES = {"2d": (7, 5), "3d": (3, 4, 5)}


def pinball(quantiles: list[float], a: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    q = torch.tensor(quantiles * (a.shape[-1] // len(quantiles)), dtype=a.dtype)
    return torch.maximum(q * (y - a), (q - 1) * (y - a))


def smoothed_binary(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(z, 0.9 * y + 0.05, reduction="none")


def focal(gamma: float, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    logs = functional.log_softmax(z, dim=-1)
    return -y * (1 - logs.exp()) ** gamma * logs


def binary_focal(gamma: float, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    p = torch.sigmoid(z)
    yes, no = functional.logsigmoid(z), functional.logsigmoid(-z)
    return -y * (1 - p) ** gamma * yes - (1 - y) * p**gamma * no


def margins(power: int, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.clamp(1 - (2 * y - 1) * z, min=0) ** power


def crammer_singer(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    rivals = torch.where(y > 0, -torch.inf, z)
    return torch.clamp(1 + rivals.max(dim=-1).values - (z * y).sum(dim=-1), min=0)


def classes_last(cost: Callable[..., torch.Tensor], z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return cost(z.reshape(-1, z.shape[-1]), y.reshape(-1, y.shape[-1]), reduction="none").reshape(z.shape[:-1])


def divergence(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return functional.kl_div(functional.log_softmax(z, dim=-1), y, reduction="none")


COSTS: dict[str, tuple[str, Terms]] = {
    "absolute_error": ("numbers", lambda a, y: functional.l1_loss(a, y, reduction="none")),
    "huber": ("numbers", lambda a, y: functional.huber_loss(a, y, reduction="none", delta=0.7)),
    "log_cosh": ("numbers", lambda a, y: torch.log(torch.cosh(a - y))),
    "quantile": ("numbers", partial(pinball, [0.3])),
    "quantiles": ("numbers", partial(pinball, [0.05, 0.2, 0.5, 0.7, 0.9])),
    "poisson": ("counts", lambda z, y: functional.poisson_nll_loss(z, y, log_input=True, reduction="none")),
    "cosine_similarity": ("numbers", lambda a, y: 1 - functional.cosine_similarity(a, y, dim=-1)),
    "smoothed": ("classes", partial(classes_last, partial(functional.cross_entropy, label_smoothing=0.1))),
    "smoothed_rows": ("rows", partial(classes_last, partial(functional.cross_entropy, label_smoothing=0.1))),
    "smoothed_binary": ("yes", smoothed_binary),
    "kullback_leibler": ("rows", divergence),
    "focal": ("classes", partial(focal, 2.0)),
    "focal_rows": ("rows", partial(focal, 0.5)),
    "binary_focal": ("yes", partial(binary_focal, 2.0)),
    "binary_focal_unit": ("unit", partial(binary_focal, 0.5)),
    "hinge": ("yes", partial(margins, 1)),
    "squared_hinge": ("yes", partial(margins, 2)),
    "categorical_hinge": ("classes", crammer_singer),
}


def targets(form: str, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    match form:
        case "counts":
            return rng.poisson(2.0, shape)
        case "classes":
            return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        case "rows":
            return np.round(rng.dirichlet(np.ones(shape[-1]), shape[:-1]) * 256) / 256
        case "yes":
            return rng.integers(0, 2, shape)
        case "unit":
            return rng.random(shape).astype(np.float32)
    return rng.normal(size=shape).astype(np.float32)


def main() -> None:
    rng = np.random.default_rng(7)
    found: dict[str, Any] = {"torch": np.array(torch.__version__)}
    for name, (form, terms) in COSTS.items():
        for place, shape in SHAPES.items():
            # numbers that float32 has too
            drawn = (2 * rng.normal(size=shape)).astype(np.float32)
            prediction = torch.tensor(drawn, dtype=torch.float64, requires_grad=True)
            target = torch.tensor(targets(form, shape, rng), dtype=torch.float64)
            if form == "rows":
                target = target / target.sum(dim=-1, keepdim=True)
            cost = terms(prediction, target).reshape(shape[0], -1).sum(dim=1)
            cost.sum().backward()
            assert prediction.grad is not None
            values = {"prediction": prediction, "target": target, "cost": cost, "gradient": prediction.grad}
            found |= {f"{name}/{place}/{key}": value.detach().numpy() for key, value in values.items()}
    np.savez_compressed(Path(__file__).with_name("further_costs.npz"), **found)


if __name__ == "__main__":
    main()
