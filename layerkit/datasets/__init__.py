"""Named sets of examples; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit.datasets.csv_file import CsvFile
    from layerkit.datasets.digits import Digits
    from layerkit.datasets.mnist import Mnist
    from layerkit.datasets.npz_file import NpzFile

__all__ = ["CsvFile", "Digits", "Mnist", "NpzFile"]

_MODULES = {"CsvFile": "csv_file", "Digits": "digits", "Mnist": "mnist", "NpzFile": "npz_file"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
