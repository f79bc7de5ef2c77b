"""What this package adds to layerkit: the layers ``conv/…``, and the example ``conv/mnist``."""

from __future__ import annotations

from layerkit.plugin import Component, hookimpl

layerkit_api = (1, 1)


@hookimpl
def layerkit_layers() -> list[Component]:
    """Convolutions and pooling, on images ``(batch, height, width, channels)``."""
    return [
        Component(
            "conv2d",
            target="layerkit_conv.conv2d:Conv2D",
            summary="Every output is a weighted sum of a small window of the image.",
            cases="layerkit_conv.cases:CONV2D",
        ),
        Component(
            "conv-transpose2d",
            target="layerkit_conv.conv_transpose2d:ConvTranspose2D",
            summary="Spreads every input over a window of a larger image: the transpose of a convolution.",
            cases="layerkit_conv.cases:CONV_TRANSPOSE2D",
        ),
        Component(
            "max-pool2d",
            target="layerkit_conv.max_pool2d:MaxPool2D",
            summary="The largest value in each window of the image.",
            cases="layerkit_conv.cases:MAX_POOL2D",
        ),
        Component(
            "average-pool2d",
            target="layerkit_conv.average_pool2d:AveragePool2D",
            summary="The mean of each window of the image.",
            cases="layerkit_conv.cases:AVERAGE_POOL2D",
        ),
        Component(
            "global-max-pool2d",
            target="layerkit_conv.global_max_pool2d:GlobalMaxPool2D",
            summary="The largest value of each channel over the whole image.",
            cases="layerkit_conv.cases:GLOBAL_MAX_POOL2D",
        ),
        Component(
            "global-average-pool2d",
            target="layerkit_conv.global_average_pool2d:GlobalAveragePool2D",
            summary="The mean of each channel over the whole image.",
            cases="layerkit_conv.cases:GLOBAL_AVERAGE_POOL2D",
        ),
    ]


@hookimpl
def layerkit_examples() -> list[Component]:
    """Examples for ``layerkit run``."""
    return [
        Component(
            "mnist",
            target="layerkit_conv.examples:MNIST",
            summary="MNIST by two convolutions and two dense layers: 99 % in three epochs.",
        )
    ]
