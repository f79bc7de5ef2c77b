"""Makes more_layers.npz: what PyTorch computes for normalisations, factors and terms, maxout and highway layers.

Run it like ``make.py``, in an environment of its own that has torch and NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

Values = dict[str, Any]
SHAPES = {"2d": (7, 6), "3d": (3, 4, 6), "4d": (2, 3, 4, 6)}


def numbers(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.tensor(rng.normal(size=shape).astype("float32"), dtype=torch.float64)


def differentiated(
    run: Callable[..., torch.Tensor], x: torch.Tensor, parameters: dict[str, torch.Tensor], rng: np.random.Generator
) -> Values:
    """x, y, an upstream gradient, and all gradients; computed in double precision."""
    x = x.clone().requires_grad_()
    own = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    y = run(x, **own)
    grad = numbers(rng, *y.shape)
    y.backward(grad)
    found: Values = {"x": x, "y": y, "grad": grad, "input_gradient": x.grad}
    for name, value in own.items():
        found |= {name: value, f"{name}_gradient": value.grad}
    return found


def group_norm(x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """Channels are the last axis here, the second in PyTorch."""
    moved = x.movedim(-1, 1)
    return nn.functional.group_norm(moved, 3, scale, shift, 1e-5).movedim(1, -1)


def highway(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, inner_weight: torch.Tensor, inner_bias: torch.Tensor
) -> torch.Tensor:
    gate = torch.sigmoid(x @ weight + bias)
    return gate * torch.tanh(x @ inner_weight + inner_bias) + (1 - gate) * x


FUNCTIONS: dict[str, tuple[Callable[..., torch.Tensor], dict[str, tuple[int, ...]]]] = {
    "layer_normalization": (
        lambda x, scale, shift: nn.functional.layer_norm(x, (6,), scale, shift, 1e-5),
        {"scale": (6,), "shift": (6,)},
    ),
    "rms_normalization": (lambda x, scale: nn.functional.rms_norm(x, (6,), scale, 1e-6), {"scale": (6,)}),
    "group_normalization": (group_norm, {"scale": (6,), "shift": (6,)}),
    "scale": (lambda x, factor: x * factor, {"factor": (6,)}),
    "bias": (lambda x, bias: x + bias, {"bias": (6,)}),
    "maxout": (
        lambda x, weight, bias: (x @ weight + bias).unflatten(-1, (4, 3)).max(dim=-2).values,
        {"weight": (6, 12), "bias": (12,)},
    ),
    "highway": (highway, {"weight": (6, 6), "bias": (6,), "inner_weight": (6, 6), "inner_bias": (6,)}),
}


def main() -> None:
    rng = np.random.default_rng(21)
    found: Values = {}
    for name, (run, shapes) in FUNCTIONS.items():
        for rank, shape in SHAPES.items():
            parameters = {key: numbers(rng, *own) for key, own in shapes.items()}
            values = differentiated(run, 2 * numbers(rng, *shape) + 0.5, parameters, rng)
            found |= {f"{name}/{rank}/{key}": value.detach().numpy() for key, value in values.items()}
    np.savez_compressed(Path(__file__).parent / "more_layers.npz", torch=np.array(torch.__version__), **found)


if __name__ == "__main__":
    main()
