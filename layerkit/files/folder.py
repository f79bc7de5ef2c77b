"""A folder of checkpoints: one file for each step that is kept."""

from __future__ import annotations

import os
import re
from pathlib import Path

_NAME = re.compile(r"step-(\d{9,})\.safetensors")


def checkpoint_name(step: int) -> str:
    """The name of the checkpoint after so many steps.

    >>> checkpoint_name(1200)
    'step-000001200.safetensors'
    """
    return f"step-{step:09}.safetensors"


def step_of(path: Path) -> int | None:
    """After how many steps a checkpoint was written, by its name; None for other files."""
    found = _NAME.fullmatch(path.name)
    return None if found is None else int(found[1])


def checkpoints_in(folder: str | os.PathLike[str]) -> list[Path]:
    """The checkpoints in a folder, the newest first."""
    found = [(step, path) for path in Path(folder).iterdir() if (step := step_of(path)) is not None]
    return [path for _, path in sorted(found, reverse=True)]
