"""How much the examples of each class count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np

from layerkit.arguments import check_number
from layerkit.data.class_names import class_values, number_named
from layerkit.errors import ArgumentError, DataError
from layerkit.steps.targets import Targets
from layerkit.steps.weights import checked_weights, scaled_weights
from layerkit.suggestions import did_you_mean
from layerkit.types import Array

BALANCED = "balanced"
_TOLD = 10


def check_class_weights(owner: object, given: Any) -> None:
    """Refuse anything but ``"balanced"``, a mapping from classes to numbers of at least 0, or None.

    Raises:
        ArgumentError: it is something else; the message names the class.
    """
    if given is None or (isinstance(given, str) and given == BALANCED):
        return
    if not isinstance(given, Mapping) or not given:
        title = owner if isinstance(owner, str) else type(owner).__name__
        raise ArgumentError(
            f"{title}: class_weights must be 'balanced', or a mapping from each class to its weight, such as "
            f"{{0: 1.0, 1: 5.0}} or {{'no': 1.0, 'yes': 5.0}}; got {given!r}"
        )
    for key, weight in given.items():
        check_number(owner, f"class_weights[{key!r}]", weight, minimum=0)


@final
class ClassWeights:
    """Weights of classes, which multiply the weights of their examples.

    Args:
        given: a mapping from each class – its label, or its name – to its weight; or ``"balanced"``: the weight of
            class c is n / (k · n_c), for examples that weigh n, of which those of c weigh n_c, in k classes that occur.
        targets: what tells labels from numbers.
        names: those of the classes, in the order of the model's labels, if they are known.
        own: the same in the order of the data's own labels, if that is another: labels in ``given`` are the data's.
            Numbers are labels, unless they name the classes.

    Raises:
        ArgumentError: a class is unknown, lacks its weight or has it twice, a number may be a name or a label, or the
            model has outputs for positions.
    """

    def __init__(
        self, given: Any, targets: Targets, names: Sequence[str] | None, own: Sequence[str] | None = None
    ) -> None:
        check_class_weights("Trainer.fit", given)
        self._targets = targets
        if targets.positions:
            raise ArgumentError(
                "Trainer.fit: class_weights are weights of examples, and this model's targets say a class for each of "
                "the positions in an example: leave class_weights out, or give each example a weight (weights=…)"
            )
        self._vector = None if given == BALANCED else scaled_weights(_vector(given, targets.classes, names, own))

    @property
    def balanced(self) -> bool:
        """Whether the weights follow from how often each class occurs, so that all targets must be known."""
        return self._vector is None

    @property
    def told(self) -> Any:
        """The same as JSON-safe values that do not depend on how it was written: ``"balanced"``, or a list by label."""
        return BALANCED if self._vector is None else self._vector.tolist()

    def combined(self, y: Array, weights: Array | None) -> Array:
        """The weights of examples with these targets, multiplied with ``weights``; float64 ``(n,)``.

        Raises:
            DataError: the targets do not say a class each, or no example is left that counts.
        """
        labels = self._labels(y)
        vector = self._vector
        if vector is None:
            counts = np.bincount(labels, weights, minlength=self._targets.classes)
            occurring = counts > 0
            vector = np.zeros(len(counts))
            vector[occurring] = counts.sum() / (np.count_nonzero(occurring) * counts[occurring])
        found = vector[labels]
        return checked_weights(found if weights is None else found * weights)

    def _labels(self, y: Array) -> Array:
        if self._targets.are_labels(y) and y.ndim == 1:
            return y.astype(np.int64, copy=False)
        if y.ndim == 2 and bool(((y == 0) | (y == 1)).all()):
            if y.shape[1] == 1:
                return y[:, 0].astype(np.int64)
            if bool((y.sum(axis=1) == 1).all()):
                return y.argmax(axis=1)
        raise DataError(
            "class_weights need targets that say one class each: integer labels (n,), one-hot rows, or 0 and 1 for a "
            f"single output; got targets of shape {y.shape} and dtype {y.dtype}. Leave class_weights out, or give each "
            "example a weight (weights=…)"
        )


def _vector(given: Mapping[Any, Any], classes: int, names: Sequence[str] | None, own: Sequence[str] | None) -> Array:
    """The weight of each label."""
    by_number = _by_number(given, classes, names, own)
    found: dict[int, float] = {}
    keys: dict[int, Any] = {}
    for key, weight in given.items():
        label = _label(key, classes, names, by_number)
        if label in found:
            raise ArgumentError(
                f"Trainer.fit: class_weights name one class twice, as {keys[label]!r} and as {key!r}: leave one out"
            )
        found[label], keys[label] = float(weight), key
    lacking = [label for label in range(classes) if label not in found]
    if lacking:
        told = ", ".join(repr(_name(label, names)) for label in lacking[:_TOLD]) + (" …" if lacking[_TOLD:] else "")
        raise ArgumentError(
            f"Trainer.fit: class_weights lack the class{'es' * (len(lacking) > 1)} {told}: give each class a weight; 1 "
            "leaves it as it is, 0 leaves it out"
        )
    if not any(found.values()):
        raise ArgumentError("Trainer.fit: class_weights are all 0, so no example counts")
    return np.array([found[label] for label in range(classes)])


def _by_number(
    given: Mapping[Any, Any], classes: int, names: Sequence[str] | None, own: Sequence[str] | None
) -> Mapping[float | None, int]:
    """The label that each number stands for: that of the class which is named so, else the place.

    Where classes are named by numbers, but these are those of other places, all numbers together tell what is meant.

    Raises:
        ArgumentError: both can be meant.
    """
    known = [] if names is None else list(names[:classes])
    if own is None:
        places: dict[float | None, int] = {float(label): label for label in range(classes)}
    else:
        places = {float(place): known.index(name) for place, name in enumerate(own[:classes]) if name in known}
    by_name = class_values(known)
    keys = {number for key in given if (number := _number(key, known)) is not None}
    if not by_name or not (keys <= by_name.keys() or len(keys) < classes or not keys <= places.keys()):
        return places
    both = keys <= by_name.keys() and keys <= places.keys() and any(by_name[key] != places[key] for key in keys)
    if both and own is None and len(keys) == classes:
        told = ", ".join(map(repr, known[:_TOLD]))
        raise ArgumentError(
            f"Trainer.fit: class_weights: the classes are called {told}, in this order, so a number may be a name or a "
            f"place: write the names as text, such as {{{known[0]!r}: 1.0, …}}"
        )
    return by_name


def _number(key: Any, known: Sequence[str]) -> float | None:
    return None if isinstance(key, str) and key in known else number_named(key)


def _label(key: Any, classes: int, names: Sequence[str] | None, by_number: Mapping[float | None, int]) -> int:
    known = [] if names is None else list(names[:classes])
    if isinstance(key, str) and key in known:
        return known.index(key)
    # the keys of a TOML table are text
    number = number_named(key)
    if number is not None and number in by_number:
        return by_number[number]
    told = ", ".join(map(repr, known[:_TOLD])) + " …" * (len(known) > _TOLD) or f"0 to {classes - 1}"
    near = did_you_mean(key, known) if isinstance(key, str) else ""
    raise ArgumentError(f"Trainer.fit: class_weights name {key!r}, which is no class.{near} The classes: {told}")


def _name(label: int, names: Sequence[str] | None) -> Any:
    return label if names is None or label >= len(names) else names[label]
