"""Zeros around, the inner part of, and repeated pixels of images and sequences: rows of numbers that change places."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from layerkit_numba import Buffer, Call, LayerKernel, Part, compiled, kernel

from layerkit.errors import EngineError
from layerkit_conv.edges import edges_of
from layerkit_conv.numba_kernels.places import place_grid


@compiled
def take_rows(source: Any, places: Any, target: Any, begin: int, end: int) -> None:
    """Each row of the target is the row of the source, in the same example, that ``places`` says."""
    rows = target.shape[0] // places.size
    for example in range(begin, end):
        from_row = example * (source.shape[0] // rows)
        for row in range(places.size):
            place = from_row + places[row]
            for column in range(target.shape[1]):
                target[example * places.size + row, column] = source[place, column]


@compiled
def give_rows(source: Any, places: Any, target: Any, begin: int, end: int) -> None:
    """The transpose: each row of the source is added to the row of the target, which begins with zeros."""
    rows = source.shape[0] // places.size
    size = target.shape[0] // rows
    for example in range(begin, end):
        target[example * size : (example + 1) * size] = 0
        for row in range(places.size):
            place = example * size + places[row]
            for column in range(target.shape[1]):
                target[place, column] += source[example * places.size + row, column]


@kernel("layerkit_conv.zero_padding:ZeroPadding")
def _zero_padding(part: Part) -> LayerKernel:
    edges = edges_of(part.layer, "padding", part.layer.padding, part.input_shape)
    places = _inner(part.input_shape[:-1], part.output_shape[:-1], [before for before, _ in edges])
    return _moved(part, places, give_rows, take_rows, math.prod(part.input_shape[:-1]))


@kernel("layerkit_conv.cropping:Cropping")
def _cropping(part: Part) -> LayerKernel:
    if any(part.integers):
        raise EngineError(
            "Cropping of integers gives integers, and the kernel crops floating numbers: train with the engine 'numpy'"
        )
    edges = edges_of(part.layer, "cropping", part.layer.cropping, part.input_shape)
    places = _inner(part.output_shape[:-1], part.input_shape[:-1], [before for before, _ in edges])
    return _moved(part, places, take_rows, give_rows, math.prod(part.output_shape[:-1]))


@kernel("layerkit_conv.up_sampling:UpSampling")
def _up_sampling(part: Part) -> LayerKernel:
    lengths = part.input_shape[:-1]
    counts, steps = [], []
    for length, larger, step in zip(lengths, part.output_shape[:-1], _steps(lengths), strict=True):
        counts += [length, larger // length]
        steps += [step, 0]
    return _moved(part, _placed(counts, steps, 0), take_rows, give_rows, math.prod(part.output_shape[:-1]))


def _moved(part: Part, places: Iterator[Call], forward: Any, backward: Any, rows: int) -> LayerKernel:
    return LayerKernel(
        forward=(*places, Call(forward, "x:rows", "places", "y:rows", "begin", "end", over="n")),
        input_gradient=(Call(backward, "dy:rows", "places", "dx:rows", "begin", "end", over="n"),),
        buffers={"places": Buffer((rows,), per_example=False, dtype="int32")},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )


def _inner(inner: Sequence[int], outer: Sequence[int], before: Sequence[int]) -> Iterator[Call]:
    steps = _steps(outer)
    return _placed(inner, steps, sum(first * step for first, step in zip(before, steps, strict=True)))


def _steps(lengths: Sequence[int]) -> list[int]:
    return [math.prod(lengths[axis + 1 :]) for axis in range(len(lengths))]


def _placed(counts: Sequence[int], steps: Sequence[int], base: int) -> Iterator[Call]:
    """Grids of three axes, for each combination of further ones."""
    counts, steps = [1, 1, 1, *counts], [0, 0, 0, *steps]
    inner, apart = counts[-3:], steps[-3:]
    for number, outer in enumerate(itertools.product(*map(range, counts[:-3]))):
        begun = base + sum(place * step for place, step in zip(outer, steps[:-3], strict=True))
        yield Call(place_grid, *inner, *apart, begun, "places", number * math.prod(inner))
