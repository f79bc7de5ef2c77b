"""Data that comes with names, or with targets that are names, in the order that a model knows."""

from __future__ import annotations

import numpy as np

from layerkit.data.class_names import is_text, labels_of_words, places_of
from layerkit.data.examples import Examples
from layerkit.data.frames import is_frame
from layerkit.errors import DataError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch, RandomAccess, Stream
from layerkit.models.schema import Schema
from layerkit.steps.targets import Targets


def matched(examples: Examples, schema: Schema) -> Examples:
    """The same examples with the columns and the target's columns of a model, where both name them; numbers of a table,
    and booleans, that name its classes become labels.

    Raises:
        DataError: the names are not those that the model knows.
    """
    order = schema.order(examples.names)
    if order is not None and not isinstance(examples.x, tuple) and (np.diff(order) != 1).any():
        examples = examples.replace(x=examples.x[:, order], names=schema.columns)
    y = examples.y
    if y is None:
        return examples
    name = examples.target_name
    by_class = schema.classes is not None and isinstance(name, tuple) and set(name) == set(schema.classes)
    places = None if by_class else schema.target_order(name)
    if places is not None and (np.diff(places) != 1).any():
        own = examples.classes
        turned = own if own is None else [own[place] for place in places.tolist()]
        return examples.replace(y=y[:, places], target_name=schema.target, classes=turned)
    if examples.labels is None and (examples.from_table or y.dtype.kind == "b"):
        labels = schema.named(y)
        if labels is not None:
            examples = examples.replace(y=labels, classes=schema.classes)
    return examples


def relabelled(examples: Examples, schema: Schema, targets: Targets) -> Examples:
    """The same examples with a model's labels, or its columns of classes, where both sides name the classes.

    Raises:
        DataError: a class is none that the model knows.
    """
    if examples.y is None or schema.classes is None:
        return examples
    rows = not targets.are_labels(targets.aligned(examples.y))
    names = examples.classes
    if names is None and rows and isinstance(examples.target_name, tuple):
        names = examples.target_name
        if names == schema.target:
            return examples
        unnamed = list(names) == list(map(str, range(len(names))))
        if len(names) != len(schema.classes) or (unnamed and set(names).isdisjoint(schema.classes)):
            return examples
    y = schema.labels(examples.y, names, rows=rows)
    if y is examples.y:
        return examples
    target_name = examples.target_name
    if rows and isinstance(target_name, tuple) and names is not None:
        order = np.argsort(places_of(names, schema.classes))
        target_name = tuple(target_name[place] for place in order.tolist())
    return examples.replace(y=y, classes=schema.classes, target_name=target_name)


def class_names(examples: Examples, cost: Cost) -> tuple[str, ...] | None:
    """The names of the classes: those that are declared, or, of rows that say for each class whether it holds, those of
    their columns."""
    y, names = examples.y, examples.target_name
    if examples.classes is not None or y is None or not isinstance(names, tuple):
        return examples.classes
    return names if cost.of_classes or bool(((y == 0) | (y == 1)).all()) else None


def require_all_words(examples: Examples, schema: Schema, targets: Targets) -> None:
    """Refuse words for a model that knows no names of classes, where some may not occur.

    Raises:
        DataError: there are fewer words than classes, so their places among all cannot be told.
    """
    found = examples.classes
    if schema.classes is not None or not examples.words or found is None or len(found) >= targets.classes:
        return
    raise DataError(
        f"the targets are words, of which {len(found)} occur ({', '.join(map(repr, found[:10]))}), but the model tells "
        f"{targets.classes} classes and knows no names of them, so which is which cannot be told: say "
        "model.schema = Schema(classes=(…)), all of them in the order of their labels, or give "
        "Examples(x, y, classes=(…))"
    )


def require_named_outputs(source: RandomAccess | Stream, schema: Schema, targets: Targets) -> None:
    """Refuse to train where the names of classes are more or fewer than the classes that the model's outputs tell.

    Raises:
        DataError: they are; the message says both numbers.
    """
    names = schema.classes
    if isinstance(source, Examples) and source.classes is not None:
        names = source.classes
    if names is None or not targets.classes or len(names) in (targets.classes, targets.outputs):
        return
    outputs = "1 output, which tells 2" if targets.outputs == 1 else f"{targets.outputs} outputs, one each"
    listed = f"{', '.join(map(repr, names[:10]))}{', …' if len(names) > 10 else ''}"
    raise DataError(
        f"the data has {len(names)} {'class' if len(names) == 1 else 'classes'} ({listed}), but the model has "
        f"{outputs}: give the last layer {len(names)}, or name all classes, in the order of their labels (classes=…)"
    )


def is_named(batch: Batch) -> bool:
    """Whether a batch holds a DataFrame, or targets that may be names: words or booleans."""
    y = batch.y
    if is_frame(batch.x) or is_frame(y) or not isinstance(y, np.ndarray):
        return is_frame(batch.x) or is_frame(y)
    return is_text(y) or (y.dtype.kind == "b" and y.shape[1:] in ((), (1,)))


def batch_examples(batch: Batch, schema: Schema) -> Examples:
    """A batch whose inputs or targets have names.

    Raises:
        DataError: its targets are words, and the model does not know their classes: a batch may hold only some of them.
    """
    y, classes = batch.y, schema.classes
    if isinstance(y, np.ndarray) and y.dtype.kind == "b":
        classes = None
    rows = len(batch.x[0] if isinstance(batch.x, tuple) else batch.x)
    if isinstance(y, np.ndarray) and classes is not None and is_text(y) and len(y) == rows:
        # a word a row, also where columns are called so
        y, classes = labels_of_words(y, classes)
    named = Examples(batch.x, y, weights=batch.weights, mask=batch.mask, classes=classes)
    if schema.classes is None and named.classes is not None:
        raise DataError(
            "a batch's targets are words, and a batch may lack some of the classes: say first which there are, with "
            f"model.schema = Schema(classes={named.classes[:3]!r}), in the order of their labels"
        )
    return named
