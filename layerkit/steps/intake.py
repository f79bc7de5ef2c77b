"""Where data comes in: whatever a person gives is checked once, against a model and a cost, and then trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, final

import numpy as np

from layerkit.activations.unstandardize import Unstandardize
from layerkit.arrays import cast
from layerkit.data.checks import not_finite_row
from layerkit.data.class_names import is_text
from layerkit.data.examples import Examples, examples_of
from layerkit.data.frames import is_frame
from layerkit.data.generated import Generated
from layerkit.data.moments import Moments
from layerkit.errors import ArgumentError, DataError, LayerkitError, NotBuiltError, tell_place
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch, Dataset, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import checked_input, checked_mask, required_input, row_count
from layerkit.models.model import Model
from layerkit.models.schema import Schema
from layerkit.random_streams import RandomStreams
from layerkit.steps.class_weights import ClassWeights
from layerkit.steps.held_stream import BEFOREHAND, require_readable_again
from layerkit.steps.targets import Targets, require_scale
from layerkit.steps.weights import batch_weights, checked_weights, scaled_weights
from layerkit.types import Array, Shape, Value

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
    place: str = "",
) -> Intake:
    """Arrays ``(x, y)`` or ``(x, y, weights)``, a Dataset (its ``split``), a source or batches, for a model and a cost.

    To train, inputs must be finite, and arrays take the model's dtype and the cost's form of targets at once where that
    takes little memory; a model without values is given first ones, drawn from ``seed``, for the shape of the data.
    Names are matched with those of ``schema``, the model's own if left out. ``class_weights`` multiply the weights of
    examples, as ``ClassWeights`` says. With ``standardize_targets``, the targets' mean and deviation are learned (of a
    stream, from its ``first_batches``), unless the model has them as its readout: ``targets.scale`` is to become it.
    ``place`` is what errors begin with, where other data is taken in beside it.

    Raises:
        ArgumentError: ``class_weights`` are not those of the classes; ``weights`` or ``mask`` is given twice, with the
            data and beside it.
        DataError: ``data`` is none of these, is empty, or cannot be learned from.
        ShapeError: inputs or targets do not fit the model; the message names the layer and the shapes.
        NotBuiltError: the model has no values yet, and a stream does not tell its shape beforehand.
    """
    try:
        source = _as_source(data, split=split, weights=weights, mask=mask)
        if to_train and not model.initialized:
            if isinstance(source, Stream):
                raise NotBuiltError(
                    "Trainer.fit: a stream does not tell the shape of its examples beforehand, and the model has no "
                    "values yet: call model.initialize(input_shape) first"
                )
            model.initialize(input_shape(source), seed=seed)
        return Intake(
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
    except LayerkitError as error:
        tell_place(error, place)
        raise


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
        place: str = "",
    ) -> None:
        self.place = place
        """What errors begin with, if there is other data beside it."""
        self._given = source, model, cost, to_train, class_weights
        self._model, self._to_train = model, to_train
        self._schema = schema or model.schema
        self._node = model.structure.node
        self.dtype = model.structure.dtype
        self._keep = self._node.layer.integer_input != "cast"
        if isinstance(source, Examples):
            source = matched(source, self._schema)
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
            own = source.classes if isinstance(source, Examples) else None
            self.class_weights = ClassWeights(class_weights, self.targets, self._schema.classes or own, own)
        if isinstance(source, Examples):
            source = _relabelled(source, self._schema, self.targets)
            source = self._checked(source, to_train=to_train, learns_scale=learns_scale)
        else:
            if isinstance(source, RandomAccess):
                required_input(_first(source), self._node)
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
        return Intake(source, model, cost, to_train=False, schema=self._schema, place=self.place)

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
        mapped = isinstance(source, Examples) and any(isinstance(part, np.memmap) for part in _parts(source.x))
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
            x = tuple(map(self._small_cast, x)) if isinstance(x, tuple) else self._small_cast(x)
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
        scale = Unstandardize(moments.mean.tolist(), moments.deviation(self.dtype).tolist())
        self.targets = self.targets.scaled(scale)

    def _batches_of_numbers(self, first_batches: int | None) -> Iterator[Batch]:
        """Gone through once; of a stream, the first so many batches."""
        if isinstance(self.source, Stream):
            require_readable_again(self.source, f"standardize_targets {BEFOREHAND}")
        for batch, y in islice(self.as_given().batches(_ROWS), first_batches):
            yield Batch(batch.x, y, batch.weights, batch.mask)

    def _require_finite(self, x: Value, *, ahead: bool = False, first: int = 0) -> None:
        """Refuse inputs, rows from ``first`` on, that hold what is no number; ``ahead``: but for memory maps."""
        for name, part in zip(_names(x), _parts(x), strict=True):
            if part.dtype.kind not in "fiub":
                raise DataError(f"{name} must be numbers, got an array of dtype {part.dtype}")
            row = None if ahead and isinstance(part, np.memmap) else not_finite_row(part)
            if row is not None:
                raise DataError(
                    f"{name} must be finite, but row {first + row} holds NaN or infinity: remove such rows or fill "
                    "them in"
                )

    def _small_cast(self, x: Array) -> Array:
        """``x`` in the model's dtype, if it is in memory and takes little there."""
        if isinstance(x, np.memmap) or x.size * self.dtype.itemsize > _EAGER_BYTES:
            return x
        return cast(x, self.dtype, keep_integers=self._keep)

    def _by_names(self, batch: Batch) -> Batch:
        """A batch of a DataFrame, or of words, as arrays, by the names that the model knows; to train, the first one
        tells those of columns."""
        words = isinstance(batch.y, np.ndarray) and is_text(batch.y)
        if not (words or is_frame(batch.x) or is_frame(batch.y)):
            return batch
        model = self._model
        given = _as_examples(batch, model.schema)
        if self._to_train:
            model.schema = model.schema.completed(columns=given.names, target=given.target_name, classes=None)
        given = matched(given, model.schema)
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
        if isinstance(x, tuple):
            return tuple(cast(part, self.dtype, keep_integers=self._keep) for part in x)
        return cast(x, self.dtype, keep_integers=self._keep)


def _float64(weights: Array | None) -> Array | None:
    return None if weights is None else weights.astype(np.float64, copy=False)


def _as_examples(batch: Batch, schema: Schema) -> Examples:
    """A batch whose inputs or targets are of a DataFrame, or whose targets are words.

    Raises:
        DataError: its targets are words, and the model does not know their classes: a batch may hold only some of them.
    """
    named = Examples(batch.x, batch.y, weights=batch.weights, mask=batch.mask, classes=schema.classes)
    if schema.classes is None and named.classes is not None:
        raise DataError(
            "a batch's targets are words, and a batch may lack some of the classes: say first which there are, with "
            f"model.schema = Schema(classes={named.classes[:3]!r}), in the order of their labels"
        )
    return named


def matched(examples: Examples, schema: Schema) -> Examples:
    """The same examples with the columns of a model, where both name them; numbers of a table that name its classes
    become labels.

    Raises:
        DataError: the names are not those that the model knows.
    """
    order = schema.order(examples.names)
    if order is not None and not isinstance(examples.x, tuple) and (np.diff(order) != 1).any():
        examples = examples.replace(x=examples.x[:, order], names=schema.columns)
    if examples.y is not None and examples.from_table and examples.labels is None:
        y = schema.named(examples.y)
        if y is not None:
            examples = examples.replace(y=y, classes=schema.classes)
    return examples


def _relabelled(examples: Examples, schema: Schema, targets: Targets) -> Examples:
    """The same examples with a model's labels, or its columns of classes, where both sides name the classes."""
    if examples.y is not None and schema.classes is not None:
        rows = not targets.are_labels(targets.aligned(examples.y))
        y = schema.labels(examples.y, examples.classes, rows=rows)
        if y is not examples.y:
            examples = examples.replace(y=y, classes=schema.classes)
    return examples


def input_shape(source: RandomAccess | Stream) -> Shape:
    """The shape of one input, or the shapes of several, as the source's first example has them.

    A stream is opened for that, so a generator that serves once is used up.

    Raises:
        DataError: there is no example.
    """
    if isinstance(source, Stream):
        first = next(iter(source.open(0, 0)), None)
        if first is None:
            raise DataError("the data is empty: its stream has not one batch")
        x = Examples(first.x, first.y).x if is_frame(first.x) else first.x
    else:
        x = _first(source)
    return tuple(part.shape[1:] for part in x) if isinstance(x, tuple) else x.shape[1:]


def _require_counting(mask: Array) -> None:
    if not mask.any():
        raise DataError(
            "the mask leaves out every step, so nothing counts: True stands where a step counts; perhaps ~mask is meant"
        )


def _as_source(data: Any, *, split: str, weights: Any, mask: Any) -> RandomAccess | Stream:
    examples = examples_of(data)
    if examples is not None:
        data = examples
    elif isinstance(data, Dataset):
        data = data.load(split)
    if isinstance(data, Examples):
        extra = {name: value for name, value in (("weights", weights), ("mask", mask)) if value is not None}
        for name in extra:
            if getattr(data, name) is not None:
                verb = "is" if name == "mask" else "are"
                raise ArgumentError(f"{name} {verb} given twice, with the data and as {name}=…: leave one out")
        data = data.replace(**extra) if extra else data
    elif isinstance(data, Mapping):
        raise DataError(f"a {type(data).__name__} is no data: give its arrays as a tuple (x, y)")
    elif weights is not None or mask is not None:
        raise DataError("weights and mask go with arrays; a source hands them out in its batches")
    elif isinstance(data, list) and data and all(isinstance(part, np.ndarray) for part in data):
        raise DataError(
            "arrays are given as a tuple (x, y) or (x, y, weights), with round brackets; got a list of arrays"
        )
    elif isinstance(data, np.ndarray) or not (isinstance(data, (RandomAccess, Stream, Iterable)) or callable(data)):
        raise DataError(
            f"data must be arrays (x, y), a Dataset, a RandomAccess or Stream, or batches; got {type(data).__name__}"
        )
    elif not isinstance(data, (RandomAccess, Stream)):
        data = Generated(data)
    if isinstance(data, RandomAccess) and len(data) == 0:
        raise DataError("the data is empty: there is not one example in it")
    source: RandomAccess | Stream = data
    return source


def modest_rows(x: Value) -> int:
    """How many rows of such data are looked at at once: memory for them is no concern."""
    numbers = sum(part[:1].size for part in (x if isinstance(x, tuple) else (x,)))
    return max(1, min(_ROWS, _NUMBERS // max(numbers, 1)))


def _first(source: RandomAccess) -> Value:
    if isinstance(source, Examples):
        return source.slice(0, 1).x
    return source.batch(np.zeros(1, np.intp), Scratch(np.dtype(np.float32))).x


def _names(x: Value) -> list[str]:
    return [f"x[{place}]" for place in range(len(x))] if isinstance(x, tuple) else ["x"]


def _parts(x: Value) -> tuple[Array, ...]:
    return x if isinstance(x, tuple) else (x,)
