"""The settings that are compared with PyTorch: for each, the layer's arguments and the shape of a batch of images."""

from __future__ import annotations

from itertools import product
from typing import Any

BATCH = 2
Settings = dict[str, dict[str, Any]]


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
    """Height, width and channels of the images for this setting: a transposed convolution makes them larger."""
    return (4, 3, 2) if name.startswith("conv_transpose2d") else (6, 5, 2)


def _name(options: dict[str, Any]) -> str:
    return "-".join(str(value).replace(" ", "") for value in options.values())
