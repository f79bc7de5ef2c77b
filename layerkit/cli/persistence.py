"""What `layerkit run` keeps on the disk: checkpoints while it trains, the model at the end."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from layerkit.errors import ArgumentError
from layerkit.files.checkpoint_callback import Checkpoint
from layerkit.files.checkpoints import checkpoints_in, is_best, resume, step_of
from layerkit.files.format.tensors import require_place
from layerkit.files.models import require_savable, save

if TYPE_CHECKING:
    from layerkit.experiments.session import Session

_KEPT = 3


def _kept_in(folder: Path) -> int:
    """How many checkpoints are kept in a folder; one that holds more than a run leaves was meant to: there all are."""
    there = len(checkpoints_in(folder)) if folder.is_dir() else 0
    return _KEPT if there <= _KEPT else sys.maxsize


@final
@dataclass(frozen=True, kw_only=True)
class Persistence:
    """``save``: the file for the model; ``checkpoint``: a file or a folder; ``resume``: where a run goes on from.

    A run that is resumed goes on writing its checkpoints where it found them, unless it is told another place.
    """

    save: Path | None = None
    checkpoint: Path | None = None
    resume: Path | None = None

    def given(self) -> list[str]:
        """The options that were given, as they are typed."""
        return [f"--{name}" for name in ("save", "checkpoint", "resume") if getattr(self, name) is not None]

    def written(self) -> dict[str, Path | None]:
        """The files that are written, by option; a folder of checkpoints has its own names."""
        option, place = ("--resume", self.resume) if self.checkpoint is None else ("--checkpoint", self.checkpoint)
        single = place is not None and place.suffix == ".safetensors"
        return {"--save": self.save, option: place if single else None}

    def check(self) -> None:
        """Refuse, before any training, what could not be written after it.

        Raises:
            ArgumentError: a folder is missing, something is in the way, or no file can be named so.
        """
        for option, path in (("--save", self.save), ("--checkpoint", self.checkpoint)):
            if path is None or (option == "--checkpoint" and path.suffix != ".safetensors"):
                # a folder is made, and tried, by the callback
                continue
            if os.path.isdir(path):
                raise ArgumentError(f"{option}: {path} is a folder; give a file, such as model.safetensors")
            try:
                require_place(path)
            except OSError as error:
                raise ArgumentError(f"{option}: {path} cannot be written: {error.strerror or error}") from error

    def begin(self, session: Session) -> list[Checkpoint]:
        """Resume, if that was asked for; the callback that writes checkpoints, if they are wanted.

        Raises:
            ModelFileError, ArgumentError: the run cannot be resumed from there, or its model not be saved.
        """
        if self.save is not None:
            require_savable(session.model, cost=session.experiment.cost)
        if self.resume is not None:
            resume(session.trainer, self.resume)
            session.adopt()
        place = self.checkpoint or self.resume
        if self.checkpoint is None and place is not None and is_best(place):
            raise ArgumentError(
                f"--resume: {place} is the best checkpoint of a run, which a run that goes on there would replace; say "
                "with --checkpoint FOLDER where the new run keeps its own"
            )
        if place is None:
            return []
        if self.checkpoint is None and step_of(place) is not None:
            place = place.parent
        return [Checkpoint(place) if place.suffix == ".safetensors" else Checkpoint(place, keep=_kept_in(place))]

    def end(self, session: Session) -> None:
        """Write the model, if that was asked for.

        Raises:
            ArgumentError, ModelFileError: it cannot be written.
        """
        if self.save is not None:
            save(session.model, self.save, cost=session.experiment.cost)
