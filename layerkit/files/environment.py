"""The conditions under which numbers are computed: the same ones give the same bits."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np

from layerkit import __version__
from layerkit.steps.threads import blas_libraries, given_threads


def environment() -> dict[str, Any]:
    """Versions, kind of machine, and the BLAS library with its threads; JSON-safe."""
    return {
        "layerkit": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": platform.system(),
        "machine": platform.machine(),
        **_blas(),
    }


def _blas() -> dict[str, Any]:
    """The BLAS libraries of the process, with the processor that each chose, and the threads that they were given."""
    libraries = [
        f"{library['internal_api']} {library['version']} for {library.get('architecture', 'any processor')}"
        for library in blas_libraries()
    ]
    return {"blas": ", ".join(sorted(libraries)), "blas threads": given_threads()}
