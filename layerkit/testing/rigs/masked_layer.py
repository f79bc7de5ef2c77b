"""A layer over ragged sequences: an input, the mask that says what counts, other padding and more of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, final

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.models.plan import plan
from layerkit.shapes import is_many
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import concrete, each, parts, read_only
from layerkit.testing.rigs.layer_rig import ROWS, LayerRig, Step, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.types import Array, Shape, Value

Axis: TypeAlias = Literal["time", "another", "none"]
"""Time as the inputs have it, a time of its own, or none."""

Signs: TypeAlias = Literal["positive", "negative", "mixed"]
SIGNS: tuple[Signs, ...] = ("positive", "negative", "mixed")
"""Of the numbers in the padding: what wins a maximum or a softmax by its sign alone does so with one of them."""

_JUNK = 30.0
HUGE = 1e6
_MORE = 2
_SHORTEST = 2


@final
@dataclass(frozen=True, slots=True)
class MaskedLayer:
    """A rig, inputs over time, and the mask of sequences that are padded at their ends, each at least one step long."""

    rig: LayerRig
    x: Value
    mask: Array
    axes: tuple[Axis, ...]
    """Of each output, what its first axis is."""

    def step(self, training: bool, *, mask: Array | None, x: Value = None) -> Step:
        """A step with the same numbers as gradient wherever an output stands for what counts, and 0 for the rest."""
        x = self.x if x is None else x
        tree = self.rig.tree(training=training)
        return tree.step(x, self.upstream(tree.forward(x, mask=mask)), mask=mask)

    def upstream(self, output: Value) -> Value:
        """A gradient for an output, 0 for what does not count, as costs give it."""
        given = [self._gradient(array, axis) for array, axis in zip(parts(output), self.axes, strict=True)]
        return read_only(tuple(given) if isinstance(output, tuple) else given[0])

    def counted(self, output: Value) -> tuple[Array, ...] | None:
        """Of an output, what counts: of an axis of time the steps that do, all of it where there is none.

        None where time is not the input's any more, and nobody knows what counts.
        """
        arrays = parts(output)
        if not all(
            axis != "another" and self._fits(array, axis) for array, axis in zip(arrays, self.axes, strict=True)
        ):
            return None
        pairs = zip(arrays, self.axes, strict=True)
        return tuple(array[self.mask] if axis == "time" else array for array, axis in pairs)

    def counted_of_shorter(self, output: Value) -> tuple[Array, ...]:
        """Of an output of sequences that are one step shorter, or padded by one, what does not stand for that step."""
        time = self.mask.shape[1] - 1
        pairs = zip(parts(output), self.axes, strict=True)
        return tuple(array[:, :time] if axis == "time" else array for array, axis in pairs if axis != "another")

    def with_junk(self, seed: int = 22, *, size: float = _JUNK, signs: Signs = "positive") -> Value:
        """Other inputs where nothing counts, of about that size."""
        drawn = parts(self.rig.inputs(seed=seed, varying=self.mask.shape[1]))
        pairs = zip(parts(self.x), drawn, strict=True)
        changed = [self._replaced(own, other, size, signs) for own, other in pairs]
        return read_only(tuple(changed) if isinstance(self.x, tuple) else changed[0])

    def digits(self, row: int) -> str:
        """The mask of a row, such as 0110."""
        return "".join("01"[int(counts)] for counts in self.mask[row])

    def with_holes(self) -> MaskedLayer:
        """The same under a mask in which padding stands in front of what counts, and in between; in the last row
        everything counts."""
        rows, time = self.mask.shape
        mask = np.arange(time) % 2 == (np.arange(rows) % 2)[:, None]
        mask[::3] = np.arange(time) >= time // 2
        mask[-1] = True
        return replace(self, mask=read_only(mask))

    def longer(self, subject: Subject) -> MaskedLayer | None:
        """The same sequences with more padding; None where the layer for longer ones is another."""
        rig = self._rig_of_length(subject, _MORE)
        if rig is None:
            return None
        drawn = rig.inputs(seed=23, varying=self.mask.shape[1] + _MORE)
        time = self.mask.shape[1]
        more = []
        for own, other in zip(parts(self.x), parts(drawn), strict=True):
            joined = np.array(other)
            joined[:, :time] = own
            more.append(joined)
        mask = np.concatenate([self.mask, np.zeros((len(self.mask), _MORE), bool)], axis=1)
        x = tuple(more) if isinstance(self.x, tuple) else more[0]
        return MaskedLayer(rig, read_only(x), read_only(mask), self.axes)

    def without_padding(self, subject: Subject, shift: float) -> tuple[Step, Step] | None:
        """What two sequences, one step shorter than the longest, give under the mask, and without padding or mask, with
        all numbers that count shifted; None where the layer for shorter ones is another."""
        time = self.mask.shape[1]
        rows = np.flatnonzero(self.mask.sum(axis=1) == time - 1)
        rig = self._rig_of_length(subject, -1) if time > _SHORTEST and self._ends(rows) else None
        if rig is None:
            return None
        x = read_only(each(lambda array: np.where(_over(self.mask, array), array + shift, array)[rows], self.x))
        mask = read_only(self.mask[rows])
        short = read_only(each(lambda array: array[:, : time - 1], x))
        padded, alone = replace(self, x=x, mask=mask), replace(self, rig=rig, x=short, mask=mask[:, : time - 1])
        return padded.step(False, mask=mask), alone.step(False, mask=None)

    def _ends(self, rows: Array) -> bool:
        """Whether padding stands at the ends of these rows alone."""
        return bool(rows.size and not self.mask[rows, -1].any())

    def _rig_of_length(self, subject: Subject, more: int) -> LayerRig | None:
        """The layer, with the same values, for sequences of another length; None where that is another one."""
        rig = self.rig
        if _first_axis(rig.shape) is None:
            return rig
        try:
            other = LayerRig(subject.make(), _longer(rig.shape, more), subject.case)
        except LayerkitError:
            return None
        if _declared(other) != _declared(rig):
            return None
        other.structure.parameters[...] = rig.structure.parameters
        other.structure.states[...] = rig.structure.states
        return other

    def _fits(self, array: Array, axis: Axis) -> bool:
        return axis != "time" or array.shape[:2] == self.mask.shape

    def _gradient(self, array: Array, axis: Axis) -> Array:
        rng = generator(24)
        if axis != "time" or not self._fits(array, axis):
            return rng.normal(size=array.shape).astype(array.dtype)
        # drawn for what counts alone, so that it is the same under any padding
        gradient = np.zeros_like(array)
        gradient[self.mask] = rng.normal(size=gradient[self.mask].shape)
        return gradient

    def _replaced(self, own: Array, other: Array, size: float, signs: Signs) -> Array:
        changed = np.array(own)
        junk = other
        if own.dtype.kind == "f" and self.rig.case.inputs is None:
            sign = np.sign(other) if signs == "mixed" else np.asarray(1.0 if signs == "positive" else -1.0)
            junk = size * sign * (1 + np.abs(other))
        changed[~self.mask] = junk[~self.mask]
        return changed


def _declared(rig: LayerRig) -> list[tuple[str, tuple[int, ...]]]:
    entries = (*rig.structure.entries, *rig.structure.state_entries)
    return [(entry.path, entry.declaration.shape) for entry in entries]


def _axes(rig: LayerRig) -> tuple[Axis, ...]:
    """What the first axis of each output is: a length that is time's by chance does not grow as time does."""
    shapes = _several(rig.node.output_shape)
    time = _first_axis(rig.shape)
    if time is None:
        return tuple("time" if shape[:1] == (None,) else "another" if None in shape else "none" for shape in shapes)
    try:
        longer = _several(plan(rig.layer.copy(), _longer(rig.shape)).output_shape)
    except LayerkitError:
        return tuple("time" if shape[:1] == (time,) else "none" if len(shape) < 2 else "another" for shape in shapes)
    return tuple(
        "none" if shape == other else "time" if shape[:1] == (time,) and other[:1] == (time + _MORE,) else "another"
        for shape, other in zip(shapes, longer, strict=True)
    )


def _several(shape: Shape) -> tuple[Shape, ...]:
    return shape if is_many(shape) else (shape,)


def _first_axis(shape: Shape) -> int | None:
    axis: int | None = _several(shape)[0][0]
    return axis


def _over(mask: Array, array: Array) -> Array:
    return mask.reshape(*mask.shape, *[1] * (array.ndim - 2))


def _longer(shape: Shape, more: int = _MORE) -> Shape:
    longer = tuple((part[0] + more, *part[1:]) for part in _several(shape))
    return longer if is_many(shape) else longer[0]


def masked_layers(subject: Subject) -> Iterator[MaskedLayer]:
    """The layer for each of the case's shapes over time, which begins with an axis of at least two steps."""
    yield from filter(None, map(masked, rigs(subject)))


def masked(rig: LayerRig) -> MaskedLayer | None:
    """Ragged sequences for a rig; None where its inputs have no time."""
    x = rig.inputs()
    shapes = _several(concrete(rig.shape))
    for array, shape in zip(parts(x), shapes, strict=True):
        # (batch, time, …): numbers have features too, tokens need none
        if len(shape) < (2 if array.dtype.kind == "f" else 1):
            return None
    times = {shape[0] for shape in shapes}
    time = times.pop()
    if times or time < 2:
        return None
    lengths = np.resize([time - 1, time, 1, max(time // 2, 1), time - 1], ROWS)
    if rig.case.inputs is None:
        # in two sequences all is negative, so that a 0 in the padding would be the largest
        x = read_only(each(_two_negative, x))
    return MaskedLayer(rig, x, read_only(np.arange(time) < lengths[:, None]), _axes(rig))


def _two_negative(array: Array) -> Array:
    changed = np.array(array)
    changed[:2] = -np.abs(changed[:2])
    return changed


def leaks(layer: MaskedLayer, training: bool) -> bool:
    """Whether what does not count has an influence on an output that does."""
    tree = layer.rig.tree(training=training)
    before, after = (layer.counted(tree.forward(x, mask=layer.mask)) for x in (layer.x, layer.with_junk()))
    return before is None or after is None or difference(after, before) is not None


def a_part_leaks(layer: MaskedLayer, training: bool) -> bool:
    """Whether a part of a container lets padding in by itself, as one does that knows nothing of masks."""
    for node in layer.rig.node.parts.values():
        try:
            part = masked(LayerRig(node.layer.copy(), node.input_shape, Case()))
            if part is not None and leaks(part, training):
                return True
        except Exception:
            return True
    return False
