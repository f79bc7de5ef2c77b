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
def take_rows(source: Any, places: Any, target: Any, channels: int, size: int, begin: int, end: int) -> None:
    """Each row of the target is the row of the source, of ``size`` numbers an example, that ``places`` says."""
    for example in range(begin, end):
        for row in range(places.size):
            place = example * size + places[row] * channels
            at = (example * places.size + row) * channels
            for channel in range(channels):
                target[at + channel] = source[place + channel]


@compiled
def give_rows(source: Any, places: Any, target: Any, channels: int, size: int, begin: int, end: int) -> None:
    """The transpose: each row of the source is added to a row of the target, which begins with zeros."""
    for example in range(begin, end):
        for place in range(example * size, (example + 1) * size):
            target[place] = 0
        for row in range(places.size):
            place = example * size + places[row] * channels
            at = (example * places.size + row) * channels
            for channel in range(channels):
                target[place + channel] += source[at + channel]


@kernel("layerkit_conv.zero_padding:ZeroPadding")
def _zero_padding(part: Part) -> LayerKernel:
    edges = edges_of(part.layer, "padding", part.layer.padding, part.input_shape)
    places = _inner(part.input_shape[:-1], part.output_shape[:-1], [before for before, _ in edges])
    return _moved(part, places, give_rows, take_rows, part.input_shape, part.output_shape)


@kernel("layerkit_conv.cropping:Cropping")
def _cropping(part: Part) -> LayerKernel:
    if any(part.integers):
        raise EngineError(
            "Cropping of integers gives integers, and the kernel crops floating numbers: train with the engine 'numpy'"
        )
    edges = edges_of(part.layer, "cropping", part.layer.cropping, part.input_shape)
    places = _inner(part.output_shape[:-1], part.input_shape[:-1], [before for before, _ in edges])
    return _moved(part, places, take_rows, give_rows, part.output_shape, part.input_shape)


@kernel("layerkit_conv.up_sampling:UpSampling")
def _up_sampling(part: Part) -> LayerKernel:
    lengths = part.input_shape[:-1]
    counts, steps = [], []
    for length, larger, step in zip(lengths, part.output_shape[:-1], _steps(lengths), strict=True):
        counts += [length, larger // length]
        steps += [step, 0]
    return _moved(part, _placed(counts, steps, 0), take_rows, give_rows, part.output_shape, part.input_shape)


def _moved(
    part: Part,
    places: Iterator[Call],
    forward: Any,
    backward: Any,
    placed: tuple[int, ...],
    among: tuple[int, ...],
) -> LayerKernel:
    """Rows of what has the shape ``placed`` come from, or go to, their places in what has the shape ``among``."""
    rows, size = math.prod(placed[:-1]), math.prod(among)
    numbers: tuple[str | int, ...] = (part.input_shape[-1], size, "begin", "end")
    return LayerKernel(
        forward=(*places, Call(forward, "x:flat", "places", "y:flat", *numbers, over="n")),
        input_gradient=(Call(backward, "dy:flat", "places", "dx:flat", *numbers, over="n"),),
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
