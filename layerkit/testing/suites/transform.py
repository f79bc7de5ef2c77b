"""A transform: it changes the gradient before an update, or the parameters after it, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference, identical
from layerkit.testing.rigs.updates import first_parameters, gradients, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value


def use(transform: Transform, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    parameters = first_parameters(dtype)
    context = update_context(case.learning_rate, dtype=dtype)
    given = []
    for gradient in gradients(3, dtype):
        changed = gradient.copy()
        locked = parameters.view()
        locked.flags.writeable = False
        transform.before(locked, changed, context)
        transform.after(parameters, context)
        context.step += 1
        given += [changed, parameters.copy()]
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
    parameters, gradient, returned = _after(subject, 3, 5.0)
    if returned is not None:
        raise Unmet(
            f"a {type(returned).__name__} is returned",
            expected="None; the vectors are changed in place",
            cause="the changed array is returned instead of written: use gradient[...] = or out=gradient",
        )
    if identical((parameters, gradient), (first_parameters(), 5.0 * gradients(3)[2])):
        raise Unmet(
            "neither the gradient nor the parameters changed",
            expected="a change, for gradients of five times the usual size",
            cause="a name is bound to a new array (`gradient = …`) instead of writing into the one given; or the "
            "case's arguments have no effect: give `arguments` that do",
        )


def zero_gradient(subject: Subject) -> None:
    """A gradient of zeros leaves everything finite."""
    parameters, gradient, _ = _after(subject, 3, 0.0)
    if not (np.isfinite(parameters).all() and np.isfinite(gradient).all()):
        raise Unmet(
            "a gradient of zeros gives numbers that are not finite",
            expected="finite numbers",
            cause="a division by the gradient's norm",
        )


def dtypes_kept(subject: Subject) -> None:
    """In float32 it gives float64's results, but for rounding."""
    wide = _after(subject, 3, 5.0)[:2]
    narrow = _after(subject, 3, 5.0, dtype=np.float32)[:2]
    told = difference(narrow, wide, units=4096)
    if told is not None:
        raise Unmet(
            f"in float32, {told} in float64", expected="the same but for rounding", cause="a formula that overflows"
        )


def state_restored(subject: Subject) -> None:
    """Saved after some steps and restored into a fresh transform and context, it goes on to the same bits."""
    steps = gradients(8)
    parameters, context = first_parameters(), update_context(subject.case.learning_rate)
    transform = subject.make()
    for gradient in steps[:4]:
        _apply(transform, parameters, gradient.copy(), context)
    resumed, memory = parameters.copy(), copy.deepcopy(context.memory())
    fresh = update_context(subject.case.learning_rate)
    fresh.restore(memory)
    fresh.step = context.step
    fresh.rng.bit_generator.state = context.rng.bit_generator.state
    again = subject.make()
    for gradient in steps[4:]:
        one, other = gradient.copy(), gradient.copy()
        _apply(transform, parameters, one, context)
        fresh.scratch.overwrite(np.nan)
        _apply(again, resumed, other, fresh)
        if not identical((resumed, other), (parameters, one)):
            raise Unmet(
                f"after the fourth step, restored: {difference((resumed, other), (parameters, one), units=0)}",
                expected="the same bits as without a stop",
                cause="something is remembered on self or in scratch; keep it in ctx.state(name) or ctx.numbers(…)",
            )


def nothing_to_move(subject: Subject) -> None:
    """A model whose layers are all frozen has no parameters, and that is no error."""
    context = update_context(subject.case.learning_rate)
    context.lay_out((), np.dtype(np.float64))
    try:
        _apply(subject.make(), np.zeros(0), np.zeros(0), context)
    except Exception as error:
        raise Unmet(
            f"{type(error).__name__}: {error}", expected="nothing happens", cause="a maximum or a mean over no values"
        ) from error


def reference_steps(subject: Subject) -> None:
    """One step gives what the author's reference gives."""
    reference: Any = subject.case.reference
    if reference is None:
        raise NotApplicable("no reference is given")
    for scale in (0.01, 5.0):
        gradient = scale * gradients(1)[0]
        wanted = reference(first_parameters(), gradient.copy(), subject.case.learning_rate)
        parameters, changed, _ = _after(subject, 1, scale)
        told = difference((changed, parameters), (np.asarray(wanted[0]), np.asarray(wanted[1])))
        if told is not None:
            raise Unmet(
                f"gradient and parameters are {told}",
                expected="the reference's gradient and parameters",
                cause="the formula, or the parameters that it leaves out",
            )


def _after(subject: Subject, count: int, scale: float, dtype: Any = np.float64) -> tuple[Array, Array, Any]:
    """Parameters and the last gradient after some steps, and what was returned."""
    parameters, context = first_parameters(dtype), update_context(subject.case.learning_rate, dtype=dtype)
    transform = subject.make()
    gradient = np.zeros(0)
    returned = None
    for step in gradients(count, dtype):
        gradient = (scale * step).astype(dtype)
        returned = _apply(transform, parameters, gradient, context)
    return parameters, gradient, returned


def _apply(transform: Any, parameters: Array, gradient: Array, context: UpdateContext) -> Any:
    locked = parameters.view()
    locked.flags.writeable = False
    first = transform.before(locked, gradient, context)
    second = transform.after(parameters, context)
    context.step += 1
    return first if first is not None else second


CHECKS = suite(
    does_something,
    parameters_read_in_before,
    works_in_place,
    zero_gradient,
    dtypes_kept,
    state_restored,
    nothing_to_move,
    reference_steps,
)
