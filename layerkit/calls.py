"""Calls that cannot be: a surplus, an unknown or a missing argument, told by how the call is written."""

from __future__ import annotations

import functools
import inspect
import threading
from abc import ABCMeta
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from layerkit.errors import CallError
from layerkit.suggestions import written_here

P = ParamSpec("P")
R = TypeVar("R")
_LONGEST = 40
_EXAMPLES = {"split": "'train'", "data": "(x, y)", "input_shape": "(28, 28)"}
"""Values of arguments that are easily left out."""
_INPUT_SIZE = "; the size of a layer's input is no argument, it is known once the model is built"


def misfit(
    name: str, parameters: Mapping[str, inspect.Parameter], positional: Sequence[Any], named: Mapping[str, Any]
) -> str | None:
    """Why ``name`` cannot be called so, and how it is written; None if it can.

    ``parameters`` are those of its signature, without ``self``.
    """
    takes = f"{name} takes {listed(parameters)}"
    kinds = {parameter.kind for parameter in parameters.values()}
    unknown = [argument for argument in named if argument not in parameters]
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        return f"{name} has no argument {unknown[0]!r}.{written_here(unknown[0], parameters)} {takes}"
    ordered = [
        parameter
        for parameter in parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if len(positional) > len(ordered) and inspect.Parameter.VAR_POSITIONAL not in kinds:
        return f"{name}: {_surplus(name, parameters, ordered, positional, named)}. {takes}"
    filled = [parameter.name for parameter in ordered[: len(positional)]]
    twice = [argument for argument in filled if argument in named]
    if twice:
        return f"{name} is given {twice[0]!r} twice, in its place and by name. {takes}"
    missing = [
        parameter.name
        for parameter in parameters.values()
        if parameter.default is parameter.empty
        and parameter.name not in (*filled, *named)
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if missing:
        several = "s" * (len(missing) > 1)
        examples = [_EXAMPLES[each] for each in missing if each in _EXAMPLES]
        such = f", such as {', '.join(examples)}" if examples else ""
        return f"{name} needs the argument{several} {', '.join(map(repr, missing))}{such}. {takes}"
    return None


def listed(parameters: Mapping[str, inspect.Parameter]) -> str:
    """The arguments as a person would write them: ``units, activation=None``."""
    shown = [
        parameter.name if parameter.default is parameter.empty else f"{parameter.name}={parameter.default!r}"
        for parameter in parameters.values()
    ]
    return ", ".join(shown) or "no arguments"


def _surplus(
    name: str,
    parameters: Mapping[str, inspect.Parameter],
    ordered: list[inspect.Parameter],
    positional: Sequence[Any],
    named: Mapping[str, Any],
) -> str:
    """How a call with too many arguments without a name is written."""
    if not ordered:
        return f"it takes no argument without a name, got {_told(positional)}"
    first = ordered[0]
    kept = [
        parameter.name if hasattr(value, "__array__") else _short(value)
        for parameter, value in zip(ordered, positional, strict=False)
    ]
    if not isinstance(positional[0], (list, tuple)) and str(first.annotation).startswith("ShapeLike"):
        kept = [f"({_told(positional)})"]
    elif not isinstance(positional[0], (list, tuple)) and str(first.annotation).startswith("Sequence["):
        kept = [f"[{_told(positional)}]"]
    elif first.name == "data":
        kept = ["(x, y)"]
    wanted = [
        f"{parameter.name}=…"
        for parameter in parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
        and (parameter.default is parameter.empty or parameter.name in named)
    ]
    if not wanted and kept[0][0] not in "[(":
        wanted = [f"{parameter.name}=…" for parameter in parameters.values() if parameter not in ordered][:1]
    count = f"{len(ordered)} argument{'s' * (len(ordered) > 1)} without a name"
    return (
        f"it takes {count} ({', '.join(parameter.name for parameter in ordered)}), got {len(positional)}: write "
        f"{name}({', '.join([*kept, *wanted])}){_INPUT_SIZE if _is_size(positional) and kept[0][0] != '(' else ''}"
    )


def _is_size(positional: Sequence[Any]) -> bool:
    return len(positional) == 2 and all(type(value) is int for value in positional)


def _told(values: Sequence[Any]) -> str:
    return ", ".join(map(_short, values))


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # only shown: the call is refused whatever it is
        return "…"
    return text if len(text) <= _LONGEST and "\n" not in text else "…"


class _Making(threading.local):
    """How many constructors are at work in this thread, one inside another."""

    depth = 0


_making = _Making()


def being_made() -> bool:
    """Whether a constructor of a class of ``Explained`` is at work in this thread."""
    return _making.depth > 0


class Explained(ABCMeta):
    """The class of classes whose constructors, called wrongly, say how they are called."""

    # for a type checker the constructor's own signature stays
    if not TYPE_CHECKING:

        def __call__(cls, *positional: Any, **named: Any) -> Any:
            _making.depth += 1
            try:
                return super().__call__(*positional, **named)
            except TypeError as error:
                _explain(error, cls.__name__, cls.__init__, positional, named)
                raise
            finally:
                _making.depth -= 1

        @property
        def __signature__(cls) -> inspect.Signature:
            """That of the constructor, which ``__call__`` above would hide."""
            if cls.__init__ is object.__init__:
                return inspect.Signature()
            signature = inspect.signature(cls.__init__)
            return signature.replace(parameters=list(signature.parameters.values())[1:])


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """A function or a method that, called wrongly, says how it is called."""
    own = next(iter(inspect.signature(function).parameters), None) == "self"

    @functools.wraps(function)
    def called(*positional: P.args, **named: P.kwargs) -> R:
        try:
            return function(*positional, **named)
        except TypeError as error:
            _explain(error, function.__qualname__, function, positional[own:], named, method=own)
            raise

    return called


def _explain(
    error: TypeError,
    name: str,
    function: Any,
    positional: Sequence[Any],
    named: Mapping[str, Any],
    *,
    method: bool = True,
) -> None:
    """Raise what explains a call, if the call itself is what is wrong, not something inside."""
    if isinstance(error, CallError):
        return
    parameters: dict[str, inspect.Parameter] = {}
    if function is not object.__init__:
        try:
            parameters = dict(list(inspect.signature(function).parameters.items())[method:])  # without self
        except ValueError:  # written in another language, and tells nothing of itself
            return
    message = misfit(name, parameters, positional, named)
    if message is not None:
        raise CallError(message) from None
