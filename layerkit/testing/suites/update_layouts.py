"""What optimizers and transforms keep follows the parameters when layers are frozen, and keeps its precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from layerkit.testing.closeness import difference
from layerkit.testing.rigs.precision import computes_narrowly
from layerkit.testing.rigs.updates import Course, first_parameters, gradients, laid_out, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array

_SHAPES: Mapping[str, tuple[int, ...]] = {"0.weight": (4, 3), "1.weight": (3, 2), "2.weight": (3, 4)}
_WATCHED = "1.weight"
# the second has as many places and as many slices as the first, and the watched one lies elsewhere
_PHASES: tuple[tuple[str, ...], ...] = (
    ("0.weight", "1.weight"),
    ("1.weight", "2.weight"),
    ("1.weight",),
    ("0.weight", "1.weight", "2.weight"),
)
_STEPS = 4
_OF_OTHERS = (1.0, 30.0, 1000.0, 1.0)
"""How much larger the other gradients become where it is tried whether they matter."""
_KEEP = (
    "vectors, or a number for each slice, are kept in ctx.numbers, which stays as it is when the layout changes; "
    "ctx.state(name) and ctx.slice_numbers(name) follow it. Or what is kept for one slice is used for all"
)


@told_by("state-restored", "scratch-reused", "runs-apart", "every-place-moves")
def layers_frozen(subject: Subject) -> None:
    """When layers are frozen or thawed between steps it goes on, and what it keeps for a parameter stays with it."""
    alone = _run(subject, [(_WATCHED,)] * len(_PHASES))
    found = _run(subject, _PHASES)
    for phase, (one, other) in enumerate(zip(found, alone, strict=True)):
        told = difference(one, other)
        if told is None:
            continue
        if _others_matter(subject, alone):
            return
        raise Unmet(
            f"with {' and '.join(_PHASES[phase])} trained, after {' and '.join(_PHASES[phase - 1])}, {_WATCHED} is "
            f"{told}",
            expected="what it is when it is trained alone all the time, as in the steps before",
            cause=_KEEP,
        )


def _others_matter(subject: Subject, alone: Sequence[Array]) -> bool:
    """Whether other parameters matter (a norm over all, the place among them): then nothing can be compared."""
    return any(
        difference(one, other) is not None
        for trained in _PHASES
        for one, other in zip(_run(subject, [trained] * len(_PHASES), of_others=_OF_OTHERS), alone, strict=True)
    )


def _run(
    subject: Subject, phases: Sequence[tuple[str, ...]], *, of_others: Sequence[float] = (1.0,) * len(_PHASES)
) -> list[Array]:
    """The watched parameter after each phase, in which the gradients of all others are so many times as large."""
    values = {path: first_parameters(size=int(np.prod(shape))) for path, shape in _SHAPES.items()}
    component, context = subject.make(), update_context(subject.case.learning_rate, slices=())
    found = []
    for phase, trained in enumerate(phases):
        slices = laid_out({path: _SHAPES[path] for path in trained})
        context.lay_out(slices, np.dtype(np.float64))
        course = Course(component, context, np.concatenate([values[path] for path in trained]))
        for step in range(_STEPS):
            pieces = [
                (1.0 if path == _WATCHED else of_others[phase])
                * slopes(len(values[path]), phase * _STEPS + step, list(_SHAPES).index(path))
                for path in trained
            ]
            try:
                course.step(np.concatenate(pieces))
            except Exception as error:
                if phase == 0:
                    raise
                raise Unmet(
                    f"with {' and '.join(trained)} trained, after {' and '.join(phases[phase - 1])}: "
                    f"{type(error).__name__}: {error}",
                    expected="an update of the parameters that there are now",
                    cause=_KEEP,
                ) from error
        for each in slices:
            values[each.path] = course.parameters[each.start : each.stop].copy()
        found.append(values[_WATCHED])
    return found


def full_precision(subject: Subject) -> None:
    """In a float64 model it computes in float64."""
    count = 8
    start, given = first_parameters(), np.stack(gradients(count))
    evaluates = getattr(subject.make(), "needs_evaluate", False)

    def run(parameters: Array, pushes: Array, rate: float) -> Array:
        course = Course(subject.make(), update_context(rate), parameters.copy())
        for push in pushes:
            push.flags.writeable = False
            course.step(push)
        return np.concatenate([course.parameters, course.gradient])

    rate = subject.case.learning_rate
    narrow = {
        "parameters": computes_narrowly(lambda point: run(point, given, rate), start),
        "rates": computes_narrowly(lambda point: run(start, given, float(point[0])), np.array([rate])),
    }
    # what an optimizer evaluates itself is the kit's own, not the component's arithmetic
    if not evaluates:
        narrow["gradients"] = computes_narrowly(
            lambda point: run(start, np.vstack([given[:-1], point]), rate), given[-1:]
        )
        narrow["earlier gradients"] = computes_narrowly(
            lambda point: run(start, np.vstack([point, given[-1:]]), rate), given[:-1]
        )
    found = [what for what, is_narrow in narrow.items() if is_narrow]
    if found:
        raise Unmet(
            f"{' and '.join(found)} are rounded to float32: those that differ by less give the same",
            expected="the precision of the model's dtype, float64 here",
            cause="a cast to np.float32, or an array or a number of that dtype, on the way",
        )
