"""What a person gives as data, as a source of examples or batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from layerkit.arrays import plain_array
from layerkit.data.examples import Examples, examples_of
from layerkit.data.frames import features, is_frame
from layerkit.data.generated import Generated
from layerkit.errors import ArgumentError, DataError, DatasetError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.models.named_input import tuple_of
from layerkit.steps.not_data import require_data
from layerkit.types import Shape, Value


def as_source(data: Any, *, split: str, weights: Any, mask: Any) -> RandomAccess | Stream:
    """Arrays, a Dataset (its ``split``), a source, or batches, as a source.

    Raises:
        ArgumentError: ``weights`` or ``mask`` is given twice, with the data and beside it.
        DataError: it is none of these, or empty.
    """
    require_data(data)
    examples = examples_of(data)
    if examples is not None:
        data = examples
    elif isinstance(data, Dataset):
        data = _loaded(data, split)
    if isinstance(data, Examples):
        extra = {name: value for name, value in (("weights", weights), ("mask", mask)) if value is not None}
        for name in extra:
            if getattr(data, name) is not None:
                verb = "is" if name == "mask" else "are"
                raise ArgumentError(f"{name} {verb} given twice, with the data and as {name}=…: leave one out")
        data = data.replace(**extra) if extra else data
    elif isinstance(data, Mapping):
        raise DataError(
            f"a {type(data).__name__} is no data: give its arrays as a tuple (x, y); x may be a dictionary of arrays, "
            'for a model that names its inputs: ({"image": …, "age": …}, y)'
        )
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


def _loaded(dataset: Dataset, split: str) -> RandomAccess | Stream:
    loaded: Any = dataset.load(split)
    if not isinstance(loaded, (RandomAccess, Stream)):
        kind = type(dataset).__name__
        written = "return Examples(x, y)" if isinstance(loaded, tuple) else "return Examples(x, y), or a Stream"
        given = "None: is a `return` missing?" if loaded is None else f"a {type(loaded).__name__}"
        raise DatasetError(f"{kind}.load must return a RandomAccess or a Stream, and returned {given}. Write {written}")
    return loaded


def input_shape(source: RandomAccess | Stream, names: Sequence[str] = ()) -> Shape:
    """The shape of one input, or the shapes of several, as the source's first example has them.

    A stream is opened for that, so a generator that serves once is used up. ``names``: of a model's inputs, in order.

    Raises:
        DataError: there is no example, or its inputs have other names.
    """
    if isinstance(source, Stream):
        first = next(iter(source.open(0, 0)), None)
        if first is None:
            raise DataError("the data is empty: its stream has not one batch")
        x = Examples(first.x, first.y).x if is_frame(first.x) else by_input(first.x, names)
    else:
        x = first_inputs(source, names)
    return tuple(part.shape[1:] for part in x) if isinstance(x, tuple) else x.shape[1:]


def first_inputs(source: RandomAccess, names: Sequence[str]) -> Value:
    """The inputs of the first example, in the order of ``names`` where they come by name."""
    if isinstance(source, Examples):
        return ordered_inputs(source, names).slice(0, 1).x
    return by_input(source.batch(np.zeros(1, np.intp), Scratch(np.dtype(np.float32))).x, names)


def ordered_inputs(examples: Examples, names: Sequence[str]) -> Examples:
    """The same examples with their inputs in the order of ``names``, where they have names.

    Raises:
        DataError: their names are others.
    """
    if examples.input_names is None or examples.input_names == tuple(names):
        return examples
    x = tuple_of(dict(zip(examples.input_names, examples.x, strict=True)), names)
    return examples.replace(x=x, input_names=tuple(names) if isinstance(x, tuple) else None)


def by_input(x: Any, names: Sequence[str]) -> Any:
    """A batch's inputs that come in a dictionary, in the order of ``names``; anything else as it is.

    Raises:
        DataError: their names are others.
    """
    if not isinstance(x, Mapping):
        return x
    return tuple_of(
        {
            name: features(part).array if is_frame(part) else plain_array(part, f"x[{name!r}]")
            for name, part in x.items()
        },
        names,
    )
