"""layerkit with its compiled engine, from the package layerkit-numba."""

from __future__ import annotations

from typing import final

from benchmarks.contenders.layerkit_numpy import LayerkitContender
from layerkit import Engine


@final
class LayerkitNumba(LayerkitContender):
    """The engine ``numba/jit``."""

    def engine(self) -> Engine:
        from layerkit_numba import NumbaEngine

        engine: Engine = NumbaEngine()
        return engine
