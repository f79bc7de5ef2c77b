"""Containers whose parts read inputs and what other parts gave: Graph and Parallel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from layerkit_numba.interface import Backward, Buffer, Forward, LayerKernel, Part, Step, kernel
from layerkit_numba.kernels.joins import add, add_to, over_all
from layerkit_numba.occurrences import as_shapes, numbered


@final
@dataclass(slots=True)
class _Array:
    """What an input brings, or a part gives: its name; and, on the way back, that of its gradient so far.

    ``sum`` is the name under which gradients are added up. ``learned``: a gradient is wanted.
    """

    name: str
    shape: tuple[int, ...]
    sum: str
    learned: bool
    gradient: str = ""


@kernel("layerkit.models.graph:Graph")
@kernel("layerkit.layers.parallel:Parallel")
def _wired(part: Part) -> LayerKernel:
    first = _first(part)
    known = part.layer.input_names
    # an input that has no name is what all parts read that name nothing
    inputs = {name: [array] for name, array in zip(known, first, strict=True)} if len(known) > 1 else {}
    integers = {array.name for array, held in zip(first, part.integers, strict=True) if held}
    given: dict[str, list[_Array]] = {}
    reads: dict[str, list[_Array]] = {}
    forward = list[Step]()
    for name, inner in part.parts.items():
        # in a Parallel an input and the branch that reads it have one name
        sources = part.layer.part_inputs.get(name, known[:1] or ("",))
        reads[name] = [array for source in sources for array in given.get(source, inputs.get(source, first))]
        forward.append(Forward(name, *(array.name for array in reads[name])))
        gives = numbered(f"{name}.y", as_shapes(inner.output_shape))
        given[name] = [_Array(own, shape, f"sum {own}", inner.runs_back) for own, shape in gives.items()]
        if inner.layer.integer_input == "keep" and all(array.name in integers for array in reads[name]):
            integers |= set(gives)
    outputs = tuple(given[name])
    for own, array in numbered("dy", outputs).items():
        array.gradient = own
    buffers: dict[str, Buffer] = {}
    back = list[Step]()
    for name in reversed(given):
        inner = part.parts[name]
        if not inner.runs_back or given[name][0].name in integers:
            continue
        back.append(Backward(name, *(array.gradient for array in given[name])))
        for own, array in numbered(f"{name}.dx", tuple(reads[name])).items():
            if inner.needs_input_gradient and array.learned and array.name not in integers:
                back += _added(array, own, buffers)
    same = {name: array.name for name, array in numbered("y", outputs).items()}
    same |= {array.sum: array.gradient for array in first if array.gradient not in ("", array.sum)}
    return LayerKernel(
        forward=tuple(forward),
        backward=tuple(back),
        buffers=buffers,
        same=same,
        masks="ignored",
    )


def _first(part: Part) -> list[_Array]:
    """The inputs."""
    shapes = as_shapes(part.input_shape)
    names = zip(numbered("x", shapes), numbered("dx", shapes), shapes, strict=True)
    return [_Array(name, shape, gradient, part.needs_input_gradient) for name, gradient, shape in names]


def _added(array: _Array, gradient: str, buffers: dict[str, Buffer]) -> list[Step]:
    """Add a gradient to those that others gave for the same array."""
    known, total = array.gradient, array.sum
    if not known:
        array.gradient = gradient
        return []
    array.gradient = total
    if known == total:
        return [over_all(add_to, f"{gradient}:flat", f"{total}:flat")]
    if not total.startswith("dx"):
        buffers[total] = Buffer(array.shape)
    return [over_all(add, f"{known}:flat", f"{gradient}:flat", f"{total}:flat")]
