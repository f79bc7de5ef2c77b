"""An initializer: arrays of the shape and dtype that are asked for, from the generator that is given."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from layerkit.interfaces.initializer import Initializer
from layerkit.testing.case import Case
from layerkit.testing.closeness import identical
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (7,), (3, 4), (5, 2), (1, 6), (2, 3, 4), (3, 1, 2, 5), (0, 3))
_LARGE: tuple[tuple[int, ...], ...] = ((150, 400), (20, 30, 100), (3, 3, 50, 130))
_MANY: tuple[tuple[int, ...], ...] = ((60, 40), (3, 3, 8, 10))
_FANS = ((400, 150), (50, 900), (150, 400))
_OTHER_FANS = (((3, 4), (4, 3)), ((3, 3, 2, 5), (18, 45)), ((6,), (40, 6)), ((7, 2), (1, 1)))
"""Shapes of which no axis, or another one, is as long as the fans."""
_DEVIATIONS = 6.0
_RAREST = 0.2
"""Of numbers that are far fewer, the places can be told in a few words: those of an identity, say."""
_SHORTER = 0.9


def use(initializer: Initializer, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    return initializer.initialize((6, 4), generator(11), np.dtype(dtype), 6, 4).copy()


def shape_and_dtype(subject: Subject) -> None:
    """The array has the shape and the dtype that are asked for, and finite values."""
    for dtype in (np.float32, np.float64):
        for shape in _SHAPES:
            found: Any = _draw(subject, shape, dtype=dtype)
            if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype != dtype:
                told = f"shape {np.shape(found)}, {getattr(found, 'dtype', type(found).__name__)}"
                no_array = "" if isinstance(found, np.ndarray) else f"{found!r}, {_kind_of_number(found)}"
                raise Unmet(
                    f"for shape {shape} and {np.dtype(dtype)}: {no_array or told}",
                    expected="an array of the shape and the dtype that were asked for",
                    cause="NumPy makes a scalar of arithmetic on an array without axes: write np.asarray(…, dtype)"
                    if shape == () and not isinstance(found, np.ndarray)
                    else "the draw is not cast (.astype(dtype)), or a case of the shape is not thought of",
                )
            if not np.isfinite(found).all():
                raise Unmet(f"for shape {shape}: {found}", expected="finite values", cause="a division by the shape")
        for shape, fans in _OTHER_FANS:
            _require_drawn(subject, shape, fans)


def _require_drawn(subject: Subject, shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    """Numbers are drawn whatever the fans are: layers say them, and no axis need have their length."""
    try:
        found = _draw(subject, shape, fans=fans)
        told = "" if found.shape == shape and np.isfinite(found).all() else f"shape {found.shape}, {found.ravel()[:4]}"
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
    if told:
        raise Unmet(
            f"for shape {shape} with fan_in {fans[0]} and fan_out {fans[1]}: {told}",
            expected=f"finite numbers of shape {shape}",
            cause="a fan is taken for the length of an axis, which it need not be: kernels have more axes than "
            "two, and some weights lie the other way round",
        )


def owned_values(subject: Subject) -> None:
    """Each call gives memory of its own, which may be written to."""
    initializer = subject.make()
    one, other = (initializer.initialize((3, 2), generator(100), np.dtype(float), 3, 2) for _ in range(2))
    if not one.flags.writeable or np.shares_memory(one, other):
        raise Unmet(
            "two calls share their memory" if one.flags.writeable else "the array is read-only",
            expected="a new array that may be written to",
            cause="an array is kept on self or in the module, or broadcast instead of filled",
        )


def seeds(subject: Subject) -> None:
    """The same generator gives the same numbers; if another one gives others, all of them differ."""
    first, again, other = (_draw(subject, (40,), seed=seed) for seed in (101, 101, 102))
    if not identical(first, again):
        raise Unmet(
            "the same seed gives other numbers",
            expected="the same numbers from the same generator",
            cause="numbers from another generator than rng",
        )
    if identical(first, other):
        # the same for every seed is what a constant, an identity or a formula is, and what a fixed seed gives
        larger, as_large = (_draw(subject, _MANY[0], seed=seed) for seed in (101, 102))
        if identical(larger, as_large) and _looks_drawn(larger):
            raise Unmet(
                "numbers that vary within the array, and are the same for every seed",
                expected="numbers from rng",
                cause="a generator of its own with a fixed seed",
            )
        return
    rng = generator(101)
    one, two = (subject.make().initialize((40,), rng, np.dtype(np.float64), 40, 40) for _ in range(2))
    if identical(one, two):
        raise Unmet(
            "the next draw from the same generator gives the same numbers again",
            expected="numbers that rng has not given yet",
            cause="a copy of rng, or its seed, is drawn from; draw from rng itself",
        )


@told_by("seeds")
def places_differ(subject: Subject) -> None:
    """Where numbers are drawn, they are drawn for each place: neither all rows nor all columns are alike."""
    for shape in _MANY:
        drawn, other = (_draw(subject, shape, seed=seed) for seed in (104, 105))
        if identical(drawn, other):
            raise NotApplicable("nothing is drawn: every seed gives the same")
        matrix = drawn.reshape(-1, shape[-1])
        for what, lines in (("rows", matrix), ("columns", matrix.T)):
            if len(np.unique(lines, axis=0)) == 1:
                raise Unmet(
                    f"for shape {shape} all {what} are alike",
                    expected="numbers drawn for each place: units that begin alike learn alike",
                    cause="one row or column is drawn and broadcast; give the whole shape to the generator",
                )
            empty, elsewhere = (array.reshape(matrix.shape) == 0 for array in (drawn, other))
            axis = 0 if what == "rows" else 1
            if (
                empty.all(axis).any()
                and not identical(empty, elsewhere)
                and (empty == empty.all(axis, keepdims=True)).all()
            ):
                raise Unmet(
                    f"for shape {shape} the zeros of all {what} lie at the same places, which are drawn",
                    expected="places that are drawn for each unit: what is 0 in all of them has no effect",
                    cause="one permutation, or one mask, is drawn and serves all rows or columns; draw one for each",
                )


@told_by("places-differ")
def variance(subject: Subject) -> None:
    """Mean and variance are those declared, for several fans."""
    declared = subject.case.variance
    if declared is None:
        raise NotApplicable("no variance is declared: give variance=lambda fan_in, fan_out: …")
    for (fan_in, fan_out), shape in zip(_FANS, _LARGE, strict=True):
        values = _draw(subject, shape, fans=(fan_in, fan_out)).ravel()
        wanted, mean = declared(fan_in, fan_out), subject.case.mean
        centred = (values - mean) ** 2
        # what a sample's mean and variance are off by, estimated from the sample itself
        allowed = _DEVIATIONS * centred.std() / np.sqrt(values.size) + 1e-12
        if not abs(centred.mean() - wanted) <= allowed:
            raise Unmet(
                f"for shape {shape} with fan_in {fan_in} and fan_out {fan_out} the variance is {centred.mean():.5g} ± "
                f"{allowed / _DEVIATIONS:.2g}",
                expected=f"{wanted:.5g}",
                cause="fan_in and fan_out are mixed up, the shape is used in their place, or a deviation is "
                "taken for a variance (a square root), or normal numbers are cut off at two "
                "deviations, which leaves 0.77 of their variance",
            )
        if not abs(values.mean() - mean) <= _DEVIATIONS * values.std() / np.sqrt(values.size) + 1e-12:
            raise Unmet(f"the mean is {values.mean():.5g}", expected=f"{mean:g}", cause="a range that is not centred")


def _looks_drawn(values: Array) -> bool:
    """Whether numbers have no order: few are alike, and none tells of the ones behind it, in a row or in a column."""
    if np.unique(values).size <= values.size // 2:
        return _without_a_pattern(values)
    centred = values - values.mean()
    pairs = ((centred[lag:], centred[:-lag]) for centred in (centred, centred.T) for lag in (1, 2, 3))
    limit = _DEVIATIONS * float(np.mean(centred**2)) * np.sqrt(values.size)
    return all(abs(float(np.sum(one * other))) < limit for one, other in pairs)


def _without_a_pattern(values: Array) -> bool:
    """Whether numbers of few kinds, as signs are, come in an order that cannot be written any shorter."""
    above = values > values.mean()
    bits = np.packbits(above).tobytes()
    return _RAREST <= above.mean() <= 1 - _RAREST and len(zlib.compress(bits, 9)) > _SHORTER * len(bits)


def _draw(
    subject: Subject,
    shape: tuple[int, ...],
    *,
    dtype: type = np.float64,
    seed: int = 103,
    fans: tuple[int, int] | None = None,
) -> Array:
    # as models give them: those of an axis of length 0 are 1
    fan_in, fan_out = fans or (max(1, shape[0]), max(1, shape[-1])) if shape else (1, 1)
    drawn: Array = subject.make().initialize(shape, generator(seed), np.dtype(dtype), fan_in, fan_out)
    return drawn


def _kind_of_number(found: object) -> str:
    kind = "a NumPy scalar" if isinstance(found, np.generic) else f"a {type(found).__name__}"
    return f"{kind}, not an array"


CHECKS = suite(shape_and_dtype, owned_values, seeds, places_differ, variance)
