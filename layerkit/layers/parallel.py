"""Layers side by side, and what joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from layerkit.arguments import check_instance
from layerkit.errors import ArgumentError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.layers.concatenate import Concatenate
from layerkit.layers.wiring import Step, Wiring, told
from layerkit.shapes import is_many, with_batch
from layerkit.types import Shape, Value

_JOINED = "joined"


@final
class Parallel(Layer):
    """y = join(f₁(x), f₂(x), …, fₙ(x)): branches side by side; with names, each reads an input of its own, f(x[name]).

    Branches in a list read the same input, and their gradients with respect to it are added up. Branches in a
    dictionary read several inputs: ``model.predict({"image": …, "age": …})``, or a tuple of arrays in the order of the
    dictionary.

    Args:
        branches: at least two layers, in a list, or in a dictionary by the name of the input that each reads.
        join: the layer that takes what they give, a tuple of arrays: ``Concatenate()`` by default, or ``Add()``,
            ``Multiply()``, ``Average()``, or any layer of several inputs.

    Raises:
        ShapeError: at build, if the branches' outputs do not fit together, or there is not one input for each name.

    >>> import numpy as np
    >>> from layerkit import Dense, Sequential, Tanh
    >>> wide_and_deep = Parallel([Dense(2), Sequential([Dense(8, activation=Tanh()), Dense(3)])])
    >>> Sequential([wide_and_deep]).initialize(4).output_shape
    (5,)
    >>> model = Sequential([Parallel({"image": Dense(3), "age": Dense(2)}), Dense(1)])
    >>> model = model.initialize({"image": 6, "age": 1}, seed=0)
    >>> model.predict({"age": np.ones((2, 1)), "image": np.ones((2, 6))}).shape
    (2, 1)
    """

    recordable = True

    def __init__(self, branches: Sequence[Layer] | Mapping[str, Layer], *, join: Layer | None = None) -> None:
        if not isinstance(branches, (list, tuple, Mapping)) or len(branches) < 2:
            raise ArgumentError(
                "Parallel: branches must be a list of at least two layers, or a dictionary of them by the name of the "
                f"input that each reads, got {branches!r}"
            )
        check_instance(self, "join", join, Layer, optional=True)
        self.branches = branches
        self.join = join
        named = isinstance(branches, Mapping)
        for name in branches if named else ():
            if not isinstance(name, str) or not name or "." in name or name == _JOINED:
                raise ArgumentError(
                    f"Parallel: branches: {name!r} cannot be the name of one: give text without a dot, other than "
                    f"{_JOINED!r}"
                )
        self._layers = dict(branches) if named else {str(place): layer for place, layer in enumerate(branches)}
        for name, layer in self._layers.items():
            check_instance(self, f"branches[{name!r}]" if named else f"branches[{name}]", layer, Layer)
        self._inputs = len(branches) if named else 1
        steps = [Step(name, (place if named else 0,), False) for place, name in enumerate(self._layers)]
        joined = Step(_JOINED, tuple(range(self._inputs, self._inputs + len(steps))), True)
        self._wiring = Wiring(self._inputs, [*steps, joined])
        self._layers[_JOINED] = Concatenate() if join is None else join

    @property
    def integer_input(self) -> IntegerInput:  # type: ignore[override]
        """What the branches make of integers, of each input where there are several."""
        return told(self._wiring.integer_inputs(self._layers))

    @property
    def input_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(self.branches) if isinstance(self.branches, Mapping) else ()

    @property
    def part_inputs(self) -> Mapping[str, tuple[str, ...]]:  # type: ignore[override]
        names = [name for name in self._layers if name != _JOINED]
        own = {name: (name,) for name in names} if self.input_names else {}
        return own | {_JOINED: tuple(names)}

    def build(self, input_shape: Shape) -> Shape:
        if not self.input_names:
            return self._wiring.build(self, self._layers, [input_shape])
        if not is_many(input_shape) or len(input_shape) != self._inputs:
            raise ShapeError(
                f"Parallel: its {self._inputs} branches read one input each, {', '.join(map(repr, self.input_names))}, "
                f"got inputs of {with_batch(input_shape)}"
            )
        return self._wiring.build(self, self._layers, input_shape)

    def connect(self, ctx: Context) -> None:
        self._wiring.connect(ctx, self._layers)

    def forward(self, x: Value, ctx: Context) -> Value:
        return self._wiring.forward(x if self.input_names else (x,), ctx)

    def backward(self, grad: Value, ctx: Context) -> Value:
        below = self._wiring.backward(grad, ctx)
        if not ctx.needs_input_gradient:
            return None
        return below if self.input_names else below[0]
