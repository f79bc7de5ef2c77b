"""Files made wrong on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import Dense, Sequential, Sigmoid


def sound_file(folder: Path) -> Path:
    """A small model's file."""
    path = folder / "model.safetensors"
    model = Sequential([Dense(4, activation=Sigmoid()), Dense(2)]).initialize(3, seed=0)
    layerkit.save(model, path)
    return path


def architecture(anatomy: Anatomy) -> dict[str, Any]:
    """The arguments of the outermost layer."""
    arguments: dict[str, Any] = anatomy.envelope["content"]["model"]["architecture"]["arguments"]
    return arguments
