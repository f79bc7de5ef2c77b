"""What code does to its process and its machine: settings that are others afterwards, and events on the way."""

from __future__ import annotations

import decimal
import gc
import io
import locale
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

_EVENTS = {
    "socket.__new__": "opens a socket",
    "socket.connect": "connects a socket to {1}",
    "socket.bind": "binds a socket to {1}",
    "socket.getaddrinfo": "looks up the host {0}",
    "socket.gethostbyname": "looks up the host {0}",
    "subprocess.Popen": "starts a process, {0}",
    "os.fork": "starts a process, by os.fork",
    "os.posix_spawn": "starts a process, {0}",
    "os.spawn": "starts a process, {1}",
    "os.system": "starts a process, {0}",
    "os.exec": "starts a program, {0}",
    "os.mkdir": "makes the folder {0}",
    "os.remove": "removes the file {0}",
    "os.rmdir": "removes the folder {0}",
    "os.rename": "renames the file {0}",
    "os.link": "makes a link to {0}",
    "os.symlink": "makes a link to {0}",
    "os.truncate": "truncates the file {0}",
    "shutil.rmtree": "removes the folder {0}",
    "tempfile.mkstemp": "makes the file {0}",
    "tempfile.mkdtemp": "makes the folder {0}",
    "sqlite3.connect": "opens the database {0}",
    "urllib.Request": "asks for {0}",
    "webbrowser.open": "opens {0}",
    "os.kill": "sends a signal to the process {0}",
    "sys.settrace": "traces the process, by sys.settrace",
    "sys.setprofile": "profiles the process, by sys.setprofile",
}
_SYSTEM = ("/dev", "/proc", "/sys")
_SIGNALS = {each.name: int(each) for each in signal.Signals}
_logs: list[tuple[int, list[str], tuple[str, ...]]] = []
_installed = False


@contextmanager
def events(own: tuple[str, ...]) -> Iterator[list[str]]:
    """What is opened, started, sent or removed by this thread meanwhile, as a person would say it, in order.

    Reading is none of it where a file lies in one of the folders ``own``, or is read by an import.
    """
    global _installed  # noqa: PLW0603 - such a hook stays for the life of the process
    if not _installed:
        sys.addaudithook(_note)
        _installed = True
    log: list[str] = []
    _logs.append((threading.get_ident(), log, own))
    written = io.StringIO()
    try:
        with redirect_stdout(written), redirect_stderr(written):
            yield log
    finally:
        _logs.pop()
        if written.getvalue():
            log.append(f"prints {written.getvalue()[:60]!r}")


_ENVIRONMENT, _FILTERS, _PACKAGES = "the environment", "the warnings' filters", "the packages that are imported"


def settings() -> dict[str, Any]:
    """Settings of the process that everybody shares, by the name that a person knows them by."""
    return {
        _ENVIRONMENT: dict(os.environ),
        "the working folder": os.getcwd(),
        "sys.path": list(sys.path),
        "sys.meta_path": list(map(repr, sys.meta_path)),
        _FILTERS: list(warnings.filters),
        "NumPy's handling of errors (np.seterr; take np.errstate)": {**np.geterr(), "call": repr(np.geterrcall())},
        "NumPy's print options": {key: repr(value) for key, value in np.get_printoptions().items()},
        "logging": _logging(),
        "the handlers of signals": _signals(),
        "sys.excepthook": (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook),
        "standard streams": (sys.stdin, sys.stdout, sys.stderr),
        "limits of the interpreter": (sys.getrecursionlimit(), sys.getswitchinterval()),
        "the garbage collector": (gc.isenabled(), gc.get_threshold()),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the context of decimals": repr(decimal.getcontext()),
        _PACKAGES: {name.partition(".")[0] for name in list(sys.modules)},
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is another setting now, with what is new of it.

    What a package adds that was imported meanwhile for the first time, variables of its own and filters for its own
    warnings, is that package's doing.
    """
    if before[_PACKAGES] != after[_PACKAGES]:
        after = {**after, _ENVIRONMENT: _known(before[_ENVIRONMENT], after[_ENVIRONMENT])}
        after[_FILTERS] = [each for each in after[_FILTERS] if each in before[_FILTERS] or _is_general(each)]
    different = [name for name in before if name != _PACKAGES and before[name] != after[name]]
    return [name + _news(before[name], after[name]) for name in different]


def _known(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in after.items() if name in before}


def _is_general(each: Any) -> bool:
    """Whether a filter is for every warning of a kind of Python's."""
    _, message, category, module, _ = each
    return message is module is None and category.__module__ == "builtins"


def _news(before: Any, after: Any) -> str:
    if isinstance(before, dict):
        keys = [str(key) for key in {**before, **after} if before.get(key) != after.get(key)]
        return f" ({', '.join(keys[:3])})"
    if isinstance(before, list):
        return f" ({', '.join(repr(each) for each in after if each not in before)[:80]})"
    return f" (now {after})" if isinstance(after, str) else ""


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _logs:
        return
    thread, log, own = _logs[-1]
    if threading.get_ident() != thread:
        return
    told = _opening(arguments, own) if event == "open" else _EVENTS.get(event)
    if told is None or _importing():
        return
    log.append(told.format(*(_shown(each) for each in arguments)))


def _opening(arguments: tuple[Any, ...], own: tuple[str, ...]) -> str | None:
    path, mode, flags = arguments
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    place = os.path.abspath(os.fsdecode(path))
    writes = any(letter in (mode or "r") for letter in "wax+") or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
    if place.startswith(_SYSTEM) or (not writes and (place.startswith(own) or place.endswith((".py", ".pyc")))):
        return None
    return "writes the file {0}" if writes else "reads the file {0}"


def _importing() -> bool:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _shown(value: Any) -> str:
    text = os.fsdecode(value) if isinstance(value, (bytes, os.PathLike)) else str(value)
    return text if len(text) <= 120 else f"…{text[-120:]}"


def _logging() -> dict[str, Any]:
    root = logging.getLogger()
    loggers = {
        name: [repr(each) for each in logger.handlers if not isinstance(each, logging.NullHandler)]
        for name, logger in logging.Logger.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    mine = {"root": [repr(root.level), *map(repr, root.handlers), *map(repr, root.filters)]}
    return (
        mine | {name: handlers for name, handlers in loggers.items() if handlers} | {"disabled": root.manager.disable}
    )


def _signals() -> dict[str, Any]:
    return {name: signal.getsignal(number) for name, number in _SIGNALS.items()}


def folders_of(target: Any) -> tuple[str, ...]:
    """The folders in which the code of a class and of its bases lies."""
    modules = [sys.modules.get(base.__module__) for base in getattr(target, "__mro__", ())]
    files = [getattr(module, "__file__", None) for module in modules]
    return tuple({str(Path(file).resolve().parent) for file in files if file})


@contextmanager
def kept_settings() -> Iterator[list[str]]:
    """What is another setting behind the block; what can be put back is."""
    before, noted = settings(), list[str]()
    folder, path, printing = os.getcwd(), sys.path[:], np.get_printoptions()
    environment = dict(os.environ)
    try:
        yield noted
    finally:
        noted += changed(before, settings())
        os.chdir(folder)
        sys.path[:] = path
        np.set_printoptions(**printing)
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)


def attempted(make: Callable[[], Any], own: tuple[str, ...]) -> tuple[list[str], Exception | None]:
    """What a call does on the way, and what it raises."""
    error = None
    threads = set(threading.enumerate())
    with kept_settings() as noted, events(own) as log:
        try:
            make()
        except Exception as raised:
            error = raised
    started = [f"starts the thread {each.name!r}" for each in threading.enumerate() if each not in threads]
    return [*log, *started, *(f"changes {each}" for each in noted)], error
