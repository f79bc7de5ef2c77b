"""The data of a search: what trials see is training data alone; the test data is loaded when the winner is known."""

from __future__ import annotations

from layerkit.data.examples import Examples
from layerkit.data.split import folds, split
from layerkit.errors import ArgumentError, DataError
from layerkit.experiments.building import first_rows
from layerkit.experiments.experiment import Experiment
from layerkit.tuning.search import Search

Part = tuple[Examples, Examples]


def training_data(experiment: Experiment) -> Examples:
    """All rows that trials may see.

    Raises:
        ArgumentError: they do not come in arrays.
    """
    found = first_rows(experiment.dataset.load("train"), experiment.training_examples)
    if not isinstance(found, Examples):
        raise ArgumentError(
            f"a search keeps validation rows of arrays apart, and the training data of "
            f"{type(experiment.dataset).__name__} is a {type(found).__name__}"
        )
    return found


def parts_of(train: Examples, search: Search) -> list[Part]:
    """What trials train on and are judged by.

    Raises:
        DataError: no rows are left for one of both.
    """
    try:
        if search.folds is not None:
            return list(folds(train, k=search.folds, seed=search.seed))
        return [split(train, test_fraction=search.validation_fraction, seed=search.seed)]
    except DataError as error:
        told = str(error).replace("test_fraction", "validation_fraction").replace("for testing", "to judge by")
        raise DataError(f"search: {told}") from None


def final_part(train: Examples, experiment: Experiment) -> tuple[Examples, Examples | None]:
    """What the winner is trained on, and what its callbacks look at, as in ``layerkit run``."""
    if experiment.validation_fraction is None:
        return train, None
    return split(train, test_fraction=experiment.validation_fraction)


def winning_fraction(experiment: Experiment, search: Search) -> float | None:
    """The part that is kept apart from the winner: none, but where callbacks need it to look at."""
    return search.validation_fraction if experiment.callbacks else None
