"""The contenders by name; a new one is a file here and a line below."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from benchmarks.contender import Contender


@dataclass(frozen=True, slots=True)
class Entry:
    """What the parent process knows about a contender without importing it."""

    name: str
    target: str
    summary: str
    requires: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """Which of the packages that it needs cannot be imported here, or ``None``."""
        absent = [package for package in self.requires if importlib.util.find_spec(package) is None]
        return f"not installed: {', '.join(absent)}" if absent else None

    def load(self) -> type[Contender]:
        """Import the contender's class."""
        module, name = self.target.split(":")
        kind: type[Contender] = getattr(importlib.import_module(f"benchmarks.contenders.{module}"), name)
        return kind


CONTENDERS = (
    Entry("c_floor", "c_floor:CFloor", "C written for the shape, the floor of a processor"),
    Entry("gemm_floor", "gemm_floor:GemmFloor", "bare NumPy GEMMs and one pass over the parameters"),
    Entry("numpy_loop", "numpy_loop:NumpyLoop", "the best plain NumPy loop"),
    Entry("layerkit", "layerkit_numpy:LayerkitNumpy", "layerkit's Trainer, engine numpy", ("layerkit",)),
    Entry("layerkit_numba", "layerkit_numba:LayerkitNumba", "its engine numba/jit", ("layerkit", "layerkit_numba")),
    Entry("numba_bytes", "layerkit_numba:LayerkitNumbaBytes", "the same on bytes", ("layerkit", "layerkit_numba")),
    Entry("jax", "jax_scan:JaxScan", "JAX, jit of a lax.scan over the steps", ("jax",)),
    Entry("torch", "torch_eager:TorchEager", "PyTorch eager, nn.Linear and optim.SGD", ("torch",)),
    Entry("torch_compile", "torch_compile:TorchCompile", "PyTorch, torch.compile of the whole step", ("torch",)),
    Entry("sklearn", "sklearn_mlp:SklearnMLP", "scikit-learn MLPClassifier, sgd", ("sklearn",)),
    Entry("keras", "keras_fit:KerasFit", "Keras, Model.fit", ("keras",)),
    Entry("onnx", "onnx_runtime:OnnxRuntime", "ONNX Runtime: predictions alone", ("onnx", "onnxruntime")),
    Entry("thinc", "thinc_loop:ThincLoop", "Thinc, begin_update and finish_update", ("thinc",)),
)

BASELINE = "numpy_loop"
"""What ratios are taken against."""


def entry_named(name: str) -> Entry:
    """The entry of that name.

    Raises:
        ValueError: there is none; the message lists them.
    """
    for entry in CONTENDERS:
        if entry.name == name:
            return entry
    raise ValueError(f"no contender is called {name!r}; there are {', '.join(entry.name for entry in CONTENDERS)}")
