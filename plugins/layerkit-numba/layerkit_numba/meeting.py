"""Where the threads of a step meet: none goes on before all have come, and none waits for one that has given up.

A thread that waits spins for some microseconds, for mostly the others are as near; then it sleeps, so that one whose
core is taken by another program gets it back: on a futex where there is one, else for moments.
"""

from __future__ import annotations

import os
import platform
import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit.memory import aligned
from layerkit.types import Array

GIVEN_UP, CODE = 24, 32
"""The words of the meeting that say whether a thread has given up, and what the first thread leaves for the others."""

ABLE = os.name == "posix"
"""Whether a thread can sleep until another wakes it."""

_ARRIVED, _PHASE, _SLEEPERS, _FUTEX, _TIMEOUT = 0, 8, 16, 40, 42
_SIZE = 48
_SPINS = 2000
_LONGEST_SLEEP = 20_000_000  # nanoseconds: whatever is missed, no longer than that
_MOMENT = 30  # microseconds
_WAIT, _WAKE, _ALL = 128, 129, 2**30
_FUTEX_CALLS = {"x86_64": 202, "amd64": 202, "aarch64": 98, "arm64": 98}
_INDEX, _INT, _BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)
_NOTHING = ir.Constant(_INDEX.as_pointer(), None)
_HAS_PAUSE = platform.machine().lower() in ("x86_64", "amd64")


def meeting_place() -> Array:
    """The words that threads share; they belong to one run of threads at a time."""
    shared = aligned((_SIZE,), np.dtype(np.int64), zero=True)
    if sys.platform == "linux":
        shared[_FUTEX] = _FUTEX_CALLS.get(platform.machine().lower(), 0)
    shared[_TIMEOUT + 1] = _LONGEST_SLEEP
    return shared


def open_meeting(shared: Array) -> None:
    """Make ready, while no thread is there."""
    shared[: CODE + 1] = 0


def break_up(shared: Array) -> None:
    """Let no thread wait any longer, from Python."""
    shared[GIVEN_UP] = 1


@intrinsic  # type: ignore[untyped-decorator]
def meet(typing_context: Any, shared: Any, threads: Any, phase: Any) -> Any:
    """Wait until all have come: the number of the next meeting, or -1 if one has given up; this one is ``phase``."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words, threads, phase = arguments
        return _Meeting(context, builder, signature.args[0], words).emit(threads, phase)

    return types.int64(shared, types.int64, types.int64), emit


class _Meeting:
    """Writes the instructions: as a function of Numba's they would take a second to compile."""

    def __init__(self, context: Any, builder: Any, kind: Any, words: Any) -> None:
        self._context, self._builder, self._kind, self._words = context, builder, kind, words

    def emit(self, threads: Any, phase: Any) -> Any:
        b = self._builder
        following = b.add(phase, _INDEX(1))
        result = cgutils.alloca_once_value(b, following)
        before = b.atomic_rmw("add", self._at(_ARRIVED), _INDEX(1), "seq_cst")
        with b.if_else(b.icmp_signed("==", before, b.sub(threads, _INDEX(1)))) as (last, other):
            with last:
                self._let_go(following)
            with other:
                self._wait(phase, result)
        return b.load(result)

    def _let_go(self, following: Any) -> None:
        b = self._builder
        b.atomic_rmw("xchg", self._at(_ARRIVED), _INDEX(0), "seq_cst")
        # an exchange, and not a store: what follows must not be read before it, or a sleeper is overlooked
        b.atomic_rmw("xchg", self._at(_PHASE), following, "seq_cst")
        sleepers = b.atomic_rmw("add", self._at(_SLEEPERS), _INDEX(0), "seq_cst")
        with b.if_then(b.icmp_signed(">", sleepers, _INDEX(0))):
            _ask_futex(self._context, b, self._kind, self._words, _WAKE, _INDEX(_ALL), _NOTHING)

    def _wait(self, phase: Any, result: Any) -> None:
        b = self._builder
        spins = cgutils.alloca_once_value(b, _INDEX(0))
        looks, waits, done = (b.append_basic_block(name) for name in ("looks", "waits", "done"))
        b.branch(looks)
        b.position_at_end(looks)
        now = b.load_atomic(self._at(_PHASE), "seq_cst", 8)
        b.cbranch(b.icmp_signed("==", now, phase), waits, done)
        b.position_at_end(waits)
        given_up = b.load_atomic(self._at(GIVEN_UP), "seq_cst", 8)
        with b.if_then(b.icmp_signed("!=", given_up, _INDEX(0)), likely=False):
            b.store(_INDEX(-1), result)
            b.branch(done)
        count = b.add(b.load(spins), _INDEX(1))
        b.store(count, spins)
        with b.if_else(b.icmp_signed("<", count, _INDEX(_SPINS))) as (spin, sleep):
            with spin:
                if _HAS_PAUSE:
                    kind = ir.FunctionType(ir.VoidType(), [])
                    b.call(b.module.declare_intrinsic("llvm.x86.sse2.pause", (), kind), [])
            with sleep:
                b.atomic_rmw("add", self._at(_SLEEPERS), _INDEX(1), "seq_cst")
                _ask_futex(self._context, b, self._kind, self._words, _WAIT, phase, self._at(_TIMEOUT))
                b.atomic_rmw("sub", self._at(_SLEEPERS), _INDEX(1), "seq_cst")
        b.branch(looks)
        b.position_at_end(done)

    def _at(self, index: int) -> Any:
        return _place(self._context, self._builder, self._kind, self._words, _INDEX(index))


@intrinsic  # type: ignore[untyped-decorator]
def swap(typing_context: Any, shared: Any, index: Any, value: Any) -> Any:
    """Write a word; gives what it was before."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], *arguments[:2])
        return builder.atomic_rmw("xchg", place, arguments[2], "seq_cst")

    return types.int64(shared, types.int64, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def read(typing_context: Any, shared: Any, index: Any) -> Any:
    """The word, as the last writer left it."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature.args[0], *arguments), "seq_cst", 8)

    return types.int64(shared, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def wake(typing_context: Any, shared: Any) -> Any:
    """Wake all who sleep."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _ask_futex(context, builder, signature.args[0], arguments[0], _WAKE, _INDEX(_ALL), _NOTHING)
        return context.get_dummy_value()

    return types.void(shared), emit


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(arrayobj.make_array(kind)(context, builder, array).data, [index])


def _ask_futex(context: Any, builder: Any, kind: Any, words: Any, what: int, value: Any, timeout: Any) -> None:
    """Call the system, if it has futexes; else a sleeper sleeps for a moment."""
    if not ABLE:
        return
    module = builder.module
    number = builder.load(_place(context, builder, kind, words, _INDEX(_FUTEX)))
    with builder.if_else(builder.icmp_signed("!=", number, _INDEX(0))) as (known, unknown):
        with known:
            call = cgutils.get_or_insert_function(module, ir.FunctionType(_INDEX, [_INDEX], var_arg=True), "syscall")
            # the low half of the word, where processors have it first
            phase = _place(context, builder, kind, words, _INDEX(_PHASE))
            builder.call(call, [number, phase, _INDEX(what), value, timeout])
        with unknown:
            if what == _WAIT:
                rest = cgutils.get_or_insert_function(module, ir.FunctionType(_INT, [_INT]), "usleep")
                builder.call(rest, [_INT(_MOMENT)])
