"""Finds the kernel of a component: among this package's, another package's, or those announced by a program."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from layerkit.errors import EngineError
from layerkit_numba.interface import MAKERS, AnyKernel, target_of

GROUP = "layerkit_numba.kernels"
"""The entry points that name modules of kernels; an entry point's own name is the top-level module that it serves."""

_loaded: set[str] = set()


def find(component: object, named: str) -> Callable[..., AnyKernel]:
    """What makes the kernel of ``component``; ``named`` is how a message calls it.

    Raises:
        EngineError: there is none, or the module that should hold it cannot be imported.
    """
    kind = type(component)
    target = target_of(kind)
    if target not in MAKERS:
        _load(kind.__module__.partition(".")[0], named)
    if target not in MAKERS:
        raise EngineError(
            f"the engine numba/jit has no kernel for {named} ({target}): train with the engine 'numpy', which runs "
            f"everything, or write a kernel (see layerkit_numba.interface) and name its module in the entry points "
            f"{GROUP!r}"
        )
    return MAKERS[target]


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
