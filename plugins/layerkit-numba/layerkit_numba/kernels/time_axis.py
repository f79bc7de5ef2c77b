"""Containers that run their layer along the axis of time: on each step, or from both ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from layerkit.errors import EngineError
from layerkit_numba.compilation import compiled
from layerkit_numba.copying import copy_run
from layerkit_numba.interface import Backward, Buffer, Call, Forward, LayerKernel, Part, Step, kernel
from layerkit_numba.kernels.joins import add, over_all
from layerkit_numba.occurrences import as_shapes, numbered


@compiled
def keep_counted(source: Any, mask: Any, target: Any, begin: int, end: int) -> None:
    """The steps that count, and zeros for the others; ``source`` and ``target`` ``(n, all numbers)``."""
    each = source.shape[1] // mask.shape[1]
    for row in range(begin, end):
        for place in range(source.shape[1]):
            if mask[row, place // each]:
                target[row, place] = source[row, place]
            else:
                target[row, place] = 0


@compiled
def reverse_all(order: Any) -> None:
    """For each step, the one that takes its place."""
    for row in range(order.shape[0]):
        for step in range(order.shape[1]):
            order[row, step] = order.shape[1] - 1 - step


@compiled
def reverse_counted(mask: Any, order: Any) -> None:
    """For each step, the one that takes its place: those that count change places, the others stay."""
    for row in range(order.shape[0]):
        for step in range(order.shape[1]):
            order[row, step] = step
        first, last = 0, order.shape[1] - 1
        while first < last:
            if not mask[row, first]:
                first += 1
            elif not mask[row, last]:
                last -= 1
            else:
                order[row, first], order[row, last] = last, first
                first += 1
                last -= 1


@compiled
def turn_steps(source: Any, order: Any, target: Any, each: int, begin: int, end: int) -> None:
    """Each step where ``order`` says, of so many numbers."""
    steps = order.shape[1]
    for row in range(begin, end):
        for step in range(steps):
            copy_run(source, (row * steps + order[row, step]) * each, target, (row * steps + step) * each, each)


@kernel("layerkit.layers.time_distributed:TimeDistributed")
def _time_distributed(part: Part) -> LayerKernel:
    if not part.masked:
        return LayerKernel(
            forward=(Forward("inner", "x", each_step=True),),
            backward=(Backward("inner", "dy"),),
            same={"y": "inner.y"} | ({"dx": "inner.dx"} if part.needs_input_gradient else {}),
            masks="ignored",
        )
    _require_steps(part)
    for name, inner in _below(part, ""):
        if inner.training and (inner.layer.stochastic or inner.layer.coupled_rows):
            raise EngineError(
                f"the kernel of TimeDistributed knows no masks around {type(inner.layer).__name__}, its part {name}, "
                "which is to see the steps that count alone: train with the engine 'numpy', which does"
            )
    back: tuple[Step, ...] = (_kept("dy", "dy counted"), Backward("inner", "dy counted"))
    if part.needs_input_gradient:
        back += (_kept("inner.dx", "dx"),)
    held = "int64" if part.integers[0] else ""
    return LayerKernel(
        forward=(_kept("x", "x counted"), Forward("inner", "x counted", each_step=True), _kept("inner.y", "y")),
        backward=back,
        buffers={"x counted": Buffer(part.input_shape, dtype=held), "dy counted": Buffer(part.output_shape)},
        masks="heeded",
    )


@kernel("layerkit.layers.bidirectional:Bidirectional")
def _bidirectional(part: Part) -> LayerKernel:
    steps, *features = part.input_shape
    gives = part.parts["back"].output_shape
    joined, over_time = part.parts["joined"], len(gives) > 1
    if part.masked:
        _require_steps(part)
    order = Call(reverse_counted, "mask", "order") if part.masked else Call(reverse_all, "order")
    each, of_each = math.prod(features), math.prod(gives[1:])
    buffers = {
        "order": Buffer((steps,), dtype="int64"),
        "x turned": Buffer(part.input_shape, dtype="int64" if part.integers[0] else ""),
    }
    forward: list[Step] = [Forward("ahead", "x"), order, _turned("x", "x turned", each), Forward("back", "x turned")]
    back: list[Step] = [Backward("joined", "dy")]
    other, upstream = "back.y", "joined.dx1"
    if over_time:
        forward.append(_turned("back.y", "y turned", of_each))
        other, buffers["y turned"] = "y turned", Buffer(gives)
        if joined.needs_input_gradient:
            back.append(_turned("joined.dx1", "dy turned", of_each))
            upstream, buffers["dy turned"] = "dy turned", Buffer(gives)
    forward.append(Forward("joined", "ahead.y", other))
    if joined.needs_input_gradient:
        back += [Backward("ahead", "joined.dx0"), Backward("back", upstream)]
    if part.needs_input_gradient:
        back += [
            _turned("back.dx", "dx turned", each),
            over_all(add, "ahead.dx:flat", "dx turned:flat", "dx:flat"),
        ]
        buffers["dx turned"] = Buffer(part.input_shape)
    return LayerKernel(
        forward=tuple(forward),
        backward=tuple(back),
        buffers=buffers,
        same={name: f"joined.{name}" for name in numbered("y", as_shapes(joined.output_shape))},
        masks="heeded",
    )


def _kept(source: str, target: str) -> Call:
    return Call(keep_counted, f"{source}:table", "mask", f"{target}:table", "begin", "end", over="n")


def _turned(source: str, target: str, each: int) -> Call:
    return Call(turn_steps, f"{source}:flat", "order", f"{target}:flat", each, "begin", "end", over="n")


def _require_steps(part: Part) -> None:
    """Refuse masks of other steps than the layer's.

    Raises:
        EngineError: they are.
    """
    if part.steps != part.input_shape[0]:
        raise EngineError(
            f"the masks have {part.steps} steps, and the inputs of {part.path} ({type(part.layer).__name__}) "
            f"{part.input_shape[0]}: train with the engine 'numpy', which says what is wrong"
        )


def _below(part: Part, path: str) -> Iterator[tuple[str, Part]]:
    """All parts of a part, by their paths in it."""
    for name, inner in part.parts.items():
        yield f"{path}{name}", inner
        yield from _below(inner, f"{path}{name}.")
