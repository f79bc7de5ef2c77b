"""Operations of NumPy whose results have one shape are repeated on new numbers, to the bit, whatever form they take."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit.models.tape import Tape
from layerkit.types import Array


def assigned(y: Array, key: Any, value: Any) -> Array:
    y[key] = value
    return y


def filled(y: Array, value: float) -> Array:
    y.fill(value)
    return y


def sorted_in_place(y: Array) -> Array:
    y.sort(axis=0)
    return y


def added_at(y: Array, places: Array, values: Any) -> Array:
    np.add.at(y, places, values)
    return y


def copied_to(y: Array, x: Array) -> Array:
    np.copyto(y, x)
    return y


def operated_on(x: Any, y: Any) -> Any:
    z = x * 1.0
    z += y
    z *= 2
    z -= x
    z /= 3
    z **= 2
    return -z + abs(x) - (y >= x)


def locked(x: Array) -> Array:
    x.flags.writeable = False
    return x


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "constant array": lambda x, y: x + np.arange(3.0),
    "constant places": lambda x, y: x[:, [2, 0, 1]],
    "constant booleans": lambda x, y: x[:, np.array([True, False, True])],
    "one number": lambda x, y: x * x[0, 1],
    "recorded places": lambda x, y: x[np.argsort(x[:, 0])],
    "place of the largest": lambda x, y: np.take_along_axis(x, np.argmax(x, axis=1)[:, None], axis=1),
    "assignment by booleans": lambda x, y: assigned(y * 1.0, x > 1, 0.5),
    "assignment by places": lambda x, y: assigned(y * 1.0, (slice(None), [0, 2]), x[:, :2]),
    "assignment of one number": lambda x, y: assigned(y * 1.0, (0, 0), x[1, 1]),
    "assignment of integers": lambda x, y: assigned(y * 1.0, 0, [1, 2, 3]),
    "assignment into integers": lambda x, y: assigned(np.zeros_like(x, dtype=int), ..., x),
    "fill": lambda x, y: filled(y * 1.0, 3.0) + x,
    "sort in place": lambda x, y: sorted_in_place(x * 1.0),
    "add at": lambda x, y: added_at(y * 1.0, np.array([0, 0, 1]), x[:3]),
    "copyto": lambda x, y: copied_to(np.empty_like(y), x),
    "where": lambda x, y: np.where(x > y, x, y),
    "clip": lambda x, y: x.clip(0.2, 1.5) + np.clip(y, 0, 1),
    "astype": lambda x, y: x.astype(np.float32).astype(np.float64),
    "comparison": lambda x, y: (x > y).astype(x.dtype) * x,
    "copies": lambda x, y: x.copy() + copy.copy(y) + copy.deepcopy(x) + np.copy(y),
    "reductions": lambda x, y: x.sum() + x.mean(axis=0) + x.var(axis=0) + x.max() - x.min(axis=0) + x.prod(axis=0),
    "functions that reduce": lambda x, y: np.sum(x) + np.mean(x, axis=0) + np.std(y) + np.max(x) + np.linalg.norm(y),
    "any and all": lambda x, y: (x > 1).any(axis=0) * 1.0 + (y > 1).all(axis=0),
    "keepdims": lambda x, y: x - x.mean(axis=-1, keepdims=True) / x.std(-1, keepdims=True),
    "concatenation": lambda x, y: np.concatenate([x, y], axis=1) + np.hstack((y, x)),
    "stacking": lambda x, y: np.stack([x, y]).sum(axis=0),
    "splitting": lambda x, y: sum(np.split(x, 3, axis=1)),
    "iteration": lambda x, y: sum(row * place for place, row in enumerate(x)),
    "iteration over numbers": lambda x, y: sum(x[0]) * y,
    "matrix products": lambda x, y: x @ y.T + x.dot(y.T) + np.dot(x, y.T) + np.einsum("ij,kj->ik", x, y),
    "product of a constant": lambda x, y: np.ones((2, 4)) @ x,
    "product into a third place": lambda x, y: np.dot(x.T, y, np.empty_like(x[:3])),
    "two results": lambda x, y: np.divmod(x, 0.7)[0] + np.modf(y)[0],
    "outer": lambda x, y: np.add.outer(x[0], y[0]) + np.multiply.outer(x[1], y[1]),
    "accumulated": lambda x, y: np.maximum.accumulate(x, axis=0) + np.cumsum(y, axis=1) + x.cumsum(axis=0),
    "forms": lambda x, y: np.moveaxis(x[None], 0, -1).squeeze(-1) + np.expand_dims(y, 0)[0] + np.flip(x, axis=1),
    "reshape that copies": lambda x, y: x.T.reshape(-1) + y.T.ravel() + np.ravel(x.T) + y.T.flatten(),
    "windows": lambda x, y: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1).sum(axis=-1) * y[:, :2],
    "broadcasting": lambda x, y: np.broadcast_to(x[:1], x.shape) + y,
    "in place": lambda x, y: np.add(x, y, out=np.zeros_like(x)),
    "operators in place": operated_on,
    "NumPy's numbers": lambda x, y: np.float64(2) * x - y * np.float64(0.5),
    "types": lambda x, y: x * (1.0 if np.issubdtype(x.dtype, np.floating) and np.ndim(y) == 2 else 2.0),
    "is an array": lambda x, y: x * (1.0 if isinstance(x, np.ndarray) else 2.0),
    "read-only": lambda x, y: locked(x * 2.0) + y,
    "decomposition": lambda x, y: np.linalg.inv(x[:3] @ x[:3].T + np.eye(3)) @ np.linalg.qr(y[:3]).R,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_repeated_on_new_numbers(name: str) -> None:
    rng = np.random.default_rng(0)
    memory = rng.uniform(0.1, 2, (2, 4, 3))
    tape = Tape()
    result = OPERATIONS[name](tape.wrap(memory[0]), tape.wrap(memory[1]))
    assert tape.valid, tape.reason
    first = result.memory.copy()
    np.testing.assert_array_equal(first, OPERATIONS[name](*memory.copy()))
    memory[...] = rng.uniform(-2, 2, memory.shape)
    wanted = OPERATIONS[name](*memory.copy())
    tape.run()
    np.testing.assert_array_equal(result.memory, wanted)
    assert not np.array_equal(result.memory, first)


CHANGING: dict[str, Callable[[Any], Any]] = {
    "repeat": lambda x: np.repeat(x, np.greater(x[:, 0], 1).astype(int), axis=0),
    "pad": lambda x: np.pad(x[0], np.greater(x[0, :2], 1).astype(int)),
    "compress": lambda x: np.compress(x[0] > 1, x, axis=1),
    "extract": lambda x: np.extract(x > 1, x),
    "bincount": lambda x: np.bincount(np.greater(x[0], 1).astype(int)),
    "boolean index": lambda x: x[x > 1],
    "where": lambda x: np.where(x > 1)[0],
    "delete": lambda x: np.delete(x, np.argmax(x[:, 0]), axis=0),
    "piecewise": lambda x: np.piecewise(x, [x > 1, x <= 1], [lambda v: v * (len(v) > 2), 0.0]),
}


@pytest.mark.parametrize("name", CHANGING)
def test_what_has_another_length_for_other_numbers_is_not_repeated(name: str) -> None:
    tape = Tape()
    CHANGING[name](tape.wrap(np.random.default_rng(0).uniform(0.1, 2, (4, 3))))
    assert not tape.valid
