"""What this package adds to layerkit: the layers ``conv/…``, and the example ``conv/mnist``."""

from __future__ import annotations

from layerkit.plugin import Component, hookimpl

layerkit_api = (1, 1)


@hookimpl
def layerkit_layers() -> list[Component]:
    """Convolutions and pooling, on images and sequences, channels last."""
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
        Component(
            "conv1d",
            target="layerkit_conv.conv1d:Conv1D",
            summary="Every output is a weighted sum of a few steps of the sequence.",
            cases="layerkit_conv.cases:CONV1D",
        ),
        Component(
            "depthwise-conv2d",
            target="layerkit_conv.depthwise_conv2d:DepthwiseConv2D",
            summary="Every channel of the image is convolved by itself.",
            cases="layerkit_conv.cases:DEPTHWISE_CONV2D",
        ),
        Component(
            "separable-conv2d",
            target="layerkit_conv.separable_conv2d:SeparableConv2D",
            summary="A convolution of each channel, then one of each pixel.",
            cases="layerkit_conv.cases:SEPARABLE_CONV2D",
        ),
        Component(
            "max-pool1d",
            target="layerkit_conv.max_pool1d:MaxPool1D",
            summary="The largest value in each window of steps.",
            cases="layerkit_conv.cases:MAX_POOL1D",
        ),
        Component(
            "average-pool1d",
            target="layerkit_conv.average_pool1d:AveragePool1D",
            summary="The mean of each window of steps.",
            cases="layerkit_conv.cases:AVERAGE_POOL1D",
        ),
        Component(
            "zero-padding",
            target="layerkit_conv.zero_padding:ZeroPadding",
            summary="Zeros around images and sequences.",
            cases="layerkit_conv.cases:ZERO_PADDING",
        ),
        Component(
            "cropping",
            target="layerkit_conv.cropping:Cropping",
            summary="The inner part of images and sequences.",
            cases="layerkit_conv.cases:CROPPING",
        ),
        Component(
            "up-sampling",
            target="layerkit_conv.up_sampling:UpSampling",
            summary="Images and sequences made larger, by repetition.",
            cases="layerkit_conv.cases:UP_SAMPLING",
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
