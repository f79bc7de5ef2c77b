"""Where data comes in: whatever a person gives is checked once, against a model and a cost, and then trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, final

import numpy as np

from layerkit.activations.unstandardize import Unstandardize
from layerkit.arrays import cast
from layerkit.data.checks import not_finite_row
from layerkit.data.examples import Examples
from layerkit.data.moments import Moments
from layerkit.errors import DataError, LayerkitError, NotBuiltError, tell_place
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import cast_inputs, checked_input, checked_mask, keeps_integers, required_input, row_count
from layerkit.models.gate import BUILDING
from layerkit.models.model import Model
from layerkit.models.piece_rows import piece_rows
from layerkit.models.schema import Schema
from layerkit.random_streams import RandomStreams
from layerkit.steps.class_weights import ClassWeights
from layerkit.steps.held_stream import BEFOREHAND, require_readable_again
from layerkit.steps.named_data import (
    batch_examples,
    class_names,
    is_named,
    matched,
    relabelled,
    require_all_words,
    require_named_outputs,
)
from layerkit.steps.source import as_source, by_input, first_inputs, input_shape, ordered_inputs
from layerkit.steps.targets import Targets, require_scale
from layerkit.steps.weights import batch_weights, checked_weights, scaled_weights
from layerkit.types import Array, Value

_EAGER_BYTES = 2**30
_ROWS = 1024
_NUMBERS = 2**20


def take_in(
    data: Any,
    model: Model,
    cost: Cost,
    *,
    split: str,
    weights: Any = None,
    mask: Any = None,
    to_train: bool = False,
    seed: int | None = None,
    schema: Schema | None = None,
    class_weights: Any = None,
    standardize_targets: bool = False,
    first_batches: int | None = None,
    trained: bool = False,
    place: str = "",
) -> Intake:
    """Arrays ``(x, y)`` or ``(x, y, weights)``, a Dataset (its ``split``), a source or batches, for a model and a cost.

    To train, inputs must be finite, and arrays take the model's dtype and the cost's form of targets at once where that
    takes little memory; a model without values is given first ones, drawn from ``seed``, for the shape of the data.
    Names are matched with those of ``schema``, the model's own if left out. ``class_weights`` multiply the weights of
    examples, as ``ClassWeights`` says. With ``standardize_targets``, the targets' mean and deviation are learned (of a
    stream, from its ``first_batches``), unless the model has them as its readout: ``targets.scale`` is to become it.
    ``trained``: whether the model has learned what its labels mean, by other data.
    ``place`` is what errors begin with, where other data is taken in beside it.

    Raises:
        ArgumentError: ``class_weights`` are not those of the classes; ``weights`` or ``mask`` is given twice, with the
            data and beside it.
        DataError: ``data`` is none of these, is empty, or cannot be learned from; or, to train, names more or fewer
            classes than the model tells.
        ShapeError: inputs or targets do not fit the model; the message names the layer and the shapes.
        NotBuiltError: the model has no values yet, and a stream does not tell its shape beforehand.
    """
    try:
        source = as_source(data, split=split, weights=weights, mask=mask)
        if to_train and not model.initialized:
            if isinstance(source, Stream):
                raise NotBuiltError(
                    "Trainer.fit: a stream does not tell the shape of its examples beforehand, and the model has no "
                    "values yet: call model.initialize(input_shape) first"
                )
            with BUILDING:
                if not model.initialized:
                    model.initialize(input_shape(source, model.input_names), seed=seed)
        taken = Intake(
            source,
            model,
            cost,
            to_train=to_train,
            schema=schema,
            class_weights=class_weights,
            standardize_targets=standardize_targets,
            first_batches=first_batches,
            place=place,
        )
        if isinstance(taken.source, Examples) and (trained or not to_train):
            require_all_words(taken.source, schema or model.schema, taken.targets)
        if to_train:
            require_named_outputs(taken.source, model.schema, taken.targets)
    except LayerkitError as error:
        tell_place(error, place)
        raise
    return taken


@final
class Intake:
    """Data that fits a model and a cost, handed out in batches that are ready for both.

    Arrays (``Examples``) were looked at as a whole when this was made, but memory-mapped inputs, which are not read
    ahead of time; the batches of every other source are looked at as they come.
    """

    def __init__(
        self,
        source: RandomAccess | Stream,
        model: Model,
        cost: Cost,
        *,
        to_train: bool,
        schema: Schema | None = None,
        class_weights: Any = None,
        standardize_targets: bool = False,
        first_batches: int | None = None,
        tells: bool | None = None,
        place: str = "",
    ) -> None:
        self.place = place
        """What errors begin with, if there is other data beside it."""
        self._given = source, model, cost, to_train, class_weights
        self._model, self._to_train = model, to_train
        self._tells = to_train if tells is None else tells
        self._schema = schema or model.schema
        self._node = model.structure.node
        self.dtype = model.structure.dtype
        self._names = model.input_names
        if isinstance(source, Examples):
            source = matched(ordered_inputs(source, self._names), self._schema)
        declared = source.labels if isinstance(source, Examples) else None
        scale = model.readout if isinstance(model.readout, Unstandardize) else None
        self.targets = Targets(cost, self._node.output_shape, self.dtype, labels=declared, scale=scale)
        self._pass = PassState(RandomStreams(0).generator)
        self._cost_context = Context("cost", self._pass, Scratch(self.dtype), training=False)
        self._converted = False
        """Whether the source's targets are in the form that the cost takes."""
        learns_scale = standardize_targets and scale is None
        self.class_weights: ClassWeights | None = None
        if class_weights is not None:
            own = class_names(source, cost) if isinstance(source, Examples) else None
            self.class_weights = ClassWeights(class_weights, self.targets, self._schema.classes or own, own)
        if isinstance(source, Examples):
            source = relabelled(source, self._schema, self.targets)
            source = self._checked(source, to_train=to_train, learns_scale=learns_scale)
        else:
            if isinstance(source, RandomAccess):
                required_input(first_inputs(source, self._names), self._node)
            if self.class_weights is not None and self.class_weights.balanced:
                raise DataError(
                    f"class_weights='balanced' must know how often each class occurs before the first step, and a "
                    f"{type(source).__name__} hands its targets out batch by batch: give a weight for each class, such "
                    "as {0: 1.0, 1: 5.0}: n / (k · n_c), for n examples in k classes, n_c of them of the class c"
                )
        self.source = source
        """Where the rows or the batches come from: to train on arrays, as they were checked and converted."""
        if learns_scale and not isinstance(source, Examples):
            self._learn_scale(self._batches_of_numbers(first_batches))

    @property
    def piece_rows(self) -> int:
        """How many rows the model is given at once where nobody has chosen a size of batches."""
        source = self.source
        if isinstance(source, Examples):
            return piece_rows(self._node, source.x)
        return piece_rows(self._node, first_inputs(source, self._names) if isinstance(source, RandomAccess) else None)

    def current(self) -> Intake:
        """The same data for the model as it is now: another intake after a change of its dtype, or a new build.

        Raises:
            DataError, ShapeError: the data does not fit the model any more.
        """
        source, model, cost, to_train, class_weights = self._given
        if self.dtype == model.structure.dtype and self._node is model.structure.node:
            return self
        return Intake(
            source,
            model,
            cost,
            to_train=to_train,
            schema=self._schema,
            class_weights=class_weights,
            place=self.place,
        )

    @property
    def given(self) -> RandomAccess | Stream:
        """The source as people gave it, in its own dtype."""
        return self._given[0]

    def as_given(self) -> Intake:
        """The same data as people gave it, to be measured or looked at: without weights of classes."""
        source, model, cost, _, _ = self._given
        return Intake(source, model, cost, to_train=False, schema=self._schema, tells=self._tells, place=self.place)

    @property
    def holds_labels(self) -> bool:
        """Whether targets in memory say a class each."""
        return (
            isinstance(self.source, Examples) and self.source.y is not None and self.targets.are_labels(self.source.y)
        )

    def ready(self, given: Batch, scratch: Scratch) -> Batch:
        """A batch of the source as the model and the cost take it; its targets may be ``scratch``.

        Raises:
            DataError, ShapeError: the batch does not fit.
        """
        if not isinstance(self.source, Examples):
            given = self._checked_batch(given)
            x, weights = given.x, given.weights
        else:
            x, weights = self._cast(given.x), _float64(given.weights)
        assert given.y is not None
        return Batch(x, self.targets_for_cost(given.y, scratch), weights, given.mask)

    def targets_for_cost(self, y: Array, scratch: Scratch) -> Array:
        """Targets of the source as the cost takes them; may be ``scratch``."""
        return y if self._converted else self.targets.convert(y, scratch)

    def batches(self, rows: int) -> Iterator[tuple[Batch, Array]]:
        """All of the data once, in its order: ready batches of at most ``rows`` rows (a stream's as they come), each
        with its targets as they were given, labels ``(n, …)`` or numbers shaped like the output. A batch is valid until
        the next one."""
        source, scratch = self.source, Scratch(self.dtype)
        given: Iterable[Batch]
        if isinstance(source, Stream):
            given = source.open(0, 0)
        elif isinstance(source, Examples):
            given = source.pieces(rows)
        else:
            pieces = ((start, min(start + rows, len(source))) for start in range(0, len(source), rows))
            given = (source.batch(np.arange(*piece), scratch) for piece in pieces)
        arriving, number = iter(given), 0
        # what was not read ahead of time
        mapped = isinstance(source, Examples) and source.mapped
        while True:
            try:
                found = next(arriving, None)
                if found is None:
                    return
                if mapped:
                    self._require_finite(found.x, first=number * rows)
                batch = self._by_names(found)
                ready = self.ready(batch, scratch)
                assert batch.y is not None
                y = self.targets.aligned(batch.y)
            except LayerkitError as error:
                where = f"batch {number}" if isinstance(source, Stream) else f"among the rows from {number * rows} on"
                places = [self.place] if self.place else []
                tell_place(error, ", ".join(places if isinstance(source, Examples) else [*places, where]))
                raise
            yield ready, y
            number += 1

    def _checked_targets(self, y: Array, mask: Array | None) -> Array:
        y = self.targets.aligned(y)
        self._pass.mask = mask
        self.targets.check(y, self._cost_context)
        return y

    def _checked(self, examples: Examples, *, to_train: bool, learns_scale: bool) -> Examples:
        x, y, weights = examples.x, examples.y, examples.weights
        required_input(x, self._node)
        self._require_finite(x, ahead=True)
        if to_train:
            x = self._small_casts(x)
        if weights is not None:
            weights = scaled_weights(checked_weights(weights))
        if y is None:
            raise DataError("training and evaluation need targets: give (x, y)")
        if examples.mask is not None:
            mask = checked_mask(examples.mask, self._node, len(examples))
            _require_counting(mask if weights is None else mask[weights > 0])
        if learns_scale:
            numbers = self.targets.aligned(y)
            self.targets.check_form(numbers)
            self._learn_scale(examples.replace(y=numbers, weights=weights).pieces(modest_rows(numbers)))
        aligned = self._checked_targets(y, examples.mask)
        if not to_train:
            # metrics see the targets as they were given
            return (
                examples
                if aligned is y and weights is examples.weights
                else examples.replace(y=aligned, weights=weights)
            )
        if self.class_weights is not None:
            weights = scaled_weights(self.class_weights.combined(aligned, weights))
        # what is standardised is converted at once, for an engine may read targets as they are
        if self.targets.scale is not None or self.targets.is_small(aligned):
            aligned = self.targets.convert(aligned, Scratch(self.dtype))
            self._converted = True
        return examples.replace(x=x, y=aligned, weights=weights)

    def _learn_scale(self, pieces: Iterable[Batch]) -> None:
        moments, largest = Moments(0), 0.0
        for piece in pieces:
            y, weights = piece.y, piece.weights
            assert y is not None
            self.targets.require_numbers(y)
            if not moments.weight:
                moments = Moments(y.shape[-1])
            self._pass.mask = piece.mask
            largest = max(largest, float(np.abs(y).max(initial=0)))
            # what has no end is told below
            with np.errstate(over="ignore", invalid="ignore"):
                moments.add(y, np.ones(len(y)) if weights is None else weights, self._cost_context.mask_over(y))
        if not moments.weight:
            raise DataError("there is no target that counts, so none to learn mean and deviation from")
        require_scale(moments, largest, self.dtype)
        mean, deviation = map(self.targets.for_outputs, (moments.mean, moments.deviation(self.dtype)))
        scale = Unstandardize(mean.tolist(), deviation.tolist())
        self.targets = self.targets.scaled(scale)

    def _batches_of_numbers(self, first_batches: int | None) -> Iterator[Batch]:
        """Gone through once; of a stream, the first so many batches."""
        if isinstance(self.source, Stream):
            require_readable_again(self.source, f"standardize_targets {BEFOREHAND}")
        for batch, y in islice(self.as_given().batches(_ROWS), first_batches):
            yield Batch(batch.x, y, batch.weights, batch.mask)

    def _require_finite(self, x: Value, *, ahead: bool = False, first: int = 0) -> None:
        """Refuse inputs, rows from ``first`` on, that hold what is no number; ``ahead``: but for memory maps."""
        names = ["x"]
        if isinstance(x, tuple):
            names = [f"x[{name}]" for name in (map(repr, self._names) if self._names else range(len(x)))]
        for name, part in zip(names, _arrays(x), strict=True):
            if part.dtype.kind not in "fiub":
                raise DataError(f"{name} must be numbers, got an array of dtype {part.dtype}")
            row = None if ahead and isinstance(part, np.memmap) else not_finite_row(part)
            if row is not None:
                raise DataError(
                    f"{name} must be finite, but row {first + row} holds NaN or infinity: remove such rows or fill "
                    "them in"
                )

    def _small_casts(self, x: Value) -> Value:
        """``x`` in the model's dtype, where it is in memory and takes little there."""
        keeps = keeps_integers(self._node)
        if isinstance(x, tuple):
            return tuple(self._small_cast(part, keep) for part, keep in zip(x, keeps, strict=True))
        return self._small_cast(x, keeps[0])

    def _small_cast(self, x: Array, keep: bool) -> Array:
        if isinstance(x, np.memmap) or x.size * self.dtype.itemsize > _EAGER_BYTES:
            return x
        return cast(x, self.dtype, keep_integers=keep)

    def _by_names(self, batch: Batch) -> Batch:
        """A batch with names as arrays, by the names that the model knows, or else by those of the first one, which, to
        train, tells the model; and one of inputs by name."""
        if isinstance(batch.x, Mapping):
            batch = Batch(by_input(batch.x, self._names), batch.y, batch.weights, batch.mask)
        if not is_named(batch):
            return batch
        model, own = self._model, self._schema
        # what is measured may come in before the model knows what the data to train on tells
        schema = model.schema.completed(columns=own.columns, target=own.target, classes=own.classes)
        given = batch_examples(batch, schema)
        rows = None
        if self._tells:
            rows = class_names(given, self._given[2]) if isinstance(given.target_name, tuple) else None
        schema = self._schema = schema.completed(columns=given.names, target=given.target_name, classes=rows)
        if self._tells:
            model.schema = schema
        given = relabelled(matched(given, schema), schema, self.targets)
        return Batch(given.x, given.y, given.weights, given.mask)

    def _checked_batch(self, batch: Batch) -> Batch:
        batch = self._by_names(batch)
        x = checked_input(batch.x, self._node, self.dtype)
        rows = row_count(x)
        if self._to_train and not rows:
            raise DataError("a batch has not one row, and a step needs one: leave such batches out")
        if not self._to_train:
            # to train, what is not finite is found in the step that meets it
            self._require_finite(x)
        if batch.y is None:
            raise DataError("training and evaluation need targets: a batch came without")
        for name, array in (("y", batch.y), ("weights", batch.weights), ("mask", batch.mask)):
            if array is not None and array.shape[:1] != (rows,):
                raise DataError(f"a batch has {rows} rows of x, but {name} of shape {array.shape}")
        if batch.mask is not None:
            mask = checked_mask(batch.mask, self._node, rows)
            if isinstance(self.source, Stream):
                _require_counting(mask)
        y = self._checked_targets(batch.y, batch.mask)
        weights = None if batch.weights is None else batch_weights(batch.weights)
        if self.class_weights is not None:
            weights = batch_weights(self.class_weights.combined(y, weights))
        return Batch(x, y, weights, batch.mask)

    def _cast(self, x: Value) -> Value:
        return cast_inputs(x, self._node, self.dtype)


def _float64(weights: Array | None) -> Array | None:
    return None if weights is None else weights.astype(np.float64, copy=False)


def _require_counting(mask: Array) -> None:
    if not mask.any():
        raise DataError(
            "the mask leaves out every step, so nothing counts: True stands where a step counts; perhaps ~mask is meant"
        )


def modest_rows(x: Value) -> int:
    """How many rows of such data are looked at at once: memory for them is no concern."""
    numbers = sum(part[:1].size for part in _arrays(x))
    return max(1, min(_ROWS, _NUMBERS // max(numbers, 1)))


def _arrays(x: Value) -> tuple[Array, ...]:
    return x if isinstance(x, tuple) else (x,)
