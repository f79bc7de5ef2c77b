"""Compiled functions by their addresses: each compiled by itself, once for each signature, and kept on disk."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, final

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import compiler
from numba.core.codegen import AOTCodeLibrary, JITCPUCodegen
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from layerkit_numba.cache import alone, keep, kept, named
from layerkit_numba.identity import Loop, identity
from layerkit_numba.wrapping import Kind, type_of, write_entrance

_CODE = ir.IntType(32)
_ENVIRONMENT = "@_ZN08NumbaEnv"
_OWN = f"{__package__}."
_NUMBAS = (b"NRT_", b"numba_")
"""What the names of Numba's own functions begin with: they are there once Numba has been set up to compile."""


@final
@dataclass(slots=True)
class Spent:
    """How many functions this process has compiled and loaded, and the seconds that it took."""

    compiled: int = 0
    loaded: int = 0
    seconds: float = 0.0


spent = Spent()
_addresses: dict[tuple[Any, tuple[Kind, ...], bool], int] = {}


def address_of(function: Any, kinds: tuple[Kind, ...], *, decides: bool = False) -> int:
    """The address of a function's entrance for arguments of these kinds; ``decides``: it returns what it gives.

    ``function`` is what ``compiled`` gave, an intrinsic, or a ``Loop``.
    """
    key = (function, kinds, decides)
    address = _addresses.get(key)
    if address is None:
        began = time.perf_counter()
        with global_compiler_lock:
            address = _addresses[key] = _found(function, kinds, decides=decides)
        spent.seconds += time.perf_counter() - began
    return address


def _found(function: Any, kinds: tuple[Kind, ...], *, decides: bool) -> int:
    told, keeps = identity(function)
    name = named(told, repr(kinds), str(decides))
    code = kept(name) if keeps else None
    if code is None:
        with alone(name):
            # another process may have compiled it while this one waited
            code = kept(name) if keeps else None
            if code is None:
                made = _compile(function, kinds, name, decides=decides)
                spent.compiled += 1
                if keeps and made.lasts:
                    keep(name, made.code)
                address = load(_symbol(name), made.code)
                made.complete()
                return address
    spent.loaded += 1
    return load(_symbol(name), code)


@final
@dataclass(frozen=True, slots=True)
class _Made:
    """Machine code; ``lasts``: it holds for other processes too. ``environment`` is what Python's objects in it are
    looked up in, by the name of the place that refers to it: for what prints, say.
    """

    code: bytes
    lasts: bool
    environment: tuple[str, Any] | None

    def complete(self) -> None:
        """Let the code that has been loaded find its environment."""
        if self.environment is not None:
            context().codegen().refer(*self.environment)


def _compile(function: Any, kinds: tuple[Kind, ...], name: str, *, decides: bool) -> _Made:
    """The machine code of a function, behind its entrance."""
    own, typing = context(), cpu_target.typing_context
    if isinstance(function, Loop):
        function = function.function()
    given = tuple(type_of(kind) for kind in kinds)
    environment = None
    module = own.create_module("entrance")
    if hasattr(function, "py_func"):
        # what Numba knows of Python's own functions: intrinsics of this package need none of it
        typing.refresh()
        own.refresh()
        flags = compiler.Flags()
        cpu_target.options.parse_as_flags(flags, function.targetoptions)
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        made = compiler.compile_extra(typing, own, function.py_func, given, None, flags, function.locals)
        library, described = made.library, made.fndesc

        def call(builder: Any, arguments: list[Any]) -> tuple[Any, Any]:
            kind = own.call_conv.get_function_type(described.restype, described.argtypes)
            callee = ir.Function(module, kind, described.llvm_func_name)
            status, given_back = own.call_conv.call_function(
                builder, callee, described.restype, described.argtypes, arguments
            )
            return (builder.trunc(given_back, _CODE) if decides else _CODE(0)), status

        write_entrance(own, module, _symbol(name), kinds, call)
        library.add_ir_module(module)
        library.get_function(described.llvm_func_name).linkage = "internal"
        environment = own.get_env_name(described), made.environment
    else:
        if not function._defn.__module__.startswith(_OWN):
            typing.refresh()
            own.refresh()
        signature, emit = function._defn(typing, *given)
        library = own.codegen().create_library(name)

        def write(builder: Any, arguments: list[Any]) -> tuple[Any, Any]:
            emit(own, builder, signature, arguments)
            return _CODE(0), None

        write_entrance(own, module, _symbol(name), kinds, write)
        library.add_ir_module(module)
    code: bytes = library.emit_native_object()
    used = any(_ENVIRONMENT in line for line in library.get_llvm_str().splitlines() if not line.startswith("@"))
    return _Made(code, not used and not library.has_dynamic_globals, environment if used else None)


def load(symbol: str, code: bytes) -> int:
    """The address of a function in a piece of machine code."""
    own = context()
    if any(name in code for name in _NUMBAS):
        own.refresh()
    return own.codegen().load(symbol, code)


def _symbol(name: str) -> str:
    return f"layerkit_{name}"


@final
class _Codegen(JITCPUCodegen):  # type: ignore[misc]
    """Emits machine code for this processor, and loads it, be it new or kept."""

    _library_class = AOTCodeLibrary

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._environments: list[Any] = []

    def _add_module(self, module: Any) -> None:
        """Modules are not loaded: what they became is."""

    def refer(self, name: str, environment: Any) -> None:
        """Let the place of this name refer to an environment, which lives as long as the process."""
        place = self._engine._ee.get_global_value_address(name)
        ctypes.c_void_p.from_address(place).value = id(environment)
        self._environments.append(environment)

    def load(self, symbol: str, code: bytes) -> int:
        """The address of a function in a piece of machine code."""
        engine = self._engine._ee
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return int(engine.get_function_address(symbol))


@cache
def context() -> Any:
    """What Numba compiles for: this processor."""
    return cpu_target.target_context.subtarget(_internal_codegen=_Codegen("layerkit"))
