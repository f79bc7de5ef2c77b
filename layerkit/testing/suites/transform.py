"""A transform: it changes the gradient before an update, or the parameters after it, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from layerkit.interfaces.transform import Transform
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference, identical
from layerkit.testing.rigs.references import SCALES, fits_any_length
from layerkit.testing.rigs.repeatable import require_repeatable
from layerkit.testing.rigs.updates import (
    MIDDLING,
    SLICES,
    Course,
    first_parameters,
    gradients,
    slopes,
    update_context,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.transform_gradients import gradients_get_through
from layerkit.testing.suites.transform_turns import looked_at_seldom, parameters_brought_back
from layerkit.testing.suites.update_draws import draws_from_the_context
from layerkit.testing.suites.update_layouts import full_precision, layers_frozen
from layerkit.testing.suites.update_lengths import long_vectors
from layerkit.testing.suites.update_limits import parameters_of_zero, rate_of_zero, without_an_epochs_length
from layerkit.testing.suites.update_memory import memory_above_its_minima
from layerkit.testing.suites.update_places import every_parameter_in_any_order, every_place_changes
from layerkit.testing.suites.update_shapes import parameters_of_any_shape
from layerkit.testing.suites.update_steady import steady_gradients
from layerkit.testing.suites.update_thawed import first_step_of_the_thawed
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_PERIODS = 40
"""Steps enough for a transform that starts late, or acts now and then."""
_CUTS = (1, 3, 6, 14)
_STRENGTH = 5.0
_OUTLIER, _SELDOM = 1000 * _STRENGTH, 7
_ENORMOUS = 1e9
"""How large a gradient is that stands out, and at each how many steps there is one."""


def use(transform: Transform, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    course = _course(transform, case, dtype=dtype)
    given = []
    for gradient in gradients(3, dtype):
        course.step(gradient)
        given += [course.gradient, course.parameters.copy()]
    return tuple(given)


def does_something(subject: Subject) -> None:
    """It implements before, after, or both."""
    target = subject.target
    if target.before is Transform.before and target.after is Transform.after:
        raise Unmet(
            "neither before nor after is implemented",
            expected="one of the two, at least",
            cause="a method's name is misspelt",
        )


def parameters_read_in_before(subject: Subject) -> None:
    """Before an update, the parameters are only read."""
    parameters = first_parameters()
    parameters.flags.writeable = False
    try:
        subject.make().before(parameters, gradients(1)[0].copy(), update_context(subject.case.learning_rate))
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise Unmet(
            f"{error}",
            expected="parameters that stay as they are until the update",
            cause="before writes into parameters; change the gradient there, and the parameters in after",
        ) from error


@told_by("does-something")
def works_in_place(subject: Subject) -> None:
    """What it changes, it changes in place: some vector is changed, and nothing is returned."""
    course = _course(subject.make(), subject.case)
    for gradient in gradients(_PERIODS):
        course.step(_STRENGTH * gradient)
    returned = course.returned
    if returned is not None:
        raise Unmet(
            f"{'an array' if isinstance(returned, np.ndarray) else repr(returned)} is returned",
            expected="None; the vectors are changed in place",
            cause="the changed array is returned instead of written: use gradient[...] = or out=gradient",
        )
    if not course.touched.any() and not _changes_what_is_rare(subject):
        raise Unmet(
            f"in {_PERIODS} steps neither a gradient nor the parameters changed",
            expected="a change, for gradients of five times the usual size, for one that is a thousand times larger "
            "than those before it, or where parameters are exactly 0",
            cause="a name is bound to a new array (`gradient = …`) instead of writing into the one given; or the "
            "case's arguments have no effect: give `arguments` that do",
        )


def _changes_what_is_rare(subject: Subject) -> bool:
    """Whether it does something where a part of the parameters is exactly 0, as after pruning, and a gradient that
    stands out comes now and then."""
    start = first_parameters()
    start[::3] = 0.0
    course = Course(subject.make(), update_context(subject.case.learning_rate), start)
    for step, gradient in enumerate(gradients(_PERIODS)):
        course.step((_OUTLIER if step % _SELDOM == _SELDOM - 1 else _STRENGTH) * gradient)
    for gradient in gradients(_SELDOM):
        course.step(_ENORMOUS * gradient)
    return bool(course.touched.any())


def zero_gradient(subject: Subject) -> None:
    """A gradient of zeros leaves everything finite."""
    course = _after(subject, 12, 0.0)
    if not (np.isfinite(course.parameters).all() and np.isfinite(course.gradient).all()):
        raise Unmet(
            "a gradient of zeros gives numbers that are not finite",
            expected="finite numbers",
            cause="a division by the gradient's norm",
        )


@told_by("draws-from-the-context")
def dtypes_kept(subject: Subject) -> None:
    """In float32 it gives float64's results, but for rounding."""
    wide, narrow = (_after(subject, 8, _STRENGTH, dtype=dtype) for dtype in (np.float64, np.float32))
    if narrow.context.rng.bit_generator.state != wide.context.rng.bit_generator.state:
        raise NotApplicable("it draws its random numbers in the dtype of the model, so they are others in float32")
    told = difference((narrow.gradient, narrow.parameters), (wide.gradient, wide.parameters), units=4096)
    if told is not None:
        raise Unmet(
            f"in float32, {told} in float64", expected="the same but for rounding", cause="a formula that overflows"
        )


def scratch_reused(subject: Subject) -> None:
    """Steps in memory that was used before are those in fresh memory."""
    found, wanted, again = (_course(subject.make(), subject.case) for _ in range(3))
    for gradient in gradients(12):
        found.context.scratch.overwrite(np.nan)
        for course in (found, wanted, again):
            course.step(gradient)
        told = difference((found.gradient, found.parameters), (wanted.gradient, wanted.parameters))
        if told is not None:
            require_repeatable((wanted.gradient, wanted.parameters), (again.gradient, again.parameters))
            raise Unmet(
                f"with scratch filled with NaN between the steps: {told}",
                expected="the same gradient and the same parameters",
                cause="scratch is used as memory from step to step; that is what ctx.state(name) is for",
            )


@told_by("works-in-place", "scratch-reused", "parameters-brought-back", "looked-at-seldom")
def comes_to_rest(subject: Subject) -> None:
    """Where nothing moves, parameters that it has once left where they are, a fresh one leaves there, too."""
    context = update_context(0.0)
    course = Course(subject.make(), context, first_parameters())
    for _ in range(_PERIODS):
        course.step(np.zeros_like(course.parameters))
    rest = course.parameters.copy()
    again = Course(subject.make(), update_context(0.0), rest.copy())
    for on in (course, again):
        for _ in range(_PERIODS):
            on.step(np.zeros_like(rest))
    if difference(course.parameters, rest) is not None:
        raise NotApplicable("it goes on moving parameters by itself, as a decay does")
    told = difference(again.parameters, course.parameters)
    if told is not None:
        raise Unmet(
            f"without a gradient, at a rate of 0, {_PERIODS} steps move the parameters, and {_PERIODS} more with a "
            f"fresh transform move them on: {told}",
            expected="parameters that stay, or are brought where a limit wants them, once",
            cause="what it keeps of the parameters begins as ctx.state(name) gives it, with zeros, and not with the "
            "parameters as they are at the first step",
        )


@told_by("scratch-reused")
def state_restored(subject: Subject) -> None:
    """Saved after some steps and restored into a fresh transform and context, it goes on to the same bits."""
    steps = gradients(max(_CUTS) + 6)
    whole = _course(subject.make(), subject.case)
    resumed = []
    for step, gradient in enumerate(steps):
        if step in _CUTS:
            fresh = update_context(subject.case.learning_rate)
            fresh.restore(copy.deepcopy(whole.context.memory()))
            fresh.step = whole.context.step
            fresh.rng.bit_generator.state = whole.context.rng.bit_generator.state
            resumed.append((step, Course(subject.make(), fresh, whole.parameters.copy())))
        whole.step(gradient)
    for cut, course in resumed:
        for gradient in steps[cut:]:
            course.step(gradient)
        found, wanted = (course.parameters, course.gradient), (whole.parameters, whole.gradient)
        if not identical(found, wanted):
            raise Unmet(
                f"after {cut} steps, restored: {difference(found, wanted, units=0)}",
                expected="the same bits as without a stop",
                cause="something is remembered on self or in scratch; keep it in ctx.state(name) or ctx.numbers(…)",
            )


def nothing_to_move(subject: Subject) -> None:
    """A model whose layers are all frozen has no parameters, and that is no error."""
    context = update_context(subject.case.learning_rate)
    context.lay_out((), np.dtype(np.float64))
    try:
        Course(subject.make(), context, np.zeros(0)).step(np.zeros(0))
    except Exception as error:
        raise Unmet(
            f"{type(error).__name__}: {error}", expected="nothing happens", cause="a maximum or a mean over no values"
        ) from error


@told_by("works-in-place")
def reference_steps(subject: Subject) -> None:
    """One step gives what the author's reference gives, for small numbers, large ones, and longer vectors."""
    given: Any = subject.case.reference
    if given is None:
        raise NotApplicable("no reference is given")
    rate = subject.case.learning_rate

    def reference(parameters: Array, gradient: Array) -> tuple[Array, Array]:
        changed, moved = given(parameters, gradient, rate)
        return np.asarray(changed), np.asarray(moved)

    usual = gradients(1)[0]
    layouts = (SLICES, MIDDLING) if fits_any_length(reference, usual) else (SLICES,)
    for slices in layouts:
        size = slices[-1].stop
        for of_parameters, of_gradient in SCALES:
            start, gradient = of_parameters * first_parameters(size=size), of_gradient * slopes(size, 0)
            wanted = reference(start.copy(), gradient.copy())
            transform, context = subject.make(), update_context(rate, slices=slices)
            # nothing moves the parameters between the two halves, for the reference moves nothing either
            parameters, changed = start.copy(), gradient.copy()
            transform.before(parameters, changed, context)
            transform.after(parameters, context)
            told = difference((changed, parameters), wanted)
            if told is not None:
                raise Unmet(
                    f"of {size} parameters of about {of_parameters:g} and a gradient of about {of_gradient:g}, "
                    f"gradient and parameters are {told}",
                    expected="the reference's gradient and parameters",
                    cause="the formula, the parameters that it leaves out, or a place at which it turns into another "
                    "one (at 0, say)",
                )


def _course(transform: Transform, case: Case, *, dtype: Any = np.float64) -> Course:
    return Course(transform, update_context(case.learning_rate, dtype=dtype), first_parameters(dtype))


def _after(subject: Subject, count: int, scale: float, *, dtype: Any = np.float64) -> Course:
    """Where some steps lead."""
    course = _course(subject.make(), subject.case, dtype=dtype)
    for gradient in gradients(count, dtype):
        course.step((scale * gradient).astype(dtype))
    return course


CHECKS = suite(
    does_something,
    parameters_read_in_before,
    works_in_place,
    every_place_changes,
    every_parameter_in_any_order,
    gradients_get_through,
    parameters_of_any_shape,
    parameters_of_zero,
    long_vectors,
    without_an_epochs_length,
    zero_gradient,
    steady_gradients,
    rate_of_zero,
    comes_to_rest,
    full_precision,
    dtypes_kept,
    draws_from_the_context,
    scratch_reused,
    state_restored,
    layers_frozen,
    first_step_of_the_thawed,
    parameters_brought_back,
    looked_at_seldom,
    memory_above_its_minima,
    nothing_to_move,
    reference_steps,
)
