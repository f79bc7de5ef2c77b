"""The built-in costs of rows: of classes that exclude each other, and of directions."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, CostKernel, CostPart, kernel
from layerkit_numba.kernels.softmax import exponential, subtract_largest
from layerkit_numba.mathematics import like
from layerkit_numba.writer import loop


@compiled
def entropy_of_row(prediction: Any, target: Any, gradient: Any, row: int, kept: float, moved: float) -> Any:
    """Of logits less their largest, with smoothed targets; the gradient takes the place of their exponentials."""
    total = weight = product = like(0, gradient[row, 0])
    for column in range(prediction.shape[1]):
        wanted = target[row, column] * like(kept, total) + like(moved, total)
        total += gradient[row, column]
        weight += wanted
        product += prediction[row, column] * wanted
    for column in range(prediction.shape[1]):
        wanted = target[row, column] * like(kept, total) + like(moved, total)
        gradient[row, column] = gradient[row, column] / total * weight - wanted
    return np.log(total) * weight - product


@compiled
def divergence_of_row(prediction: Any, target: Any, gradient: Any, row: int, least: float) -> Any:
    """Σ y (log y − log p), in the same manner; 0 · log 0 is 0."""
    total = weight = cost = like(0, gradient[row, 0])
    for column in range(prediction.shape[1]):
        total += gradient[row, column]
        weight += target[row, column]
    logarithm = np.log(total)
    for column in range(prediction.shape[1]):
        wanted = target[row, column]
        own = np.log(wanted if wanted > like(least, wanted) else like(least, wanted))
        cost += (own - (prediction[row, column] - logarithm)) * wanted
        gradient[row, column] = gradient[row, column] / total * weight - wanted
    return cost


@compiled
def focal_of_row(prediction: Any, target: Any, gradient: Any, row: int, gamma: float, least: float) -> Any:
    """−Σ y (1 − p)^gamma log p, in the same manner."""
    total = cost = factors = like(0, gradient[row, 0])
    for column in range(prediction.shape[1]):
        total += gradient[row, column]
    logarithm = np.log(total)
    for column in range(prediction.shape[1]):
        logs = prediction[row, column] - logarithm
        # 1 − p, with its digits also where p is nearly 1
        miss = -np.expm1(logs)
        weight = miss ** like(gamma, miss) * target[row, column]
        cost -= weight * logs
        probability = gradient[row, column] / total
        shift = logs / (miss if miss > like(least, miss) else like(least, miss)) * probability * like(gamma, miss)
        factors += (shift - like(1, miss)) * weight
    for column in range(prediction.shape[1]):
        logs = prediction[row, column] - logarithm
        miss = -np.expm1(logs)
        weight = miss ** like(gamma, miss) * target[row, column]
        probability = gradient[row, column] / total
        shift = logs / (miss if miss > like(least, miss) else like(least, miss)) * probability * like(gamma, miss)
        gradient[row, column] = (shift - like(1, miss)) * weight - probability * factors
    return cost


@compiled
def lead_of_row(prediction: Any, target: Any, gradient: Any, row: int) -> Any:
    """max(0, 1 + max_{j≠y} zⱼ − z_y), of the first among equals."""
    strongest, right = -1, 0
    for column in range(prediction.shape[1]):
        gradient[row, column] = 0
        if target[row, column] > like(0, target[row, column]):
            right = column
        elif strongest < 0 or prediction[row, column] > prediction[row, strongest]:
            strongest = column
    short = prediction[row, strongest] - prediction[row, right] + like(1, prediction[row, right])
    if short > like(0, short):
        gradient[row, strongest] = 1
        gradient[row, right] = -1
        return short
    # false for NaN, which so stays NaN
    return like(0, short) if short <= like(0, short) else short


@compiled
def length_of_row(numbers: Any, row: int, least: float) -> tuple[Any, Any]:
    """The largest size in a row, and its length as a multiple of that, whose square may be more than there is."""
    largest = like(least, numbers[row, 0])
    for column in range(numbers.shape[1]):
        size = abs(numbers[row, column])
        largest = largest if size <= largest else size
    squares = like(0, largest)
    for column in range(numbers.shape[1]):
        number = numbers[row, column] / largest
        squares += number * number
    return largest, np.sqrt(squares if squares > like(least, squares) else like(least, squares))


@compiled
def angle_of_row(prediction: Any, target: Any, gradient: Any, row: int, least: float) -> Any:
    """1 − cos(a, y), and (cos(a, y) a / |a| − y / |y|) / |a|; none where there is no direction."""
    largest, length = length_of_row(prediction, row, least)
    other, wanted = length_of_row(target, row, least)
    cosine = like(0, largest)
    turned = False
    for column in range(prediction.shape[1]):
        own = prediction[row, column] / largest / length
        turned = turned or own != like(0, own)
        cosine += own * (target[row, column] / other / wanted)
    whole = length * largest
    whole = whole if whole > like(least, whole) else like(least, whole)
    for column in range(prediction.shape[1]):
        turn = prediction[row, column] / largest / length * cosine - target[row, column] / other / wanted
        gradient[row, column] = turn / whole if turned else like(0, turn)
    return like(1, cosine) - cosine


_ROWS = """
def run(prediction, target, costs, gradient{0}):
    places = prediction.shape[0] // max(costs.shape[0], 1)
    for example in range(costs.shape[0]):
        cost = like(0, costs[example])
        for row in range(example * places, (example + 1) * places):
            cost += of_row(prediction, target, gradient, row{0})
        costs[example] = cost
"""

_MASKED_ROWS = """
def run(prediction, target, costs, gradient, mask{0}):
    places = prediction.shape[0] // max(costs.shape[0], 1)
    each = places // max(mask.shape[1], 1)
    for example in range(costs.shape[0]):
        cost = like(0, costs[example])
        for row in range(example * places, (example + 1) * places):
            if mask[example, (row - example * places) // each]:
                cost += of_row(prediction, target, gradient, row{0})
            else:
                gradient[row, :] = 0
        costs[example] = cost
"""


def by_rows(part: CostPart, of_row: Any, *constants: float, prediction: str = "prediction") -> Call:
    """A call of ``of_row(prediction, target, gradient, row, *constants)`` for each row that counts."""
    names = "".join(f", c{place}" for place in range(len(constants)))
    text = (_MASKED_ROWS if part.masked else _ROWS).format(names)
    mask = ("mask",) if part.masked else ()
    function = loop(text, of_row=of_row, like=like)
    return Call(function, f"{prediction}:rows", "target:rows", "costs", "gradient:rows", *mask, *constants)


def of_classes(part: CostPart, of_row: Any, *constants: float) -> CostKernel:
    """The same, of logits less their largest, with their exponentials in the gradient's place."""
    return CostKernel(
        (
            Call(subtract_largest, "prediction:rows", "shifted:rows"),
            Call(exponential, "shifted:flat", "gradient:flat"),
            by_rows(part, of_row, *constants, prediction="shifted"),
        ),
        buffers={"shifted": Buffer(part.shape)},
        masks="heeded",
    )


def _tiny(part: CostPart) -> float:
    return float(np.finfo(part.dtype).tiny)


@kernel("layerkit.costs.cross_entropy:CrossEntropy")
def _cross_entropy(part: CostPart) -> CostKernel:
    smoothing = float(part.cost.label_smoothing)
    return of_classes(part, entropy_of_row, 1 - smoothing, smoothing / part.shape[-1])


@kernel("layerkit.costs.kullback_leibler:KullbackLeibler")
def _kullback_leibler(part: CostPart) -> CostKernel:
    return of_classes(part, divergence_of_row, _tiny(part))


@kernel("layerkit.costs.focal:Focal")
def _focal(part: CostPart) -> CostKernel:
    return of_classes(part, focal_of_row, float(part.cost.gamma), _tiny(part))


@kernel("layerkit.costs.categorical_hinge:CategoricalHinge")
def _categorical_hinge(part: CostPart) -> CostKernel:
    return CostKernel((by_rows(part, lead_of_row),), masks="heeded")


@kernel("layerkit.costs.cosine_similarity:CosineSimilarity")
def _cosine_similarity(part: CostPart) -> CostKernel:
    return CostKernel((by_rows(part, angle_of_row, _tiny(part)),), masks="heeded")
