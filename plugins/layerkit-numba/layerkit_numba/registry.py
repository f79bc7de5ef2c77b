"""Finds the kernel of a component: among this package's, another package's, or those announced by a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from layerkit.errors import EngineError
from layerkit_numba.interface import MAKERS, AnyKernel, CostKernel, CostPart, Part, UpdateKernel, UpdatePart, target_of

GROUP = "layerkit_numba.kernels"
"""The entry points that name modules of kernels; an entry point's own name is the top-level module that it serves."""

_loaded: set[str] = set()


def find(component: object, named: str) -> Callable[..., AnyKernel]:
    """What makes the kernel of ``component``; ``named`` is how a message calls it.

    Raises:
        EngineError: there is none, or the module that should hold it cannot be imported.
    """
    target = target_of(type(component))
    if not announced(type(component), named):
        raise EngineError(
            f"the engine numba/jit has no kernel for {named} ({target}): train with the engine 'numpy', which runs "
            f"everything, or write a kernel (see layerkit_numba.interface) and name its module in the entry points "
            f"{GROUP!r}"
        )
    return MAKERS[target]


def announced(kind: type, named: str) -> bool:
    """Whether there is a kernel for a class; the modules that may hold it are imported.

    Raises:
        EngineError: such a module cannot be imported.
    """
    if target_of(kind) not in MAKERS:
        _load(kind.__module__.partition(".")[0], named)
    return target_of(kind) in MAKERS


def layer_kernel(part: Part, named: str) -> Any:
    """The kernel of a layer: what its maker gives, which is for the caller to check.

    Raises:
        EngineError: there is none.
    """
    return find(part.layer, named)(part)


def cost_kernel(part: CostPart, named: str) -> CostKernel:
    """The kernel of a cost.

    Raises:
        EngineError: there is none, or there are masks and it knows none.
    """
    make = find(part.cost, named)
    made = make(part.cost, part.shape, part.dtype) if _parameters(make) == _COST_FORM else make(part)
    kernel: CostKernel = _required(made, CostKernel, named)
    if part.masked and kernel.masks == "refused":
        raise EngineError(f"the kernel of {named} knows no masks: train with the engine 'numpy', which does")
    return kernel


def update_kernel(part: UpdatePart, named: str) -> UpdateKernel:
    """The kernel of an optimizer or a transform.

    Raises:
        EngineError: there is none.
    """
    make = find(part.component, named)
    made = make(part.component, part.slices) if _parameters(make) == _UPDATE_FORM else make(part)
    return _required(made, UpdateKernel, named)


# makers that were written before there were records of all that they may need to know
_COST_FORM, _UPDATE_FORM = 3, 2


def _parameters(make: Callable[..., Any]) -> int:
    return len(inspect.signature(make).parameters)


def _required(made: Any, kind: Any, named: str) -> Any:
    if not isinstance(made, kind):
        raise EngineError(f"the kernel of {named} must be a {kind.__name__}, got {type(made).__name__}")
    return made


def _load(package: str, named: str) -> None:
    if package in _loaded:
        return
    for entry_point in entry_points(group=GROUP, name=package):
        try:
            entry_point.load()
        except Exception as error:
            raise EngineError(
                f"the kernels for {named} are in {entry_point.value}, which could not be imported: "
                f"{type(error).__name__}: {error}; repair or remove that package, or train with the engine 'numpy'"
            ) from error
    _loaded.add(package)
