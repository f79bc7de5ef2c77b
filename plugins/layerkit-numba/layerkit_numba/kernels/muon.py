"""Muon: matrices by products of BLAS, all other parameters as Adam moves them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit.constants import MUON_ADAM, MUON_POLYNOMIAL, MUON_RMS
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart, kernel
from layerkit_numba.kernels.optimizers import adam_move, count_step
from layerkit_numba.kernels.transforms import sum_of_squares
from layerkit_numba.library import library_product
from layerkit_numba.mathematics import like


@compiled
def copy_turned(source: Any, target: Any) -> None:
    """Rows for columns."""
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[column, row] = source[row, column]


@compiled
def orthogonalize(x: Any, other: Any, gram: Any, square: Any, polynomial: Any, iterations: int) -> None:
    """Newton–Schulz steps, X ← a X + (b X Xᵀ + c (X Xᵀ)²) X: products are cheap where there are few rows."""
    rows, columns = x.shape
    for _ in range(iterations):
        library_product(0, 1, 0, 0, rows, x, x, gram)
        library_product(0, 0, 0, 0, rows, gram, gram, square)
        for row in range(rows):
            for column in range(rows):
                number = gram[row, column]
                squared = square[row, column] * like(polynomial[2], number)
                gram[row, column] = number * like(polynomial[1], number) + squared
        library_product(0, 0, 0, 0, columns, gram, x, other)
        for row in range(rows):
            for column in range(columns):
                x[row, column] = x[row, column] * like(polynomial[0], x[row, column]) + other[row, column]


@compiled
def move_matrix(
    values: Any,
    slope: Any,
    velocity: Any,
    direction: Any,
    x: Any,
    other: Any,
    gram: Any,
    square: Any,
    columns: int,
    polynomial: Any,
    length: float,
    momentum: float,
    nesterov: bool,
    iterations: int,
) -> None:
    """v ← μ v + G; W ← W − length · O. All are flat, and as long; the five in the middle are room to work in."""
    for place in range(values.size):
        number = slope[place]
        moved = velocity[place] * like(momentum, number) + number
        velocity[place] = moved
        direction[place] = moved * like(momentum, number) + number if nesterov else moved
    norm = np.sqrt(sum_of_squares(direction))
    if norm == like(0, norm):
        return
    for place in range(values.size):
        direction[place] /= norm
    rows = values.size // columns
    short, long = min(rows, columns), max(rows, columns)
    plain, product = direction.reshape(rows, columns), other.reshape(short, long)
    one, two = gram[: short * short].reshape(short, short), square[: short * short].reshape(short, short)
    if rows > columns:
        turned = x.reshape(short, long)
        copy_turned(plain, turned)
        orthogonalize(turned, product, one, two, polynomial, iterations)
        copy_turned(turned, plain)
    else:
        orthogonalize(plain, product, one, two, polynomial, iterations)
    for place in range(values.size):
        values[place] -= direction[place] * like(length, direction[place])


@compiled
def muon_step(
    parameters: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    count: Any,
    ends: Any,
    columns: Any,
    constants: Any,
    direction: Any,
    x: Any,
    other: Any,
    gram: Any,
    gram_square: Any,
    rate: float,
    momentum: float,
    nesterov: bool,
    iterations: int,
) -> None:
    """Each parameter that has ``columns`` as a matrix, the others as Adam moves them."""
    start = 0
    for which in range(count.size):
        own = slice(start, ends[which])
        size = ends[which] - start
        if columns[which] > 0:
            length = rate * constants[3] * math.sqrt(max(columns[which], size // columns[which]))
            moved = parameters[own], gradient[own], mean[own]
            room = direction[own], x[own], other[own], gram[own], gram_square[own]
            move_matrix(*moved, *room, columns[which], constants[:3], length, momentum, nesterov, iterations)
        else:
            beta1, beta2 = constants[4], constants[5]
            root = math.sqrt(1 - beta2 ** count[which])
            pace, epsilon = rate * root / (1 - beta1 ** count[which]), constants[6] * root
            adam_move(parameters[own], gradient[own], mean[own], square[own], pace, epsilon, beta1, beta2)
        start = ends[which]


@kernel("layerkit.optimizers.muon:Muon")
def _muon(part: UpdatePart) -> UpdateKernel:
    optimizer = part.component
    columns = [each.shape[-1] if optimizer.is_matrix(each) else 0 for each in part.slices]
    numbers = float(optimizer.momentum), bool(optimizer.nesterov), int(optimizer.iterations)
    given = "parameters", "gradient", "mean", "square", "count", "ends", "columns", "constants"
    buffers = "direction", "x", "other", "gram", "gram square"
    return UpdateKernel(
        update=(Call(count_step, "count"), Call(muon_step, *given, *buffers, "rate", *numbers)),
        buffers=buffers,
        states={"mean": 0.0, "square": 0.0},
        slice_numbers=("count",),
        arrays={
            "ends": part.ends,
            "columns": np.array(columns, np.int64),
            "constants": np.array([*MUON_POLYNOMIAL, MUON_RMS, *MUON_ADAM]),
        },
    )
