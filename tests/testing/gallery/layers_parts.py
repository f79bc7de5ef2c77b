"""Layers that treat their arguments and their parts wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit import Activation, Context, Dense, Layer, ReLU, Tanh
from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum, Scale


class Around(Layer):
    """f(x), where f is another layer; the sound one."""

    def __init__(self, inner: Layer) -> None:
        check_instance(self, "inner", inner, Layer)
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        return self.part("body", self.inner, input_shape)

    def connect(self, ctx: Context) -> None:
        ctx.part("body").needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Any, ctx: Context) -> Any:
        return ctx.part("body").forward(x)

    def backward(self, grad: Any, ctx: Context) -> Any:
        return ctx.part("body").backward(grad)


class RunsItsArgument(Scale):
    """Runs an activation on its own context, as if it were a function."""

    def __init__(self, activation: Activation) -> None:
        check_instance(self, "activation", activation, Activation)
        self.activation = activation

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        ctx.saved.z = y
        return self.activation.forward(y, ctx)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below: Any = self.activation.backward(grad, ctx)
        return super().backward(below, ctx)


class TakesADerivative(Scale):
    """Takes the slope of an activation that is no part, and writes its curve down itself."""

    def __init__(self, activations: Sequence[Activation]) -> None:
        if not isinstance(activations, (list, tuple)):
            raise TypeError(f"TakesADerivative: activations must be a list, got {activations!r}")
        self.activations = activations

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.z = super().forward(x, ctx)
        return np.tanh(ctx.saved.z)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad * self.activations[0].derivative(ctx.saved.z), ctx)


class BuildSetsAnArgument(Scale):
    """The number of features, when not given, becomes the argument."""

    def __init__(self, features: int | None = None) -> None:
        if features is not None:
            check_integer(self, "features", features, minimum=1)
        self.features = features

    def build(self, input_shape: Shape) -> Shape:
        if self.features is None and input_shape:
            self.features = input_shape[-1]
        return super().build(input_shape)


class BuildFillsInALayer(Around):
    """An inner layer, when not given, is made in build, and becomes the argument."""

    def __init__(self, inner: Layer | None = None) -> None:
        check_instance(self, "inner", inner, Layer, optional=True)
        self.inner = inner  # type: ignore[assignment]

    def build(self, input_shape: Shape) -> Shape:
        if self.inner is None:
            self.inner = Tanh()
        return super().build(input_shape)


class BuildAppends(Layer):
    """Build adds a layer to those that are the argument."""

    def __init__(self, layers: list[Layer]) -> None:
        if not isinstance(layers, (list, tuple)):
            raise TypeError(f"BuildAppends: layers must be a list, got {layers!r}")
        self.layers = layers

    def build(self, input_shape: Shape) -> Shape:
        if not isinstance(self.layers[-1], ReLU):
            self.layers = [*self.layers, ReLU()]
        shape = input_shape
        for place, layer in enumerate(self.layers):
            shape = self.part(str(place), layer, shape)
        return shape

    def forward(self, x: Any, ctx: Context) -> Any:
        for part in ctx.parts:
            x = part.forward(x)
        return x

    def backward(self, grad: Any, ctx: Context) -> Any:
        for part in reversed(ctx.parts):
            grad = part.backward(grad)
        return grad


class UpdateSetsAnArgument(Momentum):
    """The rate falls, as an argument that is written to."""

    def update(self, parameters: Array, gradient: Array, ctx: Any) -> None:
        super().update(parameters, gradient, ctx)
        rate: Any = self.learning_rate
        self.learning_rate = rate * 0.999


class MadeInBuild(Layer):
    """A dense layer of the input's width is made by each build."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(f"MadeInBuild: the last axis must have a known length, got {input_shape}")
        return self.part("body", Dense(input_shape[-1]), input_shape)

    forward, backward, connect = Around.forward, Around.backward, Around.connect


class MadeInTheFirstBuild(MadeInBuild):
    """A dense layer is made by the first build, and kept: built again for another width it does not fit."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(f"MadeInTheFirstBuild: the last axis must have a known length, got {input_shape}")
        if "_inner" not in self.__dict__:
            self._inner = Dense(input_shape[-1])
        return self.part("body", self._inner, input_shape)


class LosesItsPart(Around):
    """A copy has a fresh part in the place of the one that had learned."""

    def __init__(self) -> None:
        self._inner = Dense(3)

    def build(self, input_shape: Shape) -> Shape:
        return self.part("body", self._inner, input_shape)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state.pop("_inner", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "_inner": Dense(3)})


class LosesItsValues(Scale):
    """A copy has the arguments and no value."""

    def __getstate__(self) -> dict[str, Any]:
        return {"_values": ()}


SHAPES = {"input_shapes": [(4,), (2, 3)]}
WITH_TANH = {"arguments": {"activation": Tanh()}}

BUGS = [
    Bug(RunsItsArgument, "layers-are-parts", "self.part", WITH_TANH),
    Bug(TakesADerivative, "layers-are-parts", "self.part", {"arguments": {"activations": [Tanh()]}}),
    Bug(BuildSetsAnArgument, "arguments-kept", "build"),
    Bug(BuildFillsInALayer, "arguments-kept", "'inner'", SHAPES),
    Bug(BuildAppends, "arguments-kept", "'layers'", {"arguments": {"layers": [Dense(3)]}}),
    Bug(UpdateSetsAnArgument, "arguments-kept", "'learning_rate'"),
    Bug(MadeInBuild, "parts-from-the-constructor", "parts in the constructor", SHAPES),
    Bug(MadeInTheFirstBuild, "parts-from-the-constructor", "parts in the constructor", SHAPES),
    Bug(LosesItsPart, "built-model-pickled", "copy()", {"input_shapes": [(4,)]}),
    Bug(LosesItsValues, "built-model-pickled", "__getstate__"),
]
