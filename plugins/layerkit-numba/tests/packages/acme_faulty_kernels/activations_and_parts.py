"""Kernels of activations, and of a layer around another."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import Backward, Buffer, Call, Elementwise, Forward, LayerKernel, Part, compiled, exp, like

from layerkit import Activation, Context, LeakyReLU, Residual, Sigmoid, Tanh
from layerkit.types import Array

from .fault import fault
from .sound_scale import copy


@compiled
def sigmoid(z: Any) -> Any:
    return like(1, z) / (like(1, z) + exp(-z))


@compiled
def slope_of_input(z: Any) -> Any:
    y = sigmoid(z)
    return y * (like(1, y) - y)


@compiled
def slope_of_output(y: Any) -> Any:
    return y * (like(1, y) - y)


@fault("gradients", Sigmoid)
def _SlopeOfTheWrongNumber(part: Part) -> Elementwise:
    return Elementwise(sigmoid, slope_of_input, of="y")


@fault("keeps-zeros", Sigmoid)
def _KeepsNoZeros(part: Part) -> Elementwise:
    return Elementwise(sigmoid, slope_of_output, of="y", keeps_zeros=True)


@compiled
def leak(z: Any, slope: float) -> Any:
    return z if z > 0 else like(slope, z) * z


@compiled
def slope_of_leak(z: Any, slope: float) -> Any:
    return like(1, z) if z > 0 else like(slope, z)


KEPT: dict[str, Elementwise] = {}


@fault("values", LeakyReLU, arguments={"negative_slope": 0.5})
def _KeepsTheFirstSlope(part: Part) -> Elementwise:
    made = Elementwise(leak, slope_of_leak, of="z", constants=(part.layer.negative_slope,))
    return KEPT.setdefault("leak", made)


@compiled
def add(one: Any, other: Any, total: Any) -> None:
    for place in range(one.size):
        total[place] = one[place] + other[place]


AROUND = (Forward("inner", "x"), Call(add, "x:flat", "inner.y:flat", "y:flat"))
INNER: dict[str, Any] = {"arguments": {"layer": Tanh()}}


@fault("gradients", Residual, **INNER)
def _ForgetsAPartOnTheWayBack(part: Part) -> LayerKernel:
    return LayerKernel(forward=AROUND, backward=(Call(copy, "dy:flat", "dx:flat"),), masks="ignored")


@fault("gradients", Residual, **INNER)
def _ForgetsTheWayAround(part: Part) -> LayerKernel:
    return LayerKernel(forward=AROUND, backward=(Backward("inner", "dy"), Call(copy, "inner.dx:flat", "dx:flat")))


class Shares(Activation):
    """x · softmax(x), over the last axis."""

    def forward(self, x: Array, ctx: Context) -> Array:
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
        ctx.saved.x, ctx.saved.shares = x, powers / powers.sum(axis=-1, keepdims=True)
        return x * ctx.saved.shares

    def backward(self, grad: Array, ctx: Context) -> Array:
        x, shares = ctx.saved.x, ctx.saved.shares
        return shares * (grad * (1 + x) - (grad * x * shares).sum(axis=-1, keepdims=True))


@compiled
def shares_of_powers(x: Any, shares: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        total = like(0, x[row, 0])
        for column in range(x.shape[1]):
            shares[row, column] = np.exp(x[row, column])
            total += shares[row, column]
        for column in range(x.shape[1]):
            shares[row, column] /= total
            y[row, column] = x[row, column] * shares[row, column]


@compiled
def back_from_shares(dy: Any, x: Any, shares: Any, dx: Any) -> None:
    for row in range(x.shape[0]):
        total = like(0, x[row, 0])
        for column in range(x.shape[1]):
            total += dy[row, column] * x[row, column] * shares[row, column]
        for column in range(x.shape[1]):
            dx[row, column] = shares[row, column] * (dy[row, column] * (like(1, total) + x[row, column]) - total)


@fault("special-numbers", Shares, input_shapes=[(4,)])
def _PowersThatOverflow(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(shares_of_powers, "x:rows", "shares:rows", "y:rows"),),
        input_gradient=(Call(back_from_shares, "dy:rows", "x:rows", "shares:rows", "dx:rows"),),
        buffers={"shares": Buffer(part.input_shape)},
        reads_output=False,
        masks="ignored",
    )
