"""Where data comes in: whatever a person gives is checked once, against a model and a cost, and then trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, final

import numpy as np

from layerkit.arrays import cast
from layerkit.data.checks import not_finite_row
from layerkit.data.examples import Examples
from layerkit.data.frames import is_frame
from layerkit.data.generated import Generated
from layerkit.errors import ArgumentError, DataError, NotBuiltError
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch, Dataset, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import checked_input, checked_mask, required_input, row_count
from layerkit.models.model import Model
from layerkit.models.schema import Schema
from layerkit.random_streams import RandomStreams
from layerkit.steps.targets import Targets
from layerkit.types import Array, Shape, Value

_EAGER_BYTES = 2**30
_PLAIN_EXPONENT = 64
_LARGEST_SUM = 1e200


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
) -> Intake:
    """Arrays ``(x, y)`` or ``(x, y, weights)``, a Dataset (its ``split``), a source or batches, for a model and a cost.

    To train, inputs must be finite, and arrays take the model's dtype and the cost's form of targets at once where that
    takes little memory; a model without values is given first ones, drawn from ``seed``, for the shape of the data.
    Names are matched with those of ``schema``, the model's own if left out.

    Raises:
        ArgumentError: ``weights`` or ``mask`` is given twice, with the data and beside it.
        DataError: ``data`` is none of these, is empty, or cannot be learned from.
        ShapeError: inputs or targets do not fit the model; the message names the layer and the shapes.
        NotBuiltError: the model has no values yet, and a stream does not tell its shape beforehand.
    """
    source = _as_source(data, split=split, weights=weights, mask=mask)
    if to_train and not model.initialized:
        if isinstance(source, Stream):
            raise NotBuiltError(
                "Trainer.fit: a stream does not tell the shape of its examples beforehand, and the model has no "
                "values yet: call model.initialize(input_shape) first"
            )
        model.initialize(input_shape(source), seed=seed)
    return Intake(source, model, cost, to_train=to_train, schema=schema)


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
    ) -> None:
        self._given = source, model, cost, to_train, schema
        self._model, self._to_train = model, to_train
        self._node = model.structure.node
        self.dtype = model.structure.dtype
        self._keep = self._node.layer.integer_input != "cast"
        if isinstance(source, Examples):
            source = matched(source, schema or model.schema)
        declared = source.labels if isinstance(source, Examples) else None
        self.targets = Targets(cost, self._node.output_shape, self.dtype, labels=declared)
        self._pass = PassState(RandomStreams(0).generator)
        self._cost_context = Context("cost", self._pass, Scratch(self.dtype), training=False)
        if isinstance(source, Examples):
            source = _relabelled(source, schema or model.schema, self.targets)
            source = self._checked(source, to_train=to_train)
        elif isinstance(source, RandomAccess):
            required_input(_first(source), self._node)
        self.source = source
        """Where the rows or the batches come from: to train on arrays, as they were checked and converted."""

    def current(self) -> Intake:
        """The same data for the model as it is now: another intake after a change of its dtype, or a new build.

        Raises:
            DataError, ShapeError: the data does not fit the model any more.
        """
        source, model, cost, to_train, schema = self._given
        if self.dtype == model.structure.dtype and self._node is model.structure.node:
            return self
        return Intake(source, model, cost, to_train=to_train, schema=schema)

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
        return Batch(x, self.targets.convert(given.y, scratch), weights, given.mask)

    def batches(self, rows: int) -> Iterator[tuple[Batch, Array]]:
        """All of the data once, in its order: ready batches of at most ``rows`` rows (a stream's as they come), each
        with its targets as they were given, labels ``(n, …)`` or numbers shaped like the output. A batch is valid until
        the next one."""
        source, scratch = self.source, Scratch(self.dtype)
        given: Iterable[Batch]
        if isinstance(source, Stream):
            given = source.open(0, 0)
        else:
            pieces = ((start, min(start + rows, len(source))) for start in range(0, len(source), rows))
            if isinstance(source, Examples):
                given = (source.slice(*piece) for piece in pieces)
            else:
                given = (source.batch(np.arange(*piece), scratch) for piece in pieces)
        for each in given:
            batch = self._by_names(each)
            ready = self.ready(batch, scratch)
            assert batch.y is not None
            yield ready, self.targets.aligned(batch.y)

    def _checked_targets(self, y: Array, mask: Array | None) -> Array:
        y = self.targets.aligned(y)
        self._pass.mask = mask
        self.targets.check(y, self._cost_context)
        return y

    def _checked(self, examples: Examples, *, to_train: bool) -> Examples:
        x, y, weights = examples.x, examples.y, examples.weights
        required_input(x, self._node)
        if to_train:
            x = tuple(map(self._finite, x, _names(len(x)))) if isinstance(x, tuple) else self._finite(x, "x")
        if weights is not None:
            weights = scaled_weights(checked_weights(weights))
        if y is None:
            raise DataError("training and evaluation need targets: give (x, y)")
        if examples.mask is not None:
            mask = checked_mask(examples.mask, self._node, len(examples))
            _require_counting(mask if weights is None else mask[weights > 0])
        aligned = self._checked_targets(y, examples.mask)
        if not to_train:
            # metrics see the targets as they were given
            return (
                examples
                if aligned is y and weights is examples.weights
                else examples.replace(y=aligned, weights=weights)
            )
        y = aligned
        if self.targets.is_small(y):
            y = self.targets.convert(y, Scratch(self.dtype))
        return examples.replace(x=x, y=y, weights=weights)

    def _finite(self, x: Array, name: str) -> Array:
        if x.dtype.kind not in "fiub":
            raise DataError(f"{name} must be numbers, got an array of dtype {x.dtype}")
        if isinstance(x, np.memmap):
            return x
        row = not_finite_row(x)
        if row is not None:
            raise DataError(
                f"{name} must be finite, but row {row} holds NaN or infinity: remove such rows or fill them in"
            )
        if x.size * self.dtype.itemsize <= _EAGER_BYTES:
            return cast(x, self.dtype, keep_integers=self._keep)
        return x

    def _by_names(self, batch: Batch) -> Batch:
        """A batch of a DataFrame as arrays, by the names that the model knows; to train, the first one tells them."""
        if not (is_frame(batch.x) or is_frame(batch.y)):
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
        return Batch(x, y, None if batch.weights is None else _batch_weights(batch.weights), batch.mask)

    def _cast(self, x: Value) -> Value:
        if isinstance(x, tuple):
            return tuple(cast(part, self.dtype, keep_integers=self._keep) for part in x)
        return cast(x, self.dtype, keep_integers=self._keep)


def _float64(weights: Array | None) -> Array | None:
    return None if weights is None else weights.astype(np.float64, copy=False)


def _as_examples(batch: Batch, schema: Schema) -> Examples:
    """A batch whose inputs or targets are of a DataFrame.

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


def checked_weights(weights: Array) -> Array:
    """Sample weights as float64 ``(n,)``.

    Raises:
        DataError: one is negative or not a finite float64, or they are no vector.
    """
    if weights.ndim != 1 or weights.dtype.kind not in "fiub":
        raise DataError(f"sample weights must be a vector of numbers, got shape {weights.shape}, {weights.dtype}")
    with np.errstate(over="ignore"):  # what float64 cannot hold becomes infinity, and is refused
        weights = weights.astype(np.float64, copy=False)
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise DataError("sample weights must be finite and at least 0")
    return weights


def scaled_weights(weights: Array) -> Array:
    """Checked weights of a whole data set, multiplied by one power of 2 where they are far from 1.

    Only what they are to each other counts; but sums of very large ones have no end, and float32 has no very small
    ones. A power of 2 changes no digit.

    Raises:
        DataError: all are 0.
    """
    largest = float(weights.max(initial=0.0))
    if largest == 0.0:
        raise DataError("sample weights are all 0, so no example counts: give those that are to count a weight above 0")
    exponent = math.frexp(largest)[1]
    return weights if abs(exponent) <= _PLAIN_EXPONENT else np.ldexp(weights, -exponent)


def _require_counting(mask: Array) -> None:
    if not mask.any():
        raise DataError(
            "the mask leaves out every step, so nothing counts: True stands where a step counts; perhaps ~mask is meant"
        )


def _batch_weights(weights: Array) -> Array:
    """The weights of one batch, which cannot know those of the others."""
    weights = checked_weights(weights)
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if total > _LARGEST_SUM:
        raise DataError(
            f"the sample weights of a batch add up to {total:g}, too much to be added up over an epoch (at most "
            f"{_LARGEST_SUM:g}): divide all weights by one number, for only what they are to each other counts"
        )
    return weights


def _as_source(data: Any, *, split: str, weights: Any, mask: Any) -> RandomAccess | Stream:
    if is_frame(data):
        raise DataError(
            f"a {type(data).__name__} does not tell which column is the target: give (frame, 'name of the column'), or "
            "(features, targets)"
        )
    if isinstance(data, tuple) and len(data) in (2, 3) and not isinstance(data[0], str):
        data = Examples(*data[:2], weights=data[2] if len(data) == 3 else None)
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


def _first(source: RandomAccess) -> Value:
    if isinstance(source, Examples):
        return source.slice(0, 1).x
    return source.batch(np.zeros(1, np.intp), Scratch(np.dtype(np.float32))).x


def _names(count: int) -> list[str]:
    return [f"x[{place}]" for place in range(count)]
