"""Muon."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_boolean, check_integer, check_learning_rate, check_number
from layerkit.constants import MUON_ADAM, MUON_POLYNOMIAL, MUON_RMS
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext, check_tags
from layerkit.optimizers.adam import adam_move, adam_numbers, counted
from layerkit.types import Array

_A, _B, _C = MUON_POLYNOMIAL
_BETA1, _BETA2, _EPSILON = MUON_ADAM


@final
class Muon(Optimizer):
    """v ← μ v + G;  W ← W − 0.2 η √max(n, k) O for each matrix W, (n, k); Adam's step for all other parameters.

    O is G + μ v (or v) with all its singular values brought near 1, by Newton–Schulz steps
    X ← 3.4445 X − 4.7750 X Xᵀ X + 2.0315 (X Xᵀ)² X. A parameter of more axes is a matrix with its last axis as columns.
    The factor makes a step as long as Adam's are, so one learning rate serves both.

    Args:
        learning_rate: η, at least 0, or a Schedule.
        momentum: μ, 0 ≤ μ < 1.
        nesterov: whether momentum looks ahead.
        iterations: how many Newton–Schulz steps, 1 to 100.
        except_tags: matrices with one of these tags are moved as Adam moves them; embeddings by default.

    Source: Jordan et al., *Muon: an optimizer for hidden layers in neural networks*, 2024; Liu et al., *Muon is
    scalable for LLM training*, 2025 (the factor).

    >>> Muon(1e-2)
    Muon(learning_rate=0.01)
    """

    bounded_steps = True
    keeps_non_finite = True
    minima: ClassVar[Mapping[str, float]] = {"count": 0, "square": 0}

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        *,
        momentum: float = 0.95,
        nesterov: bool = True,
        iterations: int = 5,
        except_tags: Sequence[str] = ("embedding",),
    ) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "momentum", momentum, minimum=0, below=1)
        check_boolean(self, "nesterov", nesterov)
        check_integer(self, "iterations", iterations, minimum=1, maximum=100)
        check_tags(self, "except_tags", except_tags)
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.iterations = iterations
        self.except_tags = except_tags

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean, square = ctx.state("mean"), ctx.state("square")
        work = ctx.scratch("work", parameters.shape)
        for each, count in zip(ctx.slices, counted(ctx), strict=True):
            place = slice(each.start, each.stop)
            if self.is_matrix(each):
                columns = each.shape[-1]
                values, slope, velocity = (array[place].reshape(-1, columns) for array in (parameters, gradient, mean))
                self._move(values, slope, velocity, ctx)
            else:
                by = adam_numbers(ctx, count, beta1=_BETA1, beta2=_BETA2, epsilon=_EPSILON)
                adam_move(parameters[place], gradient[place], mean[place], square[place], work[place], by)

    def is_matrix(self, each: ParameterSlice) -> bool:
        """Whether a parameter is moved as a matrix."""
        return len(each.shape) > 1 and each.stop > each.start and set(self.except_tags).isdisjoint(each.tags)

    def _move(self, values: Array, slope: Array, velocity: Array, ctx: UpdateContext) -> None:
        np.multiply(velocity, ctx.scratch.scalar("momentum", self.momentum), velocity)
        np.add(velocity, slope, velocity)
        direction = slope + ctx.scratch.scalar("momentum", self.momentum) * velocity if self.nesterov else velocity
        length = -ctx.learning_rate * MUON_RMS * math.sqrt(max(values.shape))
        values += ctx.scratch.scalar("length", length) * _orthogonal(direction, self.iterations)


def _orthogonal(matrix: Array, iterations: int) -> Array:
    """The same matrix with all singular values near 1."""
    turned = matrix.shape[0] > matrix.shape[1]
    # products are cheaper on the shorter side
    x = matrix.T if turned else matrix
    # its largest singular value is at most its Frobenius norm
    norm = np.linalg.norm(x)
    if norm == 0:
        return matrix
    x = x / norm
    for _ in range(iterations):
        gram = x @ x.T
        x = x.dtype.type(_A) * x + (x.dtype.type(_B) * gram + x.dtype.type(_C) * (gram @ gram)) @ x
    return x.T if turned else x
