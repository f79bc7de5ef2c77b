"""How every component must behave when it is used, whatever its kind."""

from __future__ import annotations

import copy
import pickle
import random
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.interfaces.layer import Layer
from layerkit.testing.closeness import difference, identical
from layerkit.testing.raised import is_read_only, raised_by
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig
from layerkit.testing.shared_state import changes, shared_state
from layerkit.testing.subject import Subject
from layerkit.testing.suite import condition_of, exercise, foundation, reason_to_keep, suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet


@foundation
@told_by("calls-survived", "parts-from-the-constructor")
def runs(subject: Subject) -> None:
    """Used as its kind is used, before anything is looked at, it raises no error."""
    try:
        exercise(subject.make(), subject.case)
    except Exception as error:
        if is_read_only(error):
            return  # what writes into what it is given is told by the check of that
        raise Unmet(
            f"{type(error).__name__}: {error}{condition_of(subject)}",
            expected="typical use of a component of its kind without an error",
            cause=raised_by(subject.target, error).cause(error),
        ) from error


@foundation
@told_by("parameters-untouched", "gradient-unchanged", "parameters-read-in-before")
def inputs_not_mutated(subject: Subject) -> None:
    """It writes into nothing that it is given."""
    try:
        exercise(subject.make(), subject.case)
    except ValueError as error:
        if not is_read_only(error):
            raise
        raise Unmet(
            f"{type(error).__name__}: {error}",
            expected="arrays that are given stay as they are; here they are read-only",
            cause="an in-place operation (+=, *=, out=, array[...] =) on an argument; write into ctx.scratch or a new "
            "array instead",
        ) from error


def floating_warnings(subject: Subject) -> None:
    """It warns of nothing and runs into no overflow, invalid value or division by zero on ordinary numbers."""
    for dtype in (np.float64, np.float32):
        with warnings.catch_warnings(), np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            warnings.simplefilter("error")
            try:
                exercise(subject.make(), subject.case, dtype=dtype)
            except (FloatingPointError, Warning) as error:
                raise Unmet(
                    f"{type(error).__name__}: {error}, in {np.dtype(dtype)}",
                    expected="no warning",
                    cause="a division by 0, a logarithm of 0 or an exponential of a large number; rewrite the "
                    "formula so that it stays in range",
                ) from error


@foundation
@told_by(
    "global-generators-untouched",
    "scratch-reused",
    "rows-stable",
    "keeps-nothing-on-itself",
    "instances-share-no-state",
)
def same_seed_same_result(subject: Subject) -> None:
    """Two components of the same arguments, used alike from the same seed, give the same bits."""
    first, second = (exercise(subject.make(), subject.case) for _ in range(2))
    if not identical(first, second):
        raise Unmet(
            f"the second of two equal components gives {difference(first, second, units=0) or 'other numbers'}",
            expected="the same bits",
            cause="random numbers from somewhere else than the generator that is given, or something kept in the class "
            "or the module",
        )


@foundation
def global_generators_untouched(subject: Subject) -> None:
    """Neither NumPy's nor Python's global random generator is used or seeded."""
    before = _global_state()
    exercise(subject.make(), subject.case)
    changed = [name for name, state in _global_state().items() if state != before[name]]
    if changed:
        raise Unmet(
            f"the state of {' and '.join(changed)} changed",
            expected="numbers from the generator that is given (ctx.rng, or the argument rng)",
            cause="np.random.… or random.… is called directly",
        )


@told_by("scratch-reused")
def pickle_and_deepcopy(subject: Subject) -> None:
    """A copy, by pickle or deepcopy, gives the same results."""
    wanted = exercise(subject.make(), subject.case)
    for way, copied in _copies(subject.make()):
        if not identical(exercise(copied, subject.case), wanted):
            raise Unmet(
                f"a copy made by {way} gives other results",
                expected="the same bits",
                cause="__getstate__, __reduce__ or __deepcopy__ leaves something out",
            )


@told_by("calls-survived")
def arguments_kept(subject: Subject) -> None:
    """Neither build nor use changes an argument: what the constructor was given is the whole configuration."""
    component = subject.make()
    before = {name: (value, repr(value)) for name, value in component.config.items()}
    try:
        exercise(component, subject.case)
    except Exception as error:
        raise NotApplicable(f"it cannot be used: {type(error).__name__}") from error
    for name, (given, told) in before.items():
        value = vars(component).get(name, _GONE)
        if value is given and repr(value) == told:
            continue
        raise Unmet(
            f"the argument {name!r} was {told}, and is {'gone' if value is _GONE else repr(value)} after "
            + ("build and two passes" if isinstance(component, Layer) else "it was used"),
            expected="arguments that stay as they were given: files, copies and another build begin with them",
            cause=f"self.{name} is written to, or changed in place, by build or in use; keep what is worked out under "
            "another name, and make the layer of a default in the constructor",
        )


@foundation
@told_by("arguments-kept")
def keeps_nothing_on_itself(subject: Subject) -> None:
    """Being used changes nothing on the component."""
    reason = reason_to_keep(subject.kind)
    if reason:
        raise NotApplicable(reason)
    component = subject.make()
    if isinstance(component, Layer):
        # laying out the parameters sets attributes, and so may build
        LayerRig(component, (subject.case.input_shapes or DEFAULT_SHAPES)[0], subject.case, lock=False)
    before = _contents(component)
    exercise(component, subject.case)
    after = _contents(component)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if changed:
        raise Unmet(
            f"{', '.join(f'self.{name}' for name in changed)} changed",
            expected="a component holds its arguments and its parameters; what a pass or a step remembers is on ctx",
            cause="values are kept on self: use ctx.saved in a pass, ctx.state(…) or ctx.numbers(…) in an update",
        )


@foundation
def instances_share_no_state(subject: Subject) -> None:
    """Two components have nothing changeable in common, and using one changes nothing in the class."""
    one, other = subject.make(), subject.make()
    for name, value in vars(one).items():
        if isinstance(value, _CHANGEABLE) and vars(other).get(name) is value:
            raise Unmet(
                f"self.{name}, {value!r}, is one and the same object in two components",
                expected="each component has its own",
                cause="a default argument that can change (a list, an array, a layer); use None, and make it in the "
                "constructor or in build",
            )
    exercise(one, subject.case)
    # the checks before this one have used components, and what is kept for good is kept by now
    may_cache = subject.kind is not None and subject.kind.name in _MAY_CACHE
    changed = changes(subject.untouched, shared_state(subject.target), modules=not may_cache)
    if changed:
        raise Unmet(
            f"{', '.join(changed)} changed while components were made and used",
            expected="nothing in the class or its module changes",
            cause="an attribute of the class, a variable of the module, a default argument or a cached method, shared "
            "by all components, is written to: keep what a pass needs on ctx, and what a component needs on self",
        )


_GONE = object()
# kernels that are compiled once, files that are read or fetched once
_MAY_CACHE = ("engines", "datasets")
_CHANGEABLE = (list, dict, set, bytearray, np.ndarray, np.random.Generator, Layer)
_OURS = ("_home", "_node", "_builder", "_values", "_frozen", "_idle")


def _copies(component: Any) -> Iterator[tuple[str, Any]]:
    try:
        copied = pickle.loads(pickle.dumps(component))
    except Exception as error:
        if "<locals>" in type(component).__qualname__:
            # a class inside a function can't be pickled by anybody; deepcopy still shows what is left out
            copied = None
        else:
            raise Unmet(
                f"{type(error).__name__}: {error}",
                expected="a component that can be pickled",
                cause="it holds something that cannot be pickled: a lambda, an open file, a lock, a generator",
            ) from None
    if copied is not None:
        yield "pickle", copied
    yield "deepcopy", copy.deepcopy(component)


def _global_state() -> dict[str, Any]:
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002 - to see that nobody uses it
    return {"numpy.random": _frozen(state), "random": random.getstate()}


def _contents(component: Any) -> dict[str, Any]:
    """What a component holds, in a form that can be compared."""
    values = getattr(component, "_values", ())
    return {name: _frozen(value) for name, value in vars(component).items() if name not in _OURS and name not in values}


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(part) for part in value)
    if isinstance(value, dict):
        return tuple((repr(key), _frozen(part)) for key, part in value.items())
    return repr(value)


CONDUCT = suite(
    runs,
    inputs_not_mutated,
    floating_warnings,
    same_seed_same_result,
    global_generators_untouched,
    pickle_and_deepcopy,
    arguments_kept,
    keeps_nothing_on_itself,
    instances_share_no_state,
)
