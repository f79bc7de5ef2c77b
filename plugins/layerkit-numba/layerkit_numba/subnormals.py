"""Numbers below the normal ones as zero, while a program runs.

Many processors take a hundred cycles and more for an operation on such a number, and what is left of the gradients of
a trained network is full of them. Below 1.2e-38 in float32 as they are, they matter to nobody whose learning rate is
not of that size too.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_BYTE, _WORD = ir.IntType(8), ir.IntType(32)
_FLUSH = 0x8040  # of the control register: results to zero, and operands taken as zero
_KNOWN = platform.machine().lower() in ("x86_64", "amd64")


@intrinsic  # type: ignore[untyped-decorator]
def flush_subnormals(typing_context: Any) -> Any:
    """Begin; returns the mode that was, for ``restore_mode``. For this thread alone, on x86-64 alone."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if not _KNOWN:
            return _WORD(0)
        place = cgutils.alloca_once(builder, _WORD)
        _access(builder, "st", place)
        before = builder.load(place)
        builder.store(builder.or_(before, _WORD(_FLUSH)), place)
        _access(builder, "ld", place)
        return before

    return types.uint32(), emit


@intrinsic  # type: ignore[untyped-decorator]
def restore_mode(typing_context: Any, mode: Any) -> Any:
    """End what ``flush_subnormals`` began."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _KNOWN:
            place = cgutils.alloca_once(builder, _WORD)
            builder.store(arguments[0], place)
            _access(builder, "ld", place)
        return context.get_dummy_value()

    return types.void(types.uint32), emit


def _access(builder: Any, kind: str, place: Any) -> None:
    function = builder.module.declare_intrinsic(
        f"llvm.x86.sse.{kind}mxcsr", (), ir.FunctionType(ir.VoidType(), [_BYTE.as_pointer()])
    )
    builder.call(function, [builder.bitcast(place, _BYTE.as_pointer())])
