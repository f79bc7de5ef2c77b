"""Makes activations.npz: PyTorch's values and gradients of the activations beyond those in layers.npz, in float64.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make_activations.py``. The test
suite only reads the file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Function = Callable[[torch.Tensor], torch.Tensor]
FUNCTIONS: dict[str, Function] = {
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.2),
    "relu6": functional.relu6,
    "elu": functional.elu,
    "elu_half": lambda z: functional.elu(z, 0.5),
    "celu": lambda z: functional.celu(z, 0.5),
    "selu": functional.selu,
    "gelu": functional.gelu,
    "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "mish": functional.mish,
    # as PyTorch has it, it is z beyond 20
    "softplus": lambda z: functional.softplus(z, threshold=500),
    "softsign": functional.softsign,
    # PyTorch's own gradient takes a sixth as float32 has it
    "hard_sigmoid": lambda z: functional.relu6(z + 3) / 6,
    "hard_swish": functional.hardswish,
    "hard_tanh": functional.hardtanh,
    "log_softmax": lambda z: functional.log_softmax(z, dim=-1),
    "exponential": torch.exp,
}
FAR = [-1000, -100, -30, -12, -6.5, -3, -1, 0, 1, 3, 6, 6.5, 12, 30, 100, 1000]


def main() -> None:
    rng = np.random.default_rng(6)
    found: dict[str, Any] = {"torch": np.array(torch.__version__)}
    for name, function in FUNCTIONS.items():
        for shape, x in (("2d", 3 * rng.normal(size=(7, 5))), ("3d", rng.normal(size=(3, 4, 5))), ("far", [FAR])):
            if name == "exponential" and shape == "far":
                continue
            found |= {f"{name}/{shape}/{key}": value for key, value in differentiated(function, x, rng).items()}
    for name, slopes in (("prelu", rng.normal(size=5)), ("prelu_shared", rng.normal(size=1))):
        for shape, axes in (("2d", (7, 5)), ("3d", (3, 4, 5))):
            slope = torch.tensor(slopes, requires_grad=True)
            values = differentiated(partial(last_axis, slope), rng.normal(size=axes), rng)
            values |= {"slope": slopes, "slope_gradient": slope.grad}
            found |= {f"{name}/{shape}/{key}": np.asarray(value) for key, value in values.items()}
    np.savez_compressed(Path(__file__).with_name("activations.npz"), **found)


def differentiated(function: Function, x: Any, rng: np.random.Generator) -> dict[str, Any]:
    """x, y, an upstream gradient, and the gradient with respect to x."""
    # numbers that float32 has too
    z = torch.tensor(np.asarray(x, np.float32), dtype=torch.float64, requires_grad=True)
    y = function(z)
    grad = torch.tensor(rng.normal(size=tuple(y.shape)).astype(np.float32), dtype=torch.float64)
    y.backward(grad)
    assert z.grad is not None
    return {"x": z.detach().numpy(), "y": y.detach().numpy(), "grad": grad.numpy(), "input_gradient": z.grad.numpy()}


def last_axis(slope: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """PyTorch's features are the second axis."""
    return functional.prelu(z.reshape(-1, z.shape[-1]), slope).reshape(z.shape)


if __name__ == "__main__":
    main()
