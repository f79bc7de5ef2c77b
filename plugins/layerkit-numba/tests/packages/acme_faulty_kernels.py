"""Kernels with one realistic fault each, and the check that is to tell of it. The components are sound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from layerkit_numba import (
    Backward,
    Buffer,
    Call,
    CostKernel,
    CostPart,
    Elementwise,
    Forward,
    LayerKernel,
    Part,
    UpdateKernel,
    UpdatePart,
    compiled,
    exp,
    kernel,
    like,
)

from layerkit import Adam, Constant, Context, Cost, GradientDescent, Layer, Quadratic, Residual, Sigmoid, Tanh
from layerkit.types import Array, Shape


@dataclass(frozen=True)
class Fault:
    """A component whose kernel is faulty."""

    component: Any
    check: str
    options: dict[str, Any] = field(default_factory=dict)


FAULTS: list[Fault] = []
Maker = TypeVar("Maker", bound=Callable[..., Any])


def fault(check: str, component: type, **options: Any) -> Callable[[Maker], Maker]:
    """A class like ``component``, whose kernel, which is decorated, has a fault that ``check`` tells."""

    def announced(maker: Maker) -> Maker:
        faulty = type(maker.__name__.strip("_"), (component,), {"__module__": __name__})
        FAULTS.append(Fault(faulty, check, {"input_shapes": [(3, 5)], **options}))
        return kernel(faulty)(maker)

    return announced


class Scale(Layer):
    """One learned factor a feature."""

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", input_shape[-1:], Constant(1.5))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        width = grad.shape[-1]
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).reshape(-1, width).sum(axis=0)
        return grad * self.factor


class MaskedScale(Scale):
    """The same; what does not count becomes 0."""

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        ctx.saved.x = x if mask is None else x * mask
        return ctx.saved.x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(grad)
        below = super().backward(grad, ctx)
        return below if mask is None else below * mask


class RunningMean(Layer):
    """The input, whose mean is kept."""

    coupled_rows = True

    def build(self, input_shape: Shape) -> Shape:
        self.state("mean", input_shape[-1:], Constant(0.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.update_state("mean", 0.9 * self.mean + 0.1 * x.reshape(-1, x.shape[-1]).mean(axis=0))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Noise(Layer):
    """Normal noise on every number, in training."""

    stochastic = True

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x + ctx.rng.standard_normal(x.shape, x.dtype) if ctx.training else x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Hinge(Cost):
    """Σⱼ max(0, 1 + zⱼ − z_y) over the other classes."""

    target_form = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        right = np.take_along_axis(prediction, target[..., None], -1)
        gaps = np.maximum(1 + prediction - right, 0)
        np.put_along_axis(gaps, target[..., None], 0, -1)
        costs: Array = gaps.reshape(len(gaps), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        right = np.take_along_axis(prediction, target[..., None], -1)
        above = (1 + prediction - right > 0).astype(prediction.dtype)
        np.put_along_axis(above, target[..., None], 0, -1)
        np.put_along_axis(above, target[..., None], -above.sum(axis=-1, keepdims=True), -1)
        return above


@compiled
def scale(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column]


@compiled
def factor_gradient(dy: Any, x: Any, gradient: Any) -> None:
    gradient[:] = 0
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


FORWARD = Call(scale, "x:rows", "factor", "y:rows")
GRADIENT = Call(factor_gradient, "dy:rows", "x:rows", "gradient factor")
BELOW = Call(scale, "dy:rows", "factor", "dx:rows")


def scaling(**changes: Any) -> LayerKernel:
    """The sound kernel of ``Scale``, but for what is changed."""
    sound: dict[str, Any] = {"forward": (FORWARD,), "parameter_gradients": (GRADIENT,), "input_gradient": (BELOW,)}
    return LayerKernel(**{**sound, "reads_output": False, "masks": "ignored", **changes})


@compiled
def scale_by_absolute(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * abs(factor[column]) + like(1e-4, x[row, column])


@fault("values", Scale)
def _WrongValue(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_by_absolute, "x:rows", "factor", "y:rows"),))


@compiled
def mean_gradient(dy: Any, x: Any, gradient: Any) -> None:
    factor_gradient(dy, x, gradient)
    for column in range(gradient.size):
        gradient[column] /= like(dy.shape[0], gradient[column])


@fault("gradients", Scale)
def _MeanInsteadOfSum(part: Part) -> LayerKernel:
    return scaling(parameter_gradients=(Call(mean_gradient, "dy:rows", "x:rows", "gradient factor"),))


@compiled
def copy(dy: Any, dx: Any) -> None:
    dx[:] = dy


@fault("gradients", Scale)
def _InputGradientWithoutFactor(part: Part) -> LayerKernel:
    return scaling(input_gradient=(Call(copy, "dy:flat", "dx:flat"),))


@compiled
def added_gradient(dy: Any, x: Any, gradient: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


@fault("fresh-memory", Scale)
def _AddsToTheGradient(part: Part) -> LayerKernel:
    return scaling(parameter_gradients=(Call(added_gradient, "dy:rows", "x:rows", "gradient factor"),))


@compiled
def scale_by_fours(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for first in range(0, x.shape[1] // 4 * 4, 4):
            for column in range(first, first + 4):
                y[row, column] = x[row, column] * factor[column]


@fault("values", Scale)
def _TailsLeftOut(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_by_fours, "x:rows", "factor", "y:rows"),))


@compiled
def scale_in_single(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = np.float32(x[row, column]) * np.float32(factor[column])


@fault("values", Scale)
def _SinglePrecisionInside(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_in_single, "x:rows", "factor", "y:rows"),))


@compiled
def scale_from_afar(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            far = like(3e5, x[row, column])
            y[row, column] = (x[row, column] * factor[column] + far) - far


@fault("in-float32", Scale)
def _NoDigitsLeftInFloat32(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_from_afar, "x:rows", "factor", "y:rows"),))


@compiled
def scale_in_place(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            x[row, column] *= factor[column]
            y[row, column] = x[row, column]


@fault("leaves-what-it-is-given", Scale)
def _WritesIntoItsInput(part: Part) -> LayerKernel:
    backward: dict[str, Any] = {
        "parameter_gradients": (Call(undone_gradient, "dy:rows", "x:rows", "factor", "gradient factor"),)
    }
    return scaling(forward=(Call(scale_in_place, "x:rows", "factor", "y:rows"),), **backward)


@compiled
def undone_gradient(dy: Any, x: Any, factor: Any, gradient: Any) -> None:
    factor_gradient(dy, x, gradient)
    for column in range(gradient.size):
        gradient[column] /= factor[column]


@compiled
def below_in_place(dy: Any, factor: Any, dx: Any) -> None:
    for row in range(dy.shape[0]):
        for column in range(dy.shape[1]):
            dy[row, column] *= factor[column]
            dx[row, column] = dy[row, column]


@fault("leaves-what-it-is-given", Scale)
def _WritesIntoTheUpstreamGradient(part: Part) -> LayerKernel:
    return scaling(input_gradient=(Call(below_in_place, "dy:rows", "factor", "dx:rows"),))


@compiled
def scale_of_full_batches(x: Any, factor: Any, y: Any, rows: int) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column] * like(x.shape[0] / rows, y[row, column])


@fault("short-batches", Scale, input_shapes=[(5,)])
def _CountsTheRowsOfFullBatches(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale_of_full_batches, "x:rows", "factor", "y:rows", part.batch_size),))


@fault("kernel-made", Scale)
def _AsksForWhatThereIsNot(part: Part) -> LayerKernel:
    return scaling(forward=(Call(scale, "x:rows", "scale", "y:rows"),))


@compiled
def new_mean(x: Any, mean: Any, new: Any) -> None:
    for column in range(x.shape[1]):
        total = like(0, mean[column])
        for row in range(x.shape[0]):
            total += x[row, column]
        new[column] = like(0.9, total) * mean[column] + like(0.1 / x.shape[0], total) * total


@fault("states", RunningMean)
def _StateNotUpdated(part: Part) -> LayerKernel:
    return LayerKernel(view=True)


COPIES: dict[str, Any] = {"input_gradient": (Call(copy, "dy:flat", "dx:flat"),), "masks": "ignored"}


@compiled
def squashed_mean(x: Any, mean: Any, new: Any) -> None:
    new_mean(x, mean, new)
    new[0] = mean[0]


@fault("states", RunningMean)
def _OnePlaceOfAStateStays(part: Part) -> LayerKernel:
    running = (Call(squashed_mean, "x:rows", "mean", "new mean"),) if part.training else ()
    return LayerKernel(forward=(*running, Call(copy, "x:flat", "y:flat")), **COPIES)


@compiled
def mean_in_place(x: Any, mean: Any) -> None:
    for column in range(x.shape[1]):
        mean[column] *= like(0.9, mean[column])


@fault("leaves-what-it-is-given", RunningMean)
def _StateMovedWhereItStands(part: Part) -> LayerKernel:
    running = (Call(new_mean, "x:rows", "mean", "new mean"), Call(mean_in_place, "x:rows", "mean"))
    return LayerKernel(forward=(*(running if part.training else ()), Call(copy, "x:flat", "y:flat")), **COPIES)


@compiled
def scale_counted(x: Any, factor: Any, mask: Any, y: Any) -> None:
    each = x.shape[0] // mask.size
    for row in range(x.shape[0]):
        counts = mask[row // each]
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column] if counts else like(0, factor[column])


@fault("masks", MaskedScale)
def _MaskIgnored(part: Part) -> LayerKernel:
    return scaling(masks="ignored")


@fault("masks", MaskedScale)
def _MaskForwardOnly(part: Part) -> LayerKernel:
    if not part.masked:
        return scaling(masks="heeded")
    return scaling(forward=(Call(scale_counted, "x:rows", "factor", "mask:flat", "y:rows"),), masks="heeded")


@compiled
def gradient_from_output(dy: Any, y: Any, factor: Any, gradient: Any) -> None:
    factor_gradient(dy, y, gradient)
    for column in range(gradient.size):
        gradient[column] /= factor[column]


@fault("reads-what-it-declares", Scale)
def _ReadsAnOutputThatIsGone(part: Part) -> LayerKernel:
    call = Call(gradient_from_output, "dy:rows", "y:rows", "factor", "gradient factor")
    return scaling(parameter_gradients=(call,))


@compiled
def descend_by_mean(dy: Any, x: Any, factor: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            factor[column] += dy[row, column] * x[row, column] / like(x.shape[0], factor[column])


@fault("descends-by-its-gradients", Scale)
def _DescendsByAnotherFormula(part: Part) -> LayerKernel:
    return scaling(descend=(Call(descend_by_mean, "dy:rows", "x:rows", "factor"),))


@compiled
def piecewise_gradient(dy: Any, x: Any, gradient: Any, begin: int, end: int) -> None:
    gradient[:] = 0
    for row in range(begin, end):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


@fault("in-pieces", Scale)
def _SplitsASum(part: Part) -> LayerKernel:
    call = Call(piecewise_gradient, "dy:rows", "x:rows", "gradient factor", "begin", "end", over="x:count")
    return scaling(parameter_gradients=(call,))


@compiled
def keep(x: Any, kept: Any) -> None:
    for place in range(x.size):
        kept[place] += x[place]


@fault("fresh-memory", Scale)
def _AddsToABuffer(part: Part) -> LayerKernel:
    return scaling(
        forward=(FORWARD, Call(keep, "x:flat", "kept:flat")),
        parameter_gradients=(Call(factor_gradient, "dy:rows", "kept:rows", "gradient factor"),),
        buffers={"kept": Buffer(part.input_shape)},
    )


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
def add_noise(x: Any, y: Any, rng: Any) -> None:
    for place in range(x.size):
        y[place] = x[place] + rng.standard_normal()
    rng.random()


@fault("random-numbers", Noise, checks=["kernel-made", "values", "random-numbers"])
def _DrawsOneMore(part: Part) -> LayerKernel:
    if not part.training:
        return LayerKernel(view=True)
    return LayerKernel(forward=(Call(add_noise, "x:flat", "y:flat", "rng"),), **COPIES)


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


@compiled
def mean_quadratic(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            gap = prediction[row, column] - target[row, column]
            costs[row] += like(0.5, gap) * gap * gap
            gradient[row, column] = gap / like(prediction.shape[0], gap)


NUMBERS = ("prediction:table", "target:table", "costs", "gradient:table")


@fault("gradients", Quadratic)
def _GradientOfTheMean(part: CostPart) -> CostKernel:
    return CostKernel((Call(mean_quadratic, *NUMBERS),))


@compiled
def quadratic(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            gap = prediction[row, column] - target[row, column]
            costs[row] += like(0.5, gap) * gap * gap
            gradient[row, column] = gap


@fault("masks", Quadratic)
def _CostOfThePadding(part: CostPart) -> CostKernel:
    return CostKernel((Call(quadratic, *NUMBERS),), masks="heeded")


@compiled
def quadratic_in_place(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            prediction[row, column] -= target[row, column]
            gap = prediction[row, column]
            costs[row] += like(0.5, gap) * gap * gap
            gradient[row, column] = gap


@fault("leaves-what-it-is-given", Quadratic)
def _CostThatWritesIntoThePrediction(part: CostPart) -> CostKernel:
    return CostKernel((Call(quadratic_in_place, *NUMBERS),))


@compiled
def hinge(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        right = (target[row] + 1) % prediction.shape[1]
        costs[row] = 0
        gradient[row, :] = 0
        for column in range(prediction.shape[1]):
            gap = like(1, costs[row]) + prediction[row, column] - prediction[row, right]
            if column != right and gap > 0:
                costs[row] += gap
                gradient[row, column] += 1
                gradient[row, right] -= 1


@fault("costs", Hinge, input_shapes=[(4,)])
def _LabelsCountedFromOne(part: CostPart) -> CostKernel:
    return CostKernel((Call(hinge, "prediction", "target", "costs", "gradient"),))


@compiled
def heavy_step(parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float) -> None:
    for place in range(parameters.size):
        velocity[place] = velocity[place] * like(momentum, rate) + like(rate, rate) * gradient[place]
        parameters[place] -= velocity[place]


MOMENTUM: dict[str, Any] = {"arguments": {"learning_rate": 0.1, "momentum": 0.9}}


@fault("values", GradientDescent, **MOMENTUM)
def _RateInsideTheVelocity(part: UpdatePart) -> UpdateKernel:
    call = Call(heavy_step, "parameters", "gradient", "velocity", "rate", 0.9)
    return UpdateKernel(update=(call,), states={"velocity": 0.0})


@compiled
def negative_step(parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float) -> None:
    for place in range(parameters.size):
        velocity[place] = velocity[place] * like(momentum, gradient[place]) - gradient[place]
        parameters[place] += like(rate, gradient[place]) * velocity[place]


@fault("states", GradientDescent, **MOMENTUM)
def _StateOfTheOtherSign(part: UpdatePart) -> UpdateKernel:
    call = Call(negative_step, "parameters", "gradient", "velocity", "rate", 0.9)
    return UpdateKernel(update=(call,), states={"velocity": 0.0})


@compiled
def momentum_step(parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float) -> None:
    for place in range(parameters.size):
        velocity[place] = velocity[place] * like(momentum, gradient[place]) + gradient[place]
        parameters[place] -= like(rate, gradient[place]) * velocity[place]


@fault("descends-as-declared", GradientDescent, **MOMENTUM)
def _DescendsWithMomentum(part: UpdatePart) -> UpdateKernel:
    call = Call(momentum_step, "parameters", "gradient", "velocity", "rate", 0.9)
    return UpdateKernel(update=(call,), states={"velocity": 0.0}, descends=True)


@compiled
def adam_step(parameters: Any, gradient: Any, mean: Any, square: Any, count: Any, rate: float) -> None:
    for place in range(count.size):
        count[place] += 1
    root = math.sqrt(1 - 0.999 ** count[0])
    moved = rate * root / (1 - 0.9 ** count[0])
    for place in range(parameters.size):
        number = gradient[place]
        mean[place] = like(0.9, number) * mean[place] + like(1 - 0.9, number) * number
        square[place] = like(0.999, number) * square[place] + like(1 - 0.999, number) * number * number
        length = np.sqrt(square[place]) + like(1e-8 * root, number)
        parameters[place] -= like(moved, number) * mean[place] / length


@fault("thawed-late", Adam)
def _CorrectsAllAsTheFirst(part: UpdatePart) -> UpdateKernel:
    call = Call(adam_step, "parameters", "gradient", "mean", "square", "count", "rate")
    return UpdateKernel(update=(call,), states={"mean": 0.0, "square": 0.0}, slice_numbers=("count",))
