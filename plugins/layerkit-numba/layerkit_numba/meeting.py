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
from layerkit_numba.compilation import compiled

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


@compiled
def meet(shared: Any, threads: int, phase: int) -> int:
    """Wait until all have come: the number of the next meeting, or -1 if one has given up."""
    if add(shared, _ARRIVED, 1) == threads - 1:
        swap(shared, _ARRIVED, 0)
        # an exchange, and not a store: what follows must not be read before it, or a sleeper is overlooked
        swap(shared, _PHASE, phase + 1)
        if add(shared, _SLEEPERS, 0) > 0:
            wake(shared)
        return phase + 1
    spins = 0
    while read(shared, _PHASE) == phase:
        if read(shared, GIVEN_UP) != 0:
            return -1
        spins += 1
        if spins < _SPINS:
            _pause()
        else:
            add(shared, _SLEEPERS, 1)
            _sleep(shared, phase)
            add(shared, _SLEEPERS, -1)
    return phase + 1


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(arrayobj.make_array(kind)(context, builder, array).data, [index])


def _exchange(operation: str) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def exchange(typing_context: Any, shared: Any, index: Any, value: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            place = _place(context, builder, signature.args[0], *arguments[:2])
            return builder.atomic_rmw(operation, place, arguments[2], "seq_cst")

        return types.int64(shared, types.int64, types.int64), emit

    return exchange


add, swap = _exchange("add"), _exchange("xchg")
"""``add(shared, index, value)`` and ``swap(shared, index, value)`` give what the word was before."""


@intrinsic  # type: ignore[untyped-decorator]
def read(typing_context: Any, shared: Any, index: Any) -> Any:
    """The word, as the last writer left it."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature.args[0], *arguments), "seq_cst", 8)

    return types.int64(shared, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def _pause(typing_context: Any) -> Any:
    """Leave the core's other thread some room."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _HAS_PAUSE:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), kind), [])
        return context.get_dummy_value()

    return types.void(), emit


@intrinsic  # type: ignore[untyped-decorator]
def _sleep(typing_context: Any, shared: Any, phase: Any) -> Any:
    """Sleep while the phase is still this one, for a little."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = arguments[0]
        timeout = _place(context, builder, signature.args[0], words, _INDEX(_TIMEOUT))
        _ask_futex(context, builder, signature.args[0], words, _WAIT, arguments[1], timeout)
        return context.get_dummy_value()

    return types.void(shared, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def wake(typing_context: Any, shared: Any) -> Any:
    """Wake all who sleep."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        nothing = ir.Constant(_INDEX.as_pointer(), None)
        _ask_futex(context, builder, signature.args[0], arguments[0], _WAKE, _INDEX(_ALL), nothing)
        return context.get_dummy_value()

    return types.void(shared), emit


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
