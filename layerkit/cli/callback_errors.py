"""Errors of callbacks' own as messages: whoever runs an experiment did not write the callback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from layerkit.errors import LayerkitError
from layerkit.interfaces.callback import Callback
from layerkit.registry.messages import describe


@contextmanager
def callbacks_named() -> Iterator[None]:
    """Let what a callback raises, and is no error of layerkit's, be one line that names the callback.

    Raises:
        LayerkitError: a callback raised another error; those of all others pass.
    """
    try:
        yield
    except LayerkitError:
        raise
    except Exception as error:
        name = _raising(error)
        if name is None:
            raise
        raise LayerkitError(
            f"the callback {name} raised {describe(error)}. Its author should mend it; without it, the run goes on"
        ) from error


def _raising(error: Exception) -> str | None:
    """The class of the innermost callback at work; its methods may call their first argument what they like."""
    found = None
    for frame, _ in walk_tb(error.__traceback__):
        code = frame.f_code
        first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        if issubclass(type(first), Callback):
            found = f"{type(first).__name__}.{code.co_name}"
    return found
