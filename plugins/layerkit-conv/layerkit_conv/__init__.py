"""Convolution and pooling layers for layerkit, on images and sequences, channels last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit_conv.average_pool1d import AveragePool1D
    from layerkit_conv.average_pool2d import AveragePool2D
    from layerkit_conv.conv1d import Conv1D
    from layerkit_conv.conv2d import Conv2D
    from layerkit_conv.conv_transpose2d import ConvTranspose2D
    from layerkit_conv.cropping import Cropping
    from layerkit_conv.depthwise_conv2d import DepthwiseConv2D
    from layerkit_conv.global_average_pool2d import GlobalAveragePool2D
    from layerkit_conv.global_max_pool2d import GlobalMaxPool2D
    from layerkit_conv.max_pool1d import MaxPool1D
    from layerkit_conv.max_pool2d import MaxPool2D
    from layerkit_conv.separable_conv2d import SeparableConv2D
    from layerkit_conv.up_sampling import UpSampling
    from layerkit_conv.zero_padding import ZeroPadding

__all__ = [
    "AveragePool1D",
    "AveragePool2D",
    "Conv1D",
    "Conv2D",
    "ConvTranspose2D",
    "Cropping",
    "DepthwiseConv2D",
    "GlobalAveragePool2D",
    "GlobalMaxPool2D",
    "MaxPool1D",
    "MaxPool2D",
    "SeparableConv2D",
    "UpSampling",
    "ZeroPadding",
]

# Listing the components must not import NumPy, which the layers need.
_LAZY = {
    "AveragePool1D": "layerkit_conv.average_pool1d",
    "AveragePool2D": "layerkit_conv.average_pool2d",
    "Conv1D": "layerkit_conv.conv1d",
    "Conv2D": "layerkit_conv.conv2d",
    "ConvTranspose2D": "layerkit_conv.conv_transpose2d",
    "Cropping": "layerkit_conv.cropping",
    "DepthwiseConv2D": "layerkit_conv.depthwise_conv2d",
    "GlobalAveragePool2D": "layerkit_conv.global_average_pool2d",
    "GlobalMaxPool2D": "layerkit_conv.global_max_pool2d",
    "MaxPool1D": "layerkit_conv.max_pool1d",
    "MaxPool2D": "layerkit_conv.max_pool2d",
    "SeparableConv2D": "layerkit_conv.separable_conv2d",
    "UpSampling": "layerkit_conv.up_sampling",
    "ZeroPadding": "layerkit_conv.zero_padding",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
