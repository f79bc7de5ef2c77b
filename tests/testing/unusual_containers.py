"""Sound containers of unusual conduct: parts in helpers, copies of a template, parts that may be missing."""

from __future__ import annotations

from typing import Any

from layerkit import Activation, Context, Dense, Layer, Sigmoid, Tanh
from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape


class _Pair:
    """Two layers of a helper object's."""

    def __init__(self, units: int) -> None:
        self.layers = {"up": Dense(2 * units, activation=Tanh()), "down": Dense(units)}


class Bottle(Layer):
    """x + down(up(x)), with parts in an object of its own, made in the constructor."""

    def __init__(self, units: int) -> None:
        check_integer(self, "units", units, minimum=1)
        self.units = units
        self._pair = _Pair(units)

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or input_shape[-1] != self.units:
            raise ShapeError(f"Bottle: the last axis must have the length {self.units}, got {input_shape}")
        shape = input_shape
        for name, layer in self._pair.layers.items():
            shape = self.part(name, layer, shape)
        return shape

    def forward(self, x: Array, ctx: Context) -> Any:
        return x + ctx.part("down").forward(ctx.part("up").forward(x))

    def backward(self, grad: Array, ctx: Context) -> Any:
        return grad + ctx.part("up").backward(ctx.part("down").backward(grad))


class Copies(Layer):
    """f₂(f₁(x)), two copies of a layer that is a template and is not run itself."""

    def __init__(self, template: Layer) -> None:
        check_instance(self, "template", template, Layer)
        self.template = template
        self._copies = [template.copy() for _ in range(2)]

    def build(self, input_shape: Shape) -> Shape:
        shape = input_shape
        for place, layer in enumerate(self._copies):
            shape = self.part(f"copy{place}", layer, shape)
        return shape

    def forward(self, x: Any, ctx: Context) -> Any:
        for part in ctx.parts:
            x = part.forward(x)
        return x

    def backward(self, grad: Any, ctx: Context) -> Any:
        for part in reversed(ctx.parts):
            grad = part.backward(grad)
        return grad


class Optional(Layer):
    """f(x), where f is an argument, or else a layer that the constructor makes."""

    def __init__(self, inner: Layer | None = None, *, gate: Activation | None = None) -> None:
        check_instance(self, "inner", inner, Layer, optional=True)
        check_instance(self, "gate", gate, Activation, optional=True)
        self.inner = inner
        self.gate = gate
        self._inner = Dense(3) if inner is None else inner

    def build(self, input_shape: Shape) -> Shape:
        shape = self.part("body", self._inner, input_shape)
        # an activation has no values, and may be made where it is used
        return self.part("function", Sigmoid() if self.gate is None else self.gate, shape)

    def forward(self, x: Any, ctx: Context) -> Any:
        return ctx.part("function").forward(ctx.part("body").forward(x))

    def backward(self, grad: Any, ctx: Context) -> Any:
        return ctx.part("body").backward(ctx.part("function").backward(grad))


HONEST: list[tuple[type, dict[str, Any]]] = [
    (Bottle, {"arguments": {"units": 3}, "input_shapes": [(3,), (2, 3)]}),
    (Copies, {"arguments": {"template": Dense(4, activation=Tanh())}, "input_shapes": [(4,), (None, 4)]}),
    (Copies, {"arguments": {"template": Tanh()}}),
    (Optional, {}),
    (Optional, {"arguments": {"inner": Dense(2), "gate": Tanh()}}),
]
