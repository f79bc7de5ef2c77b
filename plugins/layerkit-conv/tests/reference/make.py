"""Makes ``values.npz`` beside it: what PyTorch computes for the settings in ``cases.py``.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make.py``. The test suite only
reads the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from cases import BATCH, convolutions, image, pooling, transposed
from torch.nn import functional

Values = dict[str, Any]


def main() -> None:
    """Write the file."""
    found: Values = {}
    for name, options in (convolutions() | transposed() | pooling()).items():
        # values in single precision, computed with in double: what is compared is the formula
        rng = np.random.default_rng(sum(map(ord, name)))
        height, width, channels = image(name)
        x = numbers(rng, BATCH, channels, height, width)
        weights = draw_weights(name, options, channels, rng)
        for tensor in (x, *weights.values()):
            tensor.requires_grad_()
        y = run(name, options, x, weights)
        grad = numbers(rng, *y.shape)
        y.backward(grad)
        values = {"x": images(x), "y": images(y), "grad": images(grad), "input_gradient": images(x.grad)}
        for key, tensor in weights.items():
            values[key] = tensor.permute(2, 3, 1, 0) if key == "weight" else tensor
            values[f"{key}_gradient"] = tensor.grad.permute(2, 3, 1, 0) if key == "weight" else tensor.grad
        found |= {f"{name}/{key}": value.detach().numpy().astype("float32") for key, value in values.items()}
    packed = np.concatenate([value.ravel() for value in found.values()])
    index = [f"{name}:{','.join(map(str, value.shape))}" for name, value in found.items()]
    np.savez_compressed(Path(__file__).parent / "values.npz", values=packed, index=np.array("\n".join(index)))


def numbers(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    # few digits: exact in single precision, and quick to compress
    return torch.tensor(np.round(rng.normal(size=shape) * 16) / 16, dtype=torch.float64)


def draw_weights(name: str, options: Values, channels: int, rng: np.random.Generator) -> dict[str, torch.Tensor]:
    if "pool" in name:
        return {}
    kernel = options["kernel_size"]
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    filters, groups = options["filters"], options.get("groups", 1)
    first = (filters, channels // groups) if name.startswith("conv2d") else (channels, filters // groups)
    weights = {"weight": numbers(rng, *first, *kernel)}
    return weights | ({"bias": numbers(rng, filters)} if options.get("use_bias", True) else {})


def run(name: str, options: Values, x: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    kind = name.split("/")[0]
    options = {key: value for key, value in options.items() if key not in ("filters", "kernel_size", "use_bias")}
    if kind == "conv2d":
        if name == "conv2d/sides":
            (top, bottom), (left, right) = options.pop("padding")
            x = functional.pad(x, (left, right, top, bottom))
        return functional.conv2d(x, weights["weight"], weights.get("bias"), **options)
    if kind == "conv_transpose2d":
        return functional.conv_transpose2d(x, weights["weight"], weights.get("bias"), **options)
    options["kernel_size"] = options.pop("pool_size")
    return (functional.max_pool2d if kind == "max_pool2d" else functional.avg_pool2d)(x, **options)


def images(x: torch.Tensor | None) -> torch.Tensor:
    """Channels last."""
    assert x is not None
    return x.permute(0, 2, 3, 1)


if __name__ == "__main__":
    main()
