"""The built-in costs that are one function of prediction and target, added up over all places of an example."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, CostKernel, CostPart, kernel
from layerkit_numba.kernels.piecewise import between
from layerkit_numba.mathematics import exp, like, tanh
from layerkit_numba.writer import loop

_LOG_TWO = math.log(2)


@compiled
def half_square(a: Any, y: Any) -> Any:
    """½ (a − y)²."""
    difference = a - y
    return like(0.5, difference) * (difference * difference)


@compiled
def difference(a: Any, y: Any) -> Any:
    """a − y."""
    return a - y


@compiled
def absolute(a: Any, y: Any) -> Any:
    """|a − y|."""
    return abs(a - y)


@compiled
def absolute_slope(a: Any, y: Any) -> Any:
    """The sign of a − y."""
    return np.sign(a - y)


@compiled
def huber(a: Any, y: Any, delta: float) -> Any:
    """With c = d cut at ±delta, c (d − ½ c)."""
    near = between(a - y, -delta, delta)
    return near * (a - y - like(0.5, near) * near)


@compiled
def huber_slope(a: Any, y: Any, delta: float) -> Any:
    """a − y, cut at ±delta."""
    return between(a - y, -delta, delta)


@compiled
def log_cosh(a: Any, y: Any) -> Any:
    """Log cosh d: −½ log(1 − tanh² d) where |d| < 1, elsewhere |d| − log 2 + log(1 + e^−2|d|)."""
    size = abs(a - y)
    if size < like(1, size):
        slope = tanh(size)
        return like(-0.5, size) * np.log1p(-slope * slope)
    return size - like(_LOG_TWO, size) + np.log1p(exp(like(-2, size) * size))


@compiled
def log_cosh_slope(a: Any, y: Any) -> Any:
    """tanh(a − y)."""
    return tanh(a - y)


@compiled
def pinball(a: Any, y: Any, quantile: float) -> Any:
    """max(−q d, (1 − q) d)."""
    return (a - y) * pinball_slope(a, y, quantile)


@compiled
def pinball_slope(a: Any, y: Any, quantile: float) -> Any:
    """1 − q above the target, −q below it, 0 at it."""
    above = like(1 - quantile, a) if a > y else like(0, a)
    return like(-quantile, a) if a < y else above


@compiled
def poisson(z: Any, y: Any) -> Any:
    """e^z − y z."""
    return exp(z) - y * z


@compiled
def poisson_slope(z: Any, y: Any) -> Any:
    """e^z − y."""
    return exp(z) - y


@compiled
def binary_entropy(z: Any, y: Any, kept: float, moved: float) -> Any:
    """max(z, 0) − z y + log(1 + e^−|z|), y being smoothed."""
    wanted = y * like(kept, z) + like(moved, z)
    # the small logarithm last, or a certain and right prediction would cost 0
    return ((z if z > like(0, z) else like(0, z)) - z * wanted) + np.log1p(exp(-abs(z)))


@compiled
def binary_entropy_slope(z: Any, y: Any, kept: float, moved: float) -> Any:
    """σ(z) − y."""
    one, decay = like(1, z), exp(-abs(z))
    return (one if z >= like(0, z) else decay) / (one + decay) - (y * like(kept, z) + like(moved, z))


@compiled
def log_of_yes(z: Any) -> Any:
    """log σ(z) = min(z, 0) − log(1 + e^−|z|)."""
    return (like(0, z) if z > like(0, z) else z) - np.log1p(exp(-abs(z)))


@compiled
def binary_focal(z: Any, y: Any, gamma: float) -> Any:
    """−y (1 − p)^gamma log p − (1 − y) p^gamma log(1 − p), p = σ(z)."""
    yes, no, power = log_of_yes(z), log_of_yes(-z), like(gamma, z)
    return -(y * exp(power * no) * yes + (like(1, z) - y) * exp(power * yes) * no)


@compiled
def binary_focal_slope(z: Any, y: Any, gamma: float) -> Any:
    """With q = 1 − p, y q^gamma (gamma p log p − q) + (1 − y) p^gamma (p − gamma q log q)."""
    yes, no, power = log_of_yes(z), log_of_yes(-z), like(gamma, z)
    p, q = exp(yes), exp(no)
    of_yes = y * exp(power * no) * (power * p * yes - q)
    return of_yes + (like(1, z) - y) * exp(power * yes) * (p - power * q * no)


@compiled
def shortfall(z: Any, y: Any) -> Any:
    """max(0, 1 − s z), s = 1 for a yes and −1 for a no."""
    short = like(1, z) - (y + y - like(1, z)) * z
    return like(0, z) if short < like(0, z) else short


@compiled
def shortfall_slope(z: Any, y: Any) -> Any:
    """−s where s z < 1, else 0."""
    return like(1, z) - (y + y) if shortfall(z, y) > like(0, z) else like(0, z)


@compiled
def squared_shortfall(z: Any, y: Any) -> Any:
    """max(0, 1 − s z)²."""
    short = shortfall(z, y)
    return short * short


@compiled
def squared_shortfall_slope(z: Any, y: Any) -> Any:
    """−2 s max(0, 1 − s z)."""
    short = shortfall(z, y)
    return (short + short) * (like(1, z) - (y + y))


_SUM = """
def run(prediction, target, costs, gradient{0}):
    for row in range(prediction.shape[0]):
        total = like(0, costs[row])
        for column in range(prediction.shape[1]):
            a, y = prediction[row, column], target[row, column]
            gradient[row, column] = slope(a, y{1})
            total += term(a, y{1})
        costs[row] = total
"""

_MASKED_SUM = """
def run(prediction, target, costs, gradient, mask{0}):
    each = prediction.shape[1] // max(mask.shape[1], 1)
    for row in range(prediction.shape[0]):
        total = like(0, costs[row])
        for column in range(prediction.shape[1]):
            gradient[row, column] = like(0, total)
            if mask[row, column // each]:
                a, y = prediction[row, column], target[row, column]
                gradient[row, column] = slope(a, y{1})
                total += term(a, y{1})
        costs[row] = total
"""


def summed(part: CostPart, term: Any, slope: Any, *constants: float, in_turn: bool = False) -> CostKernel:
    """A cost of ``term(a, y, *constants)`` at each place, with its slope; or of one of the constants, in turn."""
    names = [f"c{place}" for place in range(len(constants))]
    taken = names
    if in_turn:
        chosen = [f"{name} if column % {len(names)} == {place} else" for place, name in enumerate(names[:-1])]
        taken = [f"({' '.join([*chosen, names[-1]])})"]
    text = (_MASKED_SUM if part.masked else _SUM).format(
        *("".join(f", {each}" for each in row) for row in (names, taken))
    )
    function = loop(text, term=term, slope=slope, like=like)
    mask = ("mask",) if part.masked else ()
    call = Call(function, "prediction:table", "target:table", "costs", "gradient:table", *mask, *constants)
    return CostKernel((call,), masks="heeded")


@kernel("layerkit.costs.quadratic:Quadratic")
def _quadratic(part: CostPart) -> CostKernel:
    return summed(part, half_square, difference)


@kernel("layerkit.costs.quantile:Quantile")
def _quantile(part: CostPart) -> CostKernel:
    given = part.cost.quantiles
    quantiles = given if isinstance(given, (list, tuple)) else (given,)
    return summed(part, pinball, pinball_slope, *map(float, quantiles), in_turn=True)


@kernel("layerkit.costs.absolute_error:AbsoluteError")
def _absolute_error(part: CostPart) -> CostKernel:
    return summed(part, absolute, absolute_slope)


@kernel("layerkit.costs.huber:Huber")
def _huber(part: CostPart) -> CostKernel:
    return summed(part, huber, huber_slope, float(part.cost.delta))


@kernel("layerkit.costs.log_cosh:LogCosh")
def _log_cosh(part: CostPart) -> CostKernel:
    return summed(part, log_cosh, log_cosh_slope)


@kernel("layerkit.costs.poisson:Poisson")
def _poisson(part: CostPart) -> CostKernel:
    return summed(part, poisson, poisson_slope)


@kernel("layerkit.costs.binary_cross_entropy:BinaryCrossEntropy")
def _binary_cross_entropy(part: CostPart) -> CostKernel:
    smoothing = float(part.cost.label_smoothing)
    return summed(part, binary_entropy, binary_entropy_slope, 1 - smoothing, smoothing / 2)


@kernel("layerkit.costs.binary_focal:BinaryFocal")
def _binary_focal(part: CostPart) -> CostKernel:
    return summed(part, binary_focal, binary_focal_slope, float(part.cost.gamma))


@kernel("layerkit.costs.hinge:Hinge")
def _hinge(part: CostPart) -> CostKernel:
    return summed(part, shortfall, shortfall_slope)


@kernel("layerkit.costs.squared_hinge:SquaredHinge")
def _squared_hinge(part: CostPart) -> CostKernel:
    return summed(part, squared_shortfall, squared_shortfall_slope)
