"""What this package adds to layerkit: the engine ``numba/jit``."""

from __future__ import annotations

from layerkit.plugin import Component, hookimpl

layerkit_api = (1, 1)


@hookimpl
def layerkit_engines() -> list[Component]:
    """The compiled engine."""
    return [
        Component(
            "jit",
            target="layerkit_numba.engine:NumbaEngine",
            summary="Compiles chains of layers with Numba: whole epochs without the interpreter.",
        )
    ]
