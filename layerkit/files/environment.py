"""The conditions under which numbers are computed: the same ones give the same bits."""

from __future__ import annotations

import ctypes
import platform
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from layerkit import __version__


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


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is not as it was, each as ``name: then, now``."""
    return [
        f"{name}: {before.get(name)} then, {now.get(name)} now"
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
    ]


def _blas() -> dict[str, Any]:
    """The BLAS library as NumPy was built with it; of an OpenBLAS also the processor it chose and its threads."""
    built: Any = np.show_config(mode="dicts")
    blas = built["Build Dependencies"]["blas"]
    found: dict[str, Any] = {"blas": f"{blas.get('name')} {blas.get('version')}"}
    library = _openblas()
    if library is None:
        return found
    for name, call, kind in (
        ("blas processor", "get_corename", ctypes.c_char_p),
        ("blas threads", "get_num_threads", ctypes.c_int),
    ):
        function = _function(library, call)
        if function is not None:
            function.restype = kind
            value = function()
            found[name] = value.decode() if isinstance(value, bytes) else value
    return found


def _function(library: ctypes.CDLL, name: str) -> Any:
    """A function of OpenBLAS, whose names differ from build to build."""
    for prefix in ("scipy_openblas_", "openblas_"):
        for suffix in ("64_", "_64", ""):
            found = getattr(library, f"{prefix}{name}{suffix}", None)
            if found is not None:
                return found
    return None


@cache
def _openblas() -> ctypes.CDLL | None:
    """The OpenBLAS that is loaded into this process, if there is one and the system tells."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return None
    paths = {line.split(maxsplit=5)[-1] for line in lines if "openblas" in line.rpartition("/")[2]}
    return ctypes.CDLL(min(paths)) if paths else None
