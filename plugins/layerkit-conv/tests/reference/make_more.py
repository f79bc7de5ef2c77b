"""Makes ``more.npz`` beside it: what PyTorch computes for layers over time, separable ones, and those of edges.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make_more.py``. The test suite
only reads the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Run = Callable[..., torch.Tensor]


def draw(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    # few digits: exact in single precision, and quick to compress
    return torch.tensor(np.round(rng.normal(size=shape) * 16) / 16, dtype=torch.float64)


def conv1d(stride: int, dilation: int, groups: int, before: int, after: int) -> Run:
    def run(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(x.movedim(-1, 1), (before, after))
        options = {"stride": stride, "dilation": dilation, "groups": groups}
        return functional.conv1d(padded, weight.permute(2, 1, 0), bias, **options).movedim(1, -1)

    return run


def depthwise(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    images = functional.pad(x.movedim(-1, 1), (1, 1, 1, 1))
    return functional.conv2d(images, weight.permute(3, 2, 0, 1), bias, groups=x.shape[-1]).movedim(1, -1)


def separable(x: torch.Tensor, **weights: torch.Tensor) -> torch.Tensor:
    between = depthwise(x, weights["depthwise.weight"]).movedim(-1, 1)
    pointwise = weights["pointwise.weight"].permute(3, 2, 0, 1)
    return functional.conv2d(between, pointwise, weights["pointwise.bias"]).movedim(1, -1)


def over_time(run: Callable[..., torch.Tensor], **options: Any) -> Run:
    return lambda x: run(x.movedim(-1, 1), **options).movedim(1, -1)


SEQUENCES, IMAGES = (2, 7, 4), (2, 4, 3, 2)
SETTINGS: list[tuple[str, dict[str, Any], tuple[int, ...], dict[str, tuple[int, ...]], Run]] = [
    (
        f"conv1d/{number}",
        {"filters": 6, "kernel_size": 3, "stride": stride, "dilation": dilation, "groups": groups, "padding": padding},
        SEQUENCES,
        {"weight": (3, 4 // groups, 6), "bias": (6,)},
        conv1d(stride, dilation, groups, before, after),
    )
    for number, (stride, dilation, groups, padding, before, after) in enumerate(
        [
            (1, 1, 1, "valid", 0, 0),
            (2, 1, 1, 1, 1, 1),
            (1, 2, 2, "same", 2, 2),
            (1, 2, 1, "causal", 4, 0),
            (3, 1, 2, [2, 1], 2, 1),
        ]
    )
] + [
    (
        "depthwise_conv2d/plain",
        {"kernel_size": 3, "depth_multiplier": 2, "padding": 1},
        IMAGES,
        {"weight": (3, 3, 1, 4), "bias": (4,)},
        depthwise,
    ),
    (
        "separable_conv2d/plain",
        {"filters": 5, "kernel_size": 3, "depth_multiplier": 2, "padding": 1},
        IMAGES,
        {"depthwise.weight": (3, 3, 1, 4), "pointwise.weight": (1, 1, 4, 5), "pointwise.bias": (5,)},
        separable,
    ),
    ("max_pool1d/plain", {"pool_size": 2}, SEQUENCES, {}, over_time(functional.max_pool1d, kernel_size=2)),
    (
        "max_pool1d/overlapping",
        {"pool_size": 3, "stride": 2, "padding": 1},
        SEQUENCES,
        {},
        over_time(functional.max_pool1d, kernel_size=3, stride=2, padding=1),
    ),
    (
        "average_pool1d/overlapping",
        {"pool_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
        SEQUENCES,
        {},
        over_time(functional.avg_pool1d, kernel_size=3, stride=2, padding=1, count_include_pad=False),
    ),
    ("zero_padding/images", {"padding": [[1, 0], 2]}, IMAGES, {}, over_time(functional.pad, pad=(2, 2, 1, 0))),
    ("cropping/images", {"cropping": [[1, 0], 1]}, IMAGES, {}, over_time(functional.pad, pad=(-1, -1, -1, 0))),
    ("up_sampling/images", {"size": [2, 3]}, IMAGES, {}, over_time(functional.interpolate, scale_factor=(2, 3))),
    ("up_sampling/sequences", {"size": 2}, SEQUENCES, {}, over_time(functional.interpolate, scale_factor=2)),
]


def main() -> None:
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for name, _, shape, weights, run in SETTINGS:
        x = draw(rng, *shape).requires_grad_()
        own = {key: draw(rng, *size).requires_grad_() for key, size in weights.items()}
        y = run(x, **own)
        grad = draw(rng, *y.shape)
        y.backward(grad)
        values = {"x": x, "y": y, "grad": grad, "input_gradient": x.grad}
        for key, value in own.items():
            values |= {key: value, f"{key}_gradient": value.grad}
        found |= {f"{name}/{key}": value.detach().numpy().astype("float32") for key, value in values.items()}
    index = np.array(json.dumps([(name, arguments) for name, arguments, *_ in SETTINGS]))
    np.savez_compressed(Path(__file__).parent / "more.npz", index=index, **found)


if __name__ == "__main__":
    main()
