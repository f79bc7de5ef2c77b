"""What a convolution and its transpose have in common: their arguments, and their parameters."""

from __future__ import annotations

import math
from typing import Any

from layerkit import Activation, Context, Glorot, Initializer, Layer, Zeros
from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.shapes import channels_last_hint, with_batch
from layerkit.types import Array, Shape
from layerkit_conv.arguments import read_padding, read_pair
from layerkit_conv.images import check_images
from layerkit_conv.response import Response
from layerkit_conv.windows import Windows


class Convolution(Layer):
    """The base of both; a constructor sets these attributes, and then calls ``checked_windows``."""

    filters: int
    kernel_size: Any
    stride: Any
    padding: Any
    dilation: Any
    groups: int
    activation: Activation | None
    initializer: Initializer | None
    bias_initializer: Initializer | None
    use_bias: bool
    weight: Array
    bias: Array

    def checked_windows(self) -> Windows:
        """The windows on images that the arguments describe.

        Raises:
            ArgumentError: an argument is not what it must be.
        """
        self.check_sums()
        return Windows(
            read_pair(self, "kernel_size", self.kernel_size, minimum=1),
            read_pair(self, "stride", self.stride, minimum=1),
            read_pair(self, "dilation", self.dilation, minimum=1),
            read_padding(self, self.padding),
        )

    def check_sums(self) -> None:
        """Refuse arguments that are not what they must be, those of the windows left out.

        Raises:
            ArgumentError: the message names the argument.
        """
        check_integer(self, "filters", self.filters, minimum=1)
        check_integer(self, "groups", self.groups, minimum=1)
        check_instance(self, "activation", self.activation, Activation, optional=True)
        check_instance(self, "initializer", self.initializer, Initializer, optional=True)
        check_instance(self, "bias_initializer", self.bias_initializer, Initializer, optional=True)
        check_boolean(self, "use_bias", self.use_bias)
        if self.filters % self.groups:
            raise ArgumentError(
                f"{type(self).__name__}: filters must be a multiple of groups, got {self.filters} filters, "
                f"{self.groups} groups"
            )

    def channels_of(self, input_shape: Shape) -> int:
        """The channels of the images.

        Raises:
            ShapeError: the inputs are no images, or their channels do not fall into the groups.
        """
        return self.checked_groups(check_images(self, input_shape), input_shape)

    def checked_groups(self, channels: int, input_shape: Shape) -> int:
        """``channels``, if they fall into the groups.

        Raises:
            ShapeError: they do not.
        """
        if channels % self.groups:
            raise ShapeError(
                f"{type(self).__name__}: the channels must fall into {self.groups} groups of one size, got inputs of "
                f"{with_batch(input_shape)}; choose groups that divide {channels}"
                f"{channels_last_hint(input_shape)}"
            )
        return channels

    def declare(self, kernel: tuple[int, ...], connected: tuple[int, int], channels: int, size: Shape) -> Shape:
        """Declare weights, bias and activation; the shape of the outputs, of ``size`` pixels.

        ``connected`` are the last two axes of the weights.
        """
        return self.declare_sums(kernel, connected, size, channels, self.filters, self.groups)

    def declare_sums(
        self, kernel: tuple[int, ...], connected: tuple[int, int], size: Shape, channels: int, filters: int, groups: int
    ) -> Shape:
        """The same, for so many filters and groups."""
        pixels = math.prod(kernel)
        fan_in, fan_out = pixels * channels // groups, pixels * filters // groups
        initializer = self.initializer or Glorot()
        self.parameter("weight", (*kernel, *connected), initializer, fan_in=fan_in, fan_out=fan_out)
        if self.use_bias:
            initializer = self.bias_initializer or Zeros()
            self.parameter("bias", (filters,), initializer, fan_in=fan_in, fan_out=fan_out, tags=("bias",))
        output_shape = (*size, filters)
        return output_shape if self.activation is None else self.part("function", self.activation, output_shape)

    def connect(self, ctx: Context) -> None:
        ctx.saved.response = Response(self.activation, ctx)
