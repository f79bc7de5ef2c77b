"""Asking foreign code: whatever it raises is an answer, and what its import did besides is reported."""

from __future__ import annotations

import builtins
import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import active_count, current_thread, main_thread
from traceback import walk_tb
from types import FrameType
from typing import Any, Generic, NoReturn, ParamSpec, TextIO, TypeVar, cast, final

from layerkit.registry.parts import Parts

T = TypeVar("T")
P = ParamSpec("P")

_OUTPUT = 1
"""The descriptor of standard output."""
_OUTPUT_KEPT = 2000
_NUMPY_RANDOM = "numpy.random"
_NUMPY_ERRORS = "NumPy's error handling"
_NUMPY_ERRORS_AT_FIRST = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of a question: its answer or its error."""

    value: T | None
    error: BaseException | None


def contained(question: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> Outcome[T]:
    """Ask a question of a foreign object; nothing that it raises gets out, save what a signal's handler has raised.

    Everything is a question, also ``isinstance``, ``__name__`` and ``str``: each of them may run foreign code. Ctrl-C
    and a time limit set by an alarm are the program's own; a KeyboardInterrupt that foreign code raises itself is not.
    """
    with _seen_interrupts():
        try:
            return Outcome(question(*arguments, **options), None)
        except BaseException as error:  # sys.exit() and the like must not end the program either
            raised = error
    interruption = _of_signal(raised)
    if interruption is not None:
        raise interruption
    return Outcome(None, raised)


@contextmanager
def _seen_interrupts() -> Iterator[None]:
    """While the block runs, Ctrl-C does what it always does, from a function whose frame an error shows."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or current_thread() is not main_thread():
        # the handler of a program has a frame of its own, and in other threads a signal raises nothing
        yield
        return

    signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    finally:
        # another one stays: it was put there in the block
        if signal.getsignal(signal.SIGINT) is _interrupted:
            signal.signal(signal.SIGINT, handler)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:
    signal.default_int_handler(number, frame)


def _of_signal(error: BaseException) -> BaseException | None:
    """The error, or the one that it was raised for, which passed through the function that handles some signal."""
    if current_thread() is not main_thread():
        return None
    handlers = {_code_of(signal.getsignal(number)) for number in signal.valid_signals()} - {None}
    handlers.add(_interrupted.__code__)
    seen: set[int] = set()
    each: BaseException | None = error
    # past what a class of foreign errors says of its attributes
    own = BaseException.__getattribute__
    while each is not None and id(each) not in seen:
        if any(frame.f_code in handlers for frame, _ in walk_tb(own(each, "__traceback__"))):
            return each
        seen.add(id(each))
        each = own(each, "__cause__") or own(each, "__context__")
    return None


def _code_of(handler: Any) -> Any:
    """The code that a handler runs; ``None`` if it is not written in Python."""
    while isinstance(handler, partial):
        handler = handler.func
    if not callable(handler):
        return None
    return getattr(handler, "__code__", None) or getattr(type(handler).__call__, "__code__", None)


@dataclass(frozen=True, slots=True)
class SideEffects:
    """What an import did besides importing: what it printed, and the names of what it changed."""

    output: str = ""
    generators: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


def watched(question: Callable[[], T]) -> tuple[Outcome[T], SideEffects]:
    """As ``contained``, and what changed between before and after; nothing is set back but standard output.

    Standard output belongs to the whole process, so what another thread prints in that moment is caught as well. What
    is written past it, to descriptor 1, is caught where there is no other thread: one that starts a program meanwhile
    would have given it that descriptor for good.
    """
    before = _generators(), contained(_settings).value or {}
    real = sys.stdout, sys.__stdout__
    caught = _CaughtOutput(sys.stdout)
    sys.stdout = sys.__stdout__ = cast(Any, caught)  # type: ignore[misc]
    written: list[str] = []
    try:
        with _diverted_descriptor(caught, written), Parts() as parts:
            outcome = contained(question)
            taken = () if sys.stdout is caught else ("sys.stdout",)
    finally:
        sys.stdout, sys.__stdout__ = real  # type: ignore[misc]
        output = caught.finish() + "".join(written)
    after = _generators(), contained(_settings).value or {}
    generators, settings = (
        tuple(name for name, was in one.items() if not _same(was, other.get(name)))
        for one, other in zip(before, after, strict=True)
    )
    if _NUMPY_RANDOM in after[0].keys() - before[0].keys() and contained(_numpy_was_touched).value:
        generators += (_NUMPY_RANDOM,)
    return outcome, SideEffects(output, generators, contained(parts.replaced).value or (), settings + taken)


@contextmanager
def _diverted_descriptor(caught: _CaughtOutput, written: list[str]) -> Iterator[None]:
    """While the block runs, descriptor 1 is a file in memory, whose text is then put in ``written``."""
    try:
        if active_count() > 1 or not hasattr(os, "memfd_create"):
            raise OSError
        real = os.dup(_OUTPUT)
    except OSError:
        # there is another thread, or no output at all
        yield
        return
    # what was printed so far has its place in front; where it cannot be written, that is told at the next try
    contained(caught.flush_real)
    memory = os.memfd_create("what a plugin prints")
    try:
        os.dup2(memory, _OUTPUT)
        yield
    finally:
        os.dup2(real, _OUTPUT)
        written.append(os.pread(memory, _OUTPUT_KEPT, 0).decode(errors="replace"))
        os.close(memory)
        os.close(real)


def _settings() -> dict[str, object]:
    """What holds for the whole process, and no import is to change; NumPy's only where it is there."""
    # a mask cannot be asked for without setting one
    mask = os.umask(0o077)
    os.umask(mask)
    found: dict[str, object] = {
        "the current folder": os.getcwd(),
        "the umask": f"{mask:o}",
        "the recursion limit": str(sys.getrecursionlimit()),
        "sys.stderr": sys.stderr,
        "sys.excepthook": sys.excepthook,
        "sys.path": repr(sys.path),
        "the garbage collector": repr((gc.isenabled(), gc.get_threshold())),
        "warnings.showwarning": warnings.showwarning,
        # a library's filter for a class, a module or a text of its own is its business; one for all warnings of a kind
        # decides what the program hears
        "the warnings' filters": repr(
            [each for each in warnings.filters if each[1] is each[3] is None and each[2].__module__ == "builtins"]
        ),
    }
    # libraries add variables of their own; one that was there was somebody's choice
    found |= {f"the environment's {name}": value for name, value in os.environ.items()}
    found |= {f"the handler of signal {number}": signal.getsignal(number) for number in signal.valid_signals()}
    found |= {f"builtins.{name}": value for name, value in vars(builtins).items() if not name.startswith("_")}
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        found[_NUMPY_ERRORS] = repr(numpy.geterr())
    else:
        # what it is where the import is the first that imports NumPy
        found[_NUMPY_ERRORS] = repr(_NUMPY_ERRORS_AT_FIRST)
    logging: Any = sys.modules.get("logging")
    found["the root logger"] = repr((logging.root.level, logging.root.handlers) if logging else (30, []))
    return found


def _same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) is str and one == other)


def _generators() -> dict[str, object]:
    """The states of the global generators; NumPy's only where it is there: importing it would cost more than a look."""
    import random

    states: dict[str, object] = {"random": repr(random.getstate())}
    numpy_random: Any = sys.modules.get(_NUMPY_RANDOM)
    if numpy_random is not None:
        states[_NUMPY_RANDOM] = repr(_plain(numpy_random.get_state(legacy=False)))
    return states


def _numpy_was_touched() -> bool:
    """Whether NumPy's global generator, which is as old as the import, is not as it was made."""
    numpy_random: Any = sys.modules[_NUMPY_RANDOM]
    used = numpy_random.get_bit_generator()
    # one that was seeded has forgotten the entropy that it was made of
    return used.seed_seq is None or repr(_plain(type(used)(used.seed_seq).state)) != repr(_plain(used.state))


def _plain(state: Any) -> Any:
    """A generator's state with its arrays as bytes, so that two can be compared."""
    if isinstance(state, dict):
        return {name: _plain(part) for name, part in state.items()}
    return state.tobytes() if hasattr(state, "tobytes") else state


@final
class _CaughtOutput:
    """Stands in for standard output. Whoever keeps a reference, as logging does, later writes to the real one."""

    def __init__(self, real: TextIO | None) -> None:
        self._real = real
        self._parts: list[str] | None = []

    def write(self, text: str) -> int:
        if self._parts is not None:
            self._parts.append(text)
        elif self._real is not None:
            self._real.write(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._parts is None and self._real is not None:
            self._real.flush()

    def flush_real(self) -> None:
        """Write out what was printed before."""
        if self._real is not None:
            self._real.flush()

    def close(self) -> None:
        """Standard output is not the plugin's to close."""

    def finish(self) -> str:
        """What was written; from now on everything goes through."""
        text = "".join(map(str, self._parts or ()))
        self._parts = None
        return text if len(text) <= _OUTPUT_KEPT else text[:_OUTPUT_KEPT] + " …"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
