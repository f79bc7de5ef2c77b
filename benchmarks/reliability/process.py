"""Child processes that are forked off, so that each starts at once, and may be killed or may crash."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


def forked(work: Callable[[int], Any]) -> tuple[int, int]:
    """Run ``work`` in a child process, with the writing end of a pipe; returns the child's id and the reading end."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # from Python 3.12 on, forking where a library has started threads is warned of; the children use none of them
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        os.close(reading)
        work(writing)
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # not sys.exit: the child must not run what its parent has registered for its own end
        os._exit(code)


def everything(descriptor: int) -> bytes:
    """All that comes out of a pipe until its last writer is gone."""
    pieces = []
    while piece := os.read(descriptor, 2**16):
        pieces.append(piece)
    os.close(descriptor)
    return b"".join(pieces)


def exit_code(child: int) -> int:
    """How a child ended: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def isolated(work: Callable[[], Result]) -> Result:
    """The result of ``work``, run in a process of its own.

    Raises:
        RuntimeError: the process crashed.
    """

    def send(writing: int) -> None:
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe)

    child, reading = forked(send)
    answer = everything(reading)
    code = exit_code(child)
    if code != 0:
        raise RuntimeError(f"the process ended with {code}")
    result: Result = pickle.loads(answer)
    return result
