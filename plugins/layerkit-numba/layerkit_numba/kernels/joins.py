"""Layers that make one array of several."""

from __future__ import annotations

import math
from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.copying import copy_run
from layerkit_numba.interface import Argument, Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.mathematics import like, natural

_IN_PIECES: tuple[Argument, ...] = "begin", "end"
_GRAIN = 16


@compiled
def add(one: Any, other: Any, total: Any, begin: int, end: int) -> None:
    """one + other."""
    for place in range(natural(begin), natural(end)):
        total[place] = one[place] + other[place]


@compiled
def add_to(other: Any, total: Any, begin: int, end: int) -> None:
    """Add to what is there."""
    for place in range(natural(begin), natural(end)):
        total[place] += other[place]


@compiled
def multiply(one: Any, other: Any, product: Any, begin: int, end: int) -> None:
    """one · other."""
    for place in range(natural(begin), natural(end)):
        product[place] = one[place] * other[place]


@compiled
def multiply_by(other: Any, product: Any, begin: int, end: int) -> None:
    """Multiply what is there."""
    for place in range(natural(begin), natural(end)):
        product[place] *= other[place]


@compiled
def share_of(whole: Any, share: Any, count: int, begin: int, end: int) -> None:
    """One of so many equal parts of each number; both may be the same array."""
    for place in range(natural(begin), natural(end)):
        share[place] = whole[place] * like(1 / count, whole[place])


@compiled
def put(part: Any, whole: Any, rows: int, own: int, all_of_them: int, start: int, begin: int, end: int) -> None:
    """Copy ``own`` numbers of each row to their place among all of them; an example has so many ``rows``."""
    for row in range(begin * rows, end * rows):
        copy_run(part, row * own, whole, row * all_of_them + start, own)


@compiled
def take(whole: Any, part: Any, rows: int, own: int, all_of_them: int, start: int, begin: int, end: int) -> None:
    """Copy ``own`` numbers of each row from their place among all of them."""
    for row in range(begin * rows, end * rows):
        copy_run(whole, row * all_of_them + start, part, row * own, own)


def over_all(function: Any, *arguments: Argument) -> Call:
    """A call over the numbers of its first arguments, which may be cut anywhere."""
    return Call(function, *arguments, *_IN_PIECES, over=f"{str(arguments[0]).removesuffix(':flat')}:size", grain=_GRAIN)


@kernel("layerkit.layers.add:Add")
def _add(part: Part) -> LayerKernel:
    count = len(part.input_shape)
    return _of_several(part, _folded(count, add, add_to), same={f"dx{place}": "dy" for place in range(count)})


@kernel("layerkit.layers.average:Average")
def _average(part: Part) -> LayerKernel:
    count = len(part.input_shape)
    shared = over_all(share_of, "y:flat", "y:flat", count)
    return _of_several(
        part,
        (*_folded(count, add, add_to), shared),
        input_gradient=(over_all(share_of, "dy:flat", "share:flat", count),),
        buffers={"share": Buffer(part.output_shape)},
        same={f"dx{place}": "share" for place in range(count)},
    )


@kernel("layerkit.layers.multiply:Multiply")
def _multiply(part: Part) -> LayerKernel:
    last = len(part.input_shape) - 1
    buffers = {f"below {place}": Buffer(part.output_shape) for place, held in enumerate(part.integers) if held}
    below = [f"{f'below {place}' if held else f'dx{place}'}:flat" for place, held in enumerate(part.integers)]
    back = []
    # each is δ times all in front of it, from the left, and then times all behind it, from the right
    so_far = "dy:flat"
    for place in range(1, last + 1):
        back.append(over_all(multiply, so_far, f"x{place - 1}:flat", below[place]))
        so_far = below[place]
    behind = f"x{last}:flat"
    for place in range(last - 1, 0, -1):
        back.append(over_all(multiply_by, behind, below[place]))
        if place == last - 1:
            back.append(over_all(multiply, behind, f"x{place}:flat", "behind:flat"))
            behind, buffers["behind"] = "behind:flat", Buffer(part.output_shape)
        else:
            back.append(over_all(multiply_by, f"x{place}:flat", behind))
    back.append(over_all(multiply, "dy:flat", behind, below[0]))
    forward = _folded(last + 1, multiply, multiply_by)
    return _of_several(part, forward, input_gradient=tuple(back), buffers=buffers, reads_input=True)


@kernel("layerkit.layers.concatenate:Concatenate")
def _concatenate(part: Part) -> LayerKernel:
    axis = part.layer.axis
    place = axis - 1 if axis > 0 else axis + len(part.output_shape)
    rows, joined = math.prod(part.output_shape[:place]), math.prod(part.output_shape[place:])
    forward, back, start = [], [], 0
    for number, shape in enumerate(part.input_shape):
        own = math.prod(shape[place:])
        numbers = rows, own, joined, start, *_IN_PIECES
        forward.append(Call(put, f"x{number}:flat", "y:flat", *numbers, over="n"))
        if not part.integers[number]:
            back.append(Call(take, "dy:flat", f"dx{number}:flat", *numbers, over="n"))
        start += own
    return _of_several(part, tuple(forward), input_gradient=tuple(back))


def _folded(count: int, of_two: Any, of_more: Any) -> tuple[Call, ...]:
    """((x₀ ∘ x₁) ∘ x₂) ∘ …"""
    more = (over_all(of_more, f"x{place}:flat", "y:flat") for place in range(2, count))
    return over_all(of_two, "x0:flat", "x1:flat", "y:flat"), *more


def _of_several(part: Part, forward: tuple[Call, ...], *, reads_input: bool = False, **options: Any) -> LayerKernel:
    if len(part.input_shape) == 1:
        # of one array it is that array
        return LayerKernel(same={"y": "x", "dx": "dy"}, reads_input=False, reads_output=False, masks="ignored")
    return LayerKernel(forward=forward, reads_input=reads_input, reads_output=False, masks="ignored", **options)
