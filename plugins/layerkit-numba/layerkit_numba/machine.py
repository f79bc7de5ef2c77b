"""What the processor offers."""

from __future__ import annotations

from functools import cache

import llvmlite.binding
from numba import config


@cache
def processor() -> str:
    """The processor that programs are compiled for: its name and its features."""
    name = config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = config.CPU_FEATURES
    if features is None:
        features = llvmlite.binding.get_host_cpu_features().flatten()
    return f"{name} {features}"


@cache
def vector_bytes() -> int:
    """The width of the widest vectors: 64 with AVX-512, 32 with AVX, else 16."""
    features = processor().partition(" ")[2].split(",")
    if "+avx512f" in features:
        return 64
    return 32 if "+avx" in features else 16
