"""What every component must do, whatever its kind: be found, made, described, rebuilt."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Mapping
from typing import Any

from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.registry.kinds import KINDS
from layerkit.testing.closeness import difference
from layerkit.testing.subject import Subject
from layerkit.testing.suite import exercise, suite, told_by
from layerkit.testing.suites.argument_ends import ENDS
from layerkit.testing.suites.conduct import CONDUCT
from layerkit.testing.suites.side_effects import MAKING, USING
from layerkit.testing.verdicts import NotApplicable, Unmet

_LONGEST_SUMMARY = 200


def concrete_subclass(subject: Subject) -> None:
    """It is a class that derives from the base class of one kind, and implements all of it."""
    bases = ", ".join(kind.base.partition(":")[2] for kind in KINDS.values() if kind.base)
    if not isinstance(subject.target, type):
        raise Unmet(
            f"{subject.target!r}, an object of type {type(subject.target).__name__}",
            expected="a class",
            cause="the target names a function, a module or an instance; name the class itself",
        )
    if subject.kind is None:
        raise Unmet(
            f"{subject.name} derives from {', '.join(base.__name__ for base in subject.target.__mro__[1:])}",
            expected=f"a class that derives from one of {bases}",
            cause="the class does not name its base class, or a base class of the same name from elsewhere",
        )
    if inspect.isabstract(subject.target):
        missing = ", ".join(sorted(getattr(subject.target, "__abstractmethods__", ())))
        raise Unmet(
            f"{subject.name} does not implement {missing}",
            expected=f"every abstract method of the base class of {subject.kind.name}",
            cause="a method is missing, or its name is misspelt",
        )


def takes_its_arguments(subject: Subject) -> None:
    """It can be made with the arguments of the case."""
    try:
        subject.make()
    except Exception as error:
        raise Unmet(
            f"{subject.name}(**{dict(subject.case.arguments)!r}) raised {type(error).__name__}: {error}",
            expected="a component",
            cause="the case lacks an argument that is required, or has one that is refused: give `arguments`, on the "
            "command line through `cases` in the component's record",
        ) from None


def documented(subject: Subject) -> None:
    """The class has a docstring of its own whose first line says what it is."""
    text = subject.target.__dict__.get("__doc__") or ""
    if not text.strip():
        raise Unmet(
            f"{subject.name} has no docstring of its own",
            expected="a docstring: one line that says what it does, then the formula, shapes, arguments and errors",
            cause="people see the docstring in `layerkit show`; the base class's says nothing about this one",
        )
    first = inspect.cleandoc(text).splitlines()[0]
    if len(first) > _LONGEST_SUMMARY or not first.strip():
        raise Unmet(
            f"the docstring begins with {first[:60]!r}…",
            expected=f"a first line of at most {_LONGEST_SUMMARY} characters",
            cause="the summary and the explanation run into one another; put a line break after the first sentence",
        )


@told_by("config-round-trip")
def useful_repr(subject: Subject) -> None:
    """Its repr names the class and the arguments that were given, and no address in memory."""
    component = subject.make()
    shown = repr(component)
    missing = [
        f"{name}={value!r}"
        for name, value in subject.case.arguments.items()
        if repr(value) not in shown and not _is_default(subject.target, name, value)
    ]
    if subject.name not in shown or " at 0x" in shown or missing:
        raise Unmet(
            shown + (f", without {', '.join(missing)}" if missing else ""),
            expected=f"{subject.name}(…) with the arguments that differ from their defaults",
            cause="__repr__ is written by hand, or an argument is not stored under its own name, or is an object "
            "without a repr",
        )


@told_by("scratch-reused")
def config_round_trip(subject: Subject) -> None:
    """Arguments are stored unmodified and are JSON-safe; rebuilt from them through JSON, it gives the same results."""
    component = subject.make()
    config = component.config
    for name, given in subject.case.arguments.items():
        if repr(config.get(name)) != repr(given):
            raise Unmet(
                f"argument {name!r} was given as {given!r} and is stored as {config.get(name)!r}",
                expected=f"`self.{name} = {name}`, unmodified",
                cause="the constructor converts the argument; convert it where it is used, or in build",
            )
    rebuilt = _rebuilt(component)
    found = exercise(rebuilt, subject.case)
    told = difference(found, exercise(component, subject.case))
    if told is not None:
        raise Unmet(
            f"rebuilt from its config, {subject.name} gives {told}",
            expected="the same results",
            cause="something that matters is not an argument, or an argument changes its meaning as JSON (a tuple "
            "comes back as a list)",
        )


@told_by("refuses-unknown-arguments")
def refuses_bad_arguments(subject: Subject) -> None:
    """A value that an argument cannot have is refused, by an error that names the argument."""
    names = list(arguments_of(subject.target))
    if not names:
        raise NotApplicable("the constructor takes no arguments")
    for name, parameter in arguments_of(subject.target).items():
        given = subject.case.arguments.get(name, parameter.default)
        bad: list[Any] = [_Nonsense(), *subject.case.bad_arguments.get(name, ())]
        if isinstance(given, float):
            bad += [float("nan"), "many"]
        for value in bad:
            _require_refusal(subject, name, value)


def refuses_unknown_arguments(subject: Subject) -> None:
    """An argument that does not exist is refused."""
    try:
        subject.make(no_such_argument=1)
    except (TypeError, ArgumentError) as error:
        # Python says "takes no arguments" of a class without a constructor
        if "no_such_argument" in str(error) or "takes no arguments" in str(error):
            return
        raise Unmet(
            f"{type(error).__name__}: {error}",
            expected="an error that names 'no_such_argument'",
            cause="the constructor raises for another reason first",
        ) from None
    raise Unmet(
        f"{subject.name}(…, no_such_argument=1) was accepted",
        expected="TypeError",
        cause="the constructor takes **arguments, so a misspelt argument goes unnoticed; name each one",
    )


class _Nonsense:
    """A value that no argument can have."""

    def __repr__(self) -> str:
        return "<an object that is no argument>"


def _require_refusal(subject: Subject, name: str, value: Any) -> None:
    wanted = f"an ArgumentError that names {name!r}"
    try:
        subject.make(**{name: value})
    except (TypeError, ValueError) as error:
        if name in str(error):
            return
        raise Unmet(
            f"{name}={value!r} raised {type(error).__name__}: {error}",
            expected=wanted,
            cause="the value is only noticed where it is used; check it first in the constructor",
        ) from None
    except Exception as error:
        raise Unmet(
            f"{name}={value!r} raised {type(error).__name__}: {error}",
            expected=wanted,
            cause="the constructor uses the value before it checks it",
        ) from None
    raise Unmet(
        f"{subject.name}({name}={value!r}) was accepted",
        expected=wanted,
        cause=f"the constructor does not check {name!r}; layerkit.arguments has the checks",
    )


def _rebuilt(component: Configurable) -> Any:
    """A component from its config, which goes through JSON on the way."""
    plain, nested = _plain(component.config, type(component).__name__)
    try:
        text = json.dumps(plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Unmet(
            f"config holds {plain!r}: {error}",
            expected="numbers, strings, booleans, None, lists and dictionaries of them, and components",
            cause="an argument is code or data, or NaN; a component takes plain values and other components only",
        ) from None
    return type(component)(**_revived(json.loads(text), nested))


def _plain(value: Any, place: str) -> tuple[Any, dict[str, Any]]:
    """A value with components replaced by marks, and by each mark a component rebuilt likewise."""
    if isinstance(value, Configurable):
        return {"component": place}, {place: _rebuilt(value)}
    nested: dict[str, Any] = {}
    if isinstance(value, Mapping):
        items = {key: _plain(part, f"{place}.{key}") for key, part in value.items()}
        for _, inner in items.values():
            nested |= inner
        return {key: plain for key, (plain, _) in items.items()}, nested
    if isinstance(value, (list, tuple)):
        parts = [_plain(part, f"{place}.{index}") for index, part in enumerate(value)]
        for _, inner in parts:
            nested |= inner
        return [plain for plain, _ in parts], nested
    return os.fspath(value) if isinstance(value, os.PathLike) else value, nested


def _revived(value: Any, nested: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"component"} and value["component"] in nested:
            return nested[value["component"]]
        return {key: _revived(part, nested) for key, part in value.items()}
    return [_revived(part, nested) for part in value] if isinstance(value, list) else value


def _is_default(target: Any, name: str, value: Any) -> bool:
    parameter = arguments_of(target).get(name)
    if parameter is None:
        return False
    plain = isinstance(value, (bool, int, float, str))
    return repr(parameter.default) == repr(value) or (plain and bool(parameter.default == value))


CHECKS = (
    *suite(
        concrete_subclass,
    ),
    # first of all that make the component, since it may do so but once
    *MAKING,
    *suite(
        takes_its_arguments,
        documented,
        useful_repr,
        refuses_unknown_arguments,
        refuses_bad_arguments,
    ),
    *USING,
    *CONDUCT,
    *suite(config_round_trip),
    *ENDS,
)
