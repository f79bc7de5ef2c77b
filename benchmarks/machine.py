"""What the figures were taken on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

_PACKAGES = ("layerkit", "numpy", "jax", "torch", "scikit-learn", "keras", "thinc", "onnxruntime", "numba", "scipy")


def describe() -> dict[str, Any]:
    """Processor, number of CPUs that this process may use, system, Python, and the versions of what is measured."""
    return {
        "processor": _processor(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    widest = [flag for flag in ("avx512f", "avx2", "avx") if any(f" {flag} " in f"{line} " for line in lines)]
    return " ".join([named[0] if named else platform.processor() or platform.machine(), *widest[:1]])


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
