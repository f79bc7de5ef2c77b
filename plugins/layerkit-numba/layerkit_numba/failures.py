"""What a compiled function raised, as an exception of Python's."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba.core import callconv
from numba.core.compiler_lock import global_compiler_lock

from layerkit.types import Array
from layerkit_numba.natives import context, load

_INDEX, _CODE = ir.IntType(64), ir.IntType(32)


def raise_failure(failure: Array) -> None:
    """Raise what is recorded: where the exception lies, and its code.

    Raises:
        Exception: that one.
    """
    _raiser()(*map(int, failure))


@cache
@global_compiler_lock  # type: ignore[untyped-decorator]
def _raiser() -> Callable[[int, int], None]:
    own = context()
    own.refresh()
    library = own.codegen().create_library("raise")
    module = own.create_module("raise")
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [_INDEX, _INDEX]), "layerkit_raise")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    place, code = function.args
    code = builder.trunc(code, _CODE)
    raised = builder.icmp_signed(">=", code, callconv.RETCODE_USEREXC)
    status = callconv.Status(
        code=code,
        is_ok=ir.IntType(1)(0),
        is_none=ir.IntType(1)(0),
        is_error=ir.IntType(1)(1),
        is_stop_iteration=builder.icmp_signed("==", code, callconv.RETCODE_STOPIT),
        is_python_exc=builder.icmp_signed("==", code, callconv.RETCODE_EXC),
        is_user_exc=raised,
        excinfoptr=builder.inttoptr(place, callconv.excinfo_ptr_t),
    )
    own.call_conv.raise_error(builder, own.get_python_api(builder), status)
    builder.ret_void()
    library.add_ir_module(module)
    # a function of Python's own kind: ctypes looks for an exception behind it
    kind: Any = ctypes.PYFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64)
    made: Callable[[int, int], None] = kind(load("layerkit_raise", library.emit_native_object()))
    return made
