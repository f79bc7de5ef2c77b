"""The conditions under which numbers are computed: the same ones give the same bits."""

from __future__ import annotations

import platform
from pathlib import Path
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
    """The BLAS library that NumPy computes with, the processor that it chose, and the threads that it was given."""
    library = _of_numpy(blas_libraries())
    if library is None:
        return {"blas": "", "blas threads": given_threads()}
    told = f"{library['internal_api']} {library['version']} for {library.get('architecture', 'any processor')}"
    return {"blas": told, "blas threads": given_threads()}


def _of_numpy(libraries: list[dict[str, Any]]) -> dict[str, Any] | None:
    # which others a process has loaded by now, SciPy's say, depends on what was imported when
    numpy_folder = Path(np.__file__).parent
    own = [
        library
        for library in libraries
        if any(folder in Path(library["filepath"]).parents for folder in (numpy_folder, Path(f"{numpy_folder}.libs")))
    ]
    return next(iter(own or libraries), None)
