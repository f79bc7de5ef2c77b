"""The environment of a measured process: how many threads a library may use, and nothing that picks its kernels."""

from __future__ import annotations

import os
from pathlib import Path

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NPROC",
)
_PICKS_A_KERNEL = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_ROOT = Path(__file__).resolve().parent.parent


def child_environment(threads: int) -> dict[str, str]:
    """The present environment with ``threads`` for every library.

    Settings that hold OpenBLAS to the kernels of some processor are dropped, so that every library picks its own.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _PICKS_A_KERNEL}
    environment.update(dict.fromkeys(_THREADS, str(threads)))
    multi = "true" if threads > 1 else "false"
    environment["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={multi} intra_op_parallelism_threads={threads}"
    environment["JAX_PLATFORMS"] = "cpu"
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    environment["PYTHONHASHSEED"] = "0"
    return environment
