"""What follows from the targets: the cost, and how many outputs the network has."""

from __future__ import annotations

from layerkit.costs.binary_cross_entropy import BinaryCrossEntropy
from layerkit.costs.cross_entropy import CrossEntropy
from layerkit.errors import ArgumentError
from layerkit.interfaces.cost import Cost


def cost_of_classes(classes: int, *, multi_label: bool) -> Cost:
    """The cost for so many classes, or labels of which an example may have several, as MLPClassifier has it."""
    return BinaryCrossEntropy() if multi_label or classes <= 2 else CrossEntropy()


def outputs_of_classes(owner: str, cost: Cost, classes: int, *, multi_label: bool) -> int:
    """How many outputs a network has for so many classes, or labels: of two classes one, where the cost says yes or no.

    Raises:
        ArgumentError: the cost is none of such targets.
    """
    name = type(cost).__name__
    readout = cost.readout()
    yes_or_no = readout is not None and readout.elementwise and readout.lowest >= 0 and readout.highest <= 1
    if multi_label:
        if cost.of_classes and not yes_or_no:
            raise ArgumentError(
                f"{owner}: y has {classes} labels of which an example may have several, and {name} is for classes that "
                "exclude each other: take BinaryCrossEntropy, or leave cost out"
            )
        return classes
    if yes_or_no and classes > 2:
        raise ArgumentError(
            f"{owner}: y has {classes} classes that exclude each other, and {name} tells a yes or no: take "
            "CrossEntropy, or leave cost out"
        )
    return 1 if yes_or_no else max(classes, 2)


def outputs_of_numbers(owner: str, cost: Cost, numbers: int) -> int:
    """How many outputs a network has for so many numbers an example.

    Raises:
        ArgumentError: the cost is one of classes.
    """
    if cost.of_classes or cost.target_form == "labels":
        raise ArgumentError(
            f"{owner}: {type(cost).__name__} is a cost of classes, and y holds numbers: take Quadratic, say, or "
            "LayerkitClassifier"
        )
    return numbers * cost.outputs_per_target
