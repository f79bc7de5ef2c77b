"""Convolution and pooling layers for layerkit, on images ``(batch, height, width, channels)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit_conv.average_pool2d import AveragePool2D
    from layerkit_conv.conv2d import Conv2D
    from layerkit_conv.conv_transpose2d import ConvTranspose2D
    from layerkit_conv.global_average_pool2d import GlobalAveragePool2D
    from layerkit_conv.global_max_pool2d import GlobalMaxPool2D
    from layerkit_conv.max_pool2d import MaxPool2D

__all__ = [
    "AveragePool2D",
    "Conv2D",
    "ConvTranspose2D",
    "GlobalAveragePool2D",
    "GlobalMaxPool2D",
    "MaxPool2D",
]

# Listing the components must not import NumPy, which the layers need.
_LAZY = {
    "AveragePool2D": "layerkit_conv.average_pool2d",
    "Conv2D": "layerkit_conv.conv2d",
    "ConvTranspose2D": "layerkit_conv.conv_transpose2d",
    "GlobalAveragePool2D": "layerkit_conv.global_average_pool2d",
    "GlobalMaxPool2D": "layerkit_conv.global_max_pool2d",
    "MaxPool2D": "layerkit_conv.max_pool2d",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
