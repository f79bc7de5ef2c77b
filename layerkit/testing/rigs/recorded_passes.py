"""What is declared recordable, recorded once and repeated on other numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

from layerkit.models.tape import Tape, unrecorded
from layerkit.testing.closeness import difference, identical
from layerkit.testing.inputs import each, owned, parts
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array, Value

Passes: TypeAlias = Callable[[Value, Tape | None], Value]
"""Runs both passes in fresh contexts, on arrays that are given, and gives all that came of them; recorded on a tape,
where there is one."""

Variant: TypeAlias = tuple[str, Callable[[], Value]]
"""How other numbers are told to a person, and the call that draws them and puts all else in its place."""

SCALES = (0.1, 1.0, 10.0, 100.0, 0.0, -1.0, -30.0)
"""By what numbers are multiplied, so that a branch which they decide is reached."""


def require_repeatable(passes: Passes, given: Value, variants: Iterable[Variant], told: str) -> None:
    """Record the passes on some numbers, and repeat the recording on others, where the passes must give the same.

    Raises:
        Unmet: they do not, or nothing could be recorded.
    """
    memory = owned(given)
    views = each(_read_only_view, memory)
    tape = Tape()
    results: Value = None
    try:
        results = each(unrecorded, passes(each(tape.wrap, views), tape))
    except Exception as error:
        # an error of the recording's own: the passes themselves have been run by the checks before this one
        tape.refuse(f"{type(error).__name__}: {error}")
    if tape.reason is not None:
        raise Unmet(
            f"{told}: nothing can be recorded, for {tape.reason}",
            expected="passes that are always the same NumPy operations, or recordable left at False",
            cause="recordable is declared, and no engine could use it: what Python reads off an array it would read "
            "once. What depends on numbers has to be an operation: np.where, np.maximum or where= in the place of an "
            "if or an index of booleans. Memory that results are written into is ctx.scratch",
        )
    for name, variant in variants:
        for place, numbers in zip(parts(memory), parts(variant()), strict=True):
            np.copyto(place, numbers)
        try:
            wanted = owned(passes(views, None))
        except Exception:
            # what the component refuses, by whatever error, is no matter of recording
            continue
        tape.run()
        difference_told = None if identical(results, wanted) else difference(results, wanted)
        if difference_told is not None:
            raise Unmet(
                f"{told}: recorded once and repeated on {name}, it gives {difference_told} without recording",
                expected="what the passes give",
                cause="recordable is declared, but what is done depends on something that is no array of the pass: a "
                "count of passes, the time, something on self",
            )


def _read_only_view(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def scaled(value: Value, scale: float) -> Any:
    """The same numbers, those that are floating multiplied."""
    return each(lambda array: array * scale if array.dtype.kind == "f" else array, value)
