"""Arguments that have another value than in the case: given to the constructor, and assigned between two passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from layerkit.errors import LayerkitError
from layerkit.interfaces.cost import Cost
from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import owned
from layerkit.testing.rigs.faults import fault_along_a_direction, is_finite
from layerkit.testing.rigs.layer_rig import LayerRig, Step, rigs
from layerkit.testing.rigs.predictions import cost_and_gradient, cost_context, draw_pair, shapes
from layerkit.testing.subject import Subject
from layerkit.testing.suite import Run, told_by
from layerkit.testing.suites.layer_read_anew import changed
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_CAUSE = (
    "a number that is the argument's default is written in its place, here or there; backward, or a declaration on the "
    "class (lowest, highest), goes by another one than forward"
)
_NONE = "no argument is a number with a fraction, of which the constructor takes another one"


def with_other_arguments(subject: Subject) -> Iterator[tuple[str, Subject]]:
    """For each argument that is a number with a fraction, how it is told, and the component with another one.

    Raises:
        NotApplicable: the case draws inputs, which may be meant for its own arguments.
    """
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs, which may be meant for its own arguments")
    for name, given in subject.make().config.items():
        value = _another(subject, name, given) if isinstance(given, float) else None
        if value is not None:
            case = replace(subject.case, arguments={**subject.case.arguments, name: value})
            yield f"{name}={value:g}", Subject(subject.target, case)


def _another(subject: Subject, name: str, given: float) -> float | None:
    """The first of some other numbers that the constructor takes."""
    for value in (2 * given + 0.3, (1 + given) / 2, given / 2):
        if value != given and _taken(subject, name, value):
            return value
    return None


def _taken(subject: Subject, name: str, value: float) -> bool:
    try:
        subject.make(**{name: value})
    except Exception:
        return False
    return True


def require_with_others(subject: Subject, *checks: Run) -> None:
    """These checks, which pass, do so for other arguments too.

    Raises:
        NotApplicable: there are none.
        Unmet: one fails then.
    """
    tried = False
    for told, other in with_other_arguments(subject):
        tried = True
        for check in checks:
            try:
                check(other)
            except NotApplicable:
                continue
            except LayerkitError:
                continue  # it does not fit the other arguments, or the shape, and says so
            except Unmet as unmet:
                raise Unmet(f"with {told}: {unmet.found}", expected=unmet.expected, cause=_CAUSE) from None
    if not tried:
        raise NotApplicable(_NONE)


@told_by(
    "runs",
    "arguments-at-their-ends",
    "rows-independent",
    "parameters-read-anew",
    "inputs-read-anew",
    "input-gradient",
    "parameter-gradients",
    "derivative-matches",
    "declared-kinks",
    "floating-warnings",
)
def arguments_elsewhere(subject: Subject) -> None:
    """With other numbers for its arguments than those of the case, gradients are true along a random direction."""
    require_with_others(subject, _true_along_a_direction)


def _true_along_a_direction(subject: Subject) -> None:
    for rig in rigs(subject):
        x = rig.inputs()
        for training in (True, False):
            grad = rig.upstream(x, training=training)
            step = rig.tree(training=training).step(x, grad)
            if not is_finite(step.output):
                continue
            fault = fault_along_a_direction(rig, x, grad, step, training)
            if fault is not None:
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}: {fault}",
                    expected="the derivative of Σ grad · output, whatever the arguments are",
                    cause=_CAUSE,
                )


@told_by("runs", "arguments-at-their-ends", "arguments-elsewhere", "scratch-reused", "same-seed-same-result")
def arguments_read_anew(subject: Subject) -> None:
    """After an argument has been assigned between two passes, as a callback may, the next pass goes by the new one."""
    tried = False
    for name, value in _assigned(subject):
        for planned in rigs(subject):
            fresh = LayerRig(subject.make(**{name: value}), planned.shape, subject.case)
            for training in (True, False):
                rig = LayerRig(subject.make(), planned.shape, subject.case)
                x = rig.inputs()
                grad = rig.upstream(x, training=training)
                tree = rig.tree(training=training)
                tree.step(x, grad)
                # an argument may decide what parameters begin with
                for vector, own in zip(_vectors(fresh), _vectors(rig), strict=True):
                    vector[...] = own
                try:
                    setattr(rig.layer, name, value)
                    found: Step = tree.step(x, grad)
                    wanted = fresh.tree(training=training).step(x, grad)
                except LayerkitError:
                    break  # it is refused, as what build depends on is
                tried = True
                what, told = changed(found, wanted)
                if told is not None:
                    raise Unmet(
                        f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}: after "
                        f"{name}={value:g} was assigned behind a first pass, the {what} is {told}",
                        expected="what a layer gives that was made with it: a callback may change arguments, and a new "
                        "one holds from the next step on",
                        cause="what follows from the argument is kept on ctx.saved, by connect or on self; or what the "
                        "pass before kept on ctx.saved is still there, and taken for this pass's",
                    )
    if not tried:
        raise NotApplicable(_NONE + " when it is assigned")


@told_by("arguments-at-their-ends", "arguments-elsewhere", "scratch-reused", "gradient-matches")
def arguments_obeyed_later(subject: Subject) -> None:
    """After an argument has been assigned between two batches, as a callback may, costs go by the new one."""
    tried = False
    for name, value in _assigned(subject):
        for shape in shapes(subject.case):
            cost: Cost = subject.make()
            prediction, target = draw_pair(cost, subject.case, shape)
            context = cost_context()
            cost.forward(prediction, target, context)
            cost.backward(prediction, target, context)
            try:
                setattr(cost, name, value)
                found = owned(cost.forward(prediction, target, context))
                gradient = owned(cost.backward(prediction, target, context))
                wanted = cost_and_gradient(subject.make(**{name: value}), prediction, target)
            except LayerkitError:
                break  # it is refused, as what the constructor works things out of is
            tried = True
            told = difference((found, gradient), wanted)
            if told is not None:
                raise Unmet(
                    f"after {name}={value:g} was assigned behind a first batch, {told}",
                    expected="what a cost gives that was made with it: a callback may change arguments",
                    cause="what follows from the argument is kept on ctx.saved or in ctx.scratch, and not worked out "
                    "again where the argument is another",
                )
    if not tried:
        raise NotApplicable(_NONE + " when it is assigned")


def _vectors(rig: LayerRig) -> tuple[Array, Array]:
    return rig.structure.parameters, rig.structure.states


def _assigned(subject: Subject) -> Iterator[tuple[str, float]]:
    """Arguments with another number, and with 0 where that is taken: there a case of its own begins."""
    for told, other in with_other_arguments(subject):
        name = told.partition("=")[0]
        yield name, other.case.arguments[name]
        if subject.make().config[name] != 0 and _taken(subject, name, 0.0):
            yield name, 0.0
