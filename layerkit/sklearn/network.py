"""What follows from the targets: the cost, and how many outputs the network has."""

from __future__ import annotations

from layerkit.costs.binary_cross_entropy import BinaryCrossEntropy
from layerkit.costs.cross_entropy import CrossEntropy
from layerkit.errors import ArgumentError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.models.node import Node
from layerkit.models.output_range import prediction_range


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


def cost_of_own_outputs(
    owner: str, cost: Cost, last: Layer, node: Node, classes: int, *, multi_label: bool, chosen: bool
) -> Cost:
    """The cost for a network that brings its outputs, of which ``last`` makes as many as ``node`` says.

    It is ``cost``, but for two outputs of two classes cross-entropy, unless the cost was ``chosen``.

    Raises:
        ArgumentError: the outputs do not fit the classes, or the cost.
    """
    wanted = outputs_of_classes(owner, cost, classes, multi_label=multi_label)
    outputs = node.output_shape[-1] if len(node.output_shape) == 1 else wanted
    if outputs == wanted:
        return cost
    two = not multi_label and classes <= 2
    if two and outputs == 2 and not chosen:
        return CrossEntropy()
    if two and outputs == 1:
        lowest, highest = prediction_range(node, cost.readout())
        if lowest >= 0 and highest <= 1:
            return cost
    fitting = f"{wanted}, or leave cost out" if two and chosen else "1 or 2" if two else f"{wanted}"
    raise ArgumentError(
        f"{owner}: output=None takes the last layer for the output, and {last!r:.100} has {outputs} "
        f"output{'' if outputs == 1 else 's'}, and y has {classes} {'labels' if multi_label else 'classes'}: give it "
        f"{fitting}"
    )


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
