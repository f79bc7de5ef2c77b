"""Makes ``values.npz`` beside it: what PyTorch computes for many settings of the layers.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make.py``. The test suite only
reads the file.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

BATCH = 2
Values = dict[str, Any]
Settings = dict[str, Values]


def convolutions() -> Settings:
    """Every combination of stride, padding, dilation and groups."""
    found: Settings = {}
    for stride, padding, dilation, groups in product((1, 2, (2, 3)), (0, 1, (2, 1)), (1, 2), (1, 2)):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        found[f"conv2d/{_name(options)}"] = {"filters": 2, "kernel_size": (3, 2), **options}
    for dilation, groups in product((1, 2), (1, 2)):
        options = {"padding": "same", "dilation": dilation, "groups": groups}
        found[f"conv2d/{_name(options)}"] = {"filters": 2, "kernel_size": (4, 3), **options}
    found["conv2d/sides"] = {"filters": 2, "kernel_size": 3, "stride": 2, "padding": ((2, 0), (1, 3))}
    found["conv2d/more filters"] = {"filters": 6, "kernel_size": 2, "groups": 2}
    found["conv2d/one pixel"] = {"filters": 3, "kernel_size": 1, "use_bias": False}
    return found


def transposed() -> Settings:
    """Every combination of stride, padding, dilation, groups, and output padding where there may be one."""
    found: Settings = {}
    for stride, padding, extra, dilation, groups in product((1, 2, (2, 3)), (0, 1, (2, 1)), (0, 1), (1, 2), (1, 2)):
        if extra and stride == 1 and dilation == 1:
            continue
        options = {
            "stride": stride,
            "padding": padding,
            "output_padding": extra,
            "dilation": dilation,
            "groups": groups,
        }
        found[f"conv_transpose2d/{_name(options)}"] = {"filters": 2, "kernel_size": (3, 2), **options}
    found["conv_transpose2d/more filters"] = {"filters": 6, "kernel_size": 2, "groups": 2, "use_bias": False}
    return found


def pooling() -> Settings:
    """Pools side by side, overlapping and apart, with and without padding."""
    found: Settings = {}
    for size, stride, padding in product((2, (3, 2)), (None, 1, (2, 3)), (0, 1)):
        options = {"pool_size": size, "stride": stride, "padding": padding}
        found[f"max_pool2d/{_name(options)}"] = dict(options)
        for counted in (True, False):
            found[f"average_pool2d/{_name(options)}/{counted}"] = {**options, "count_include_pad": counted}
    return found


def image(name: str) -> tuple[int, int, int]:
    # a transposed convolution makes them larger
    return (4, 3, 2) if name.startswith("conv_transpose2d") else (6, 5, 2)


def _name(options: dict[str, Any]) -> str:
    return "-".join(str(value).replace(" ", "") for value in options.values())


def main() -> None:
    """Write the file: all numbers one after another, and what they are."""
    settings = convolutions() | transposed() | pooling()
    index = []
    numbers: list[np.ndarray] = []
    for name, options in settings.items():
        values = {key: value.detach().numpy().astype("float32") for key, value in compute(name, options).items()}
        numbers += [value.ravel() for value in values.values()]
        index.append([name, options, {key: value.shape for key, value in values.items()}])
    file = Path(__file__).parent / "values.npz"
    np.savez_compressed(file, values=np.concatenate(numbers), index=np.array(json.dumps(index)))


def compute(name: str, options: Values) -> Values:
    """Input, weights, output, an upstream gradient, and what follows from it."""
    # values in single precision, computed with in double: what is compared is the formula
    rng = np.random.default_rng(sum(map(ord, name)))
    height, width, channels = image(name)
    x = draw(rng, BATCH, channels, height, width)
    weights = draw_weights(name, options, channels, rng)
    for tensor in (x, *weights.values()):
        tensor.requires_grad_()
    y = run(name, options, x, weights)
    grad = draw(rng, *y.shape)
    y.backward(grad)
    values = {"x": images(x), "y": images(y), "grad": images(grad), "input_gradient": images(x.grad)}
    for key, tensor in weights.items():
        assert tensor.grad is not None
        values[key] = tensor.permute(2, 3, 1, 0) if key == "weight" else tensor
        values[f"{key}_gradient"] = tensor.grad.permute(2, 3, 1, 0) if key == "weight" else tensor.grad
    return values


def draw(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    # few digits: exact in single precision, and quick to compress
    return torch.tensor(np.round(rng.normal(size=shape) * 16) / 16, dtype=torch.float64)


def draw_weights(name: str, options: Values, channels: int, rng: np.random.Generator) -> dict[str, torch.Tensor]:
    if "pool" in name:
        return {}
    kernel = options["kernel_size"]
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    filters, groups = options["filters"], options.get("groups", 1)
    first = (filters, channels // groups) if name.startswith("conv2d") else (channels, filters // groups)
    weights = {"weight": draw(rng, *first, *kernel)}
    return weights | ({"bias": draw(rng, filters)} if options.get("use_bias", True) else {})


def run(name: str, options: Values, x: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    kind = name.split("/", maxsplit=1)[0]
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
