"""The callback that writes checkpoints."""

from __future__ import annotations

import errno
import math
import os
import sys
import warnings
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, final

import numpy as np

from layerkit.arguments import check_choice, check_instance, check_integer, check_number, check_path, check_table
from layerkit.atomic import mode_of, not_written
from layerkit.errors import ArgumentError, CheckpointWarning, ModelFileError, NonFiniteError
from layerkit.files.checkpoints import BEST, checkpoint_name, checkpoints_in, save_checkpoint, set_aside, step_of
from layerkit.files.format.document import opened
from layerkit.files.format.tensors import require_place
from layerkit.files.limits import Limits
from layerkit.interfaces.callback import Callback, FitView, require_follows
from layerkit.interfaces.metric import lower_is_better, require_measured
from layerkit.registry.host import PluginHost

_SUFFIX = ".safetensors"


@final
class Checkpoint(Callback):
    """Writes all of training to a file, again and again, so that nothing is lost when the process ends.

    ``layerkit.resume(trainer, path)`` goes on from what it wrote. It stands last among the callbacks, for it saves what
    the others remember. When a fit ends, or is stopped, what it came to is written too, with the best values where
    ``EarlyStopping`` has restored them; when one fails, the last good one stays.

    Args:
        path: a file that ends in ``.safetensors``, replaced each time, or a folder, for a file a checkpoint.
        every_steps: write after each so many steps.
        every_epochs: write after each so many epochs; 1 if neither is given.
        keep: how many files of a folder are kept, the newest.
        best: a name in the history's records, such as ``"validation_cost"``: the checkpoint of the epoch that is best
            in it is kept beside the others, as ``best.safetensors`` (for a single file: ``NAME.best.safetensors``).
        mode: whether the lowest or the highest is best; ``"auto"`` knows by the name.
        on_failure: what happens when the file cannot be written (a full disk, say): ``"warn"`` says so by a
            CheckpointWarning and trains on, ``"raise"`` ends the fit with the ModelFileError. The old file stays.
        host: whose names are used in the files; those of this process if left out.

    Raises:
        ArgumentError: an argument is out of range; at the start of a fit: it is not last, or the folder holds
            checkpoints of a run that had come further.

    >>> import tempfile, numpy as np, layerkit
    >>> from layerkit import Checkpoint, Dense, GradientDescent, Quadratic, Sequential, Trainer
    >>> def new_trainer():
    ...     return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     history = new_trainer().fit((x, 2 * x), epochs=3, callbacks=[Checkpoint(folder, keep=2)])
    ...     trainer = new_trainer()
    ...     path = layerkit.resume(trainer, folder)
    >>> len(trainer.history)
    3
    """

    changes_training = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        every_steps: int | None = None,
        every_epochs: int | None = None,
        keep: int = 1,
        best: str | None = None,
        mode: Literal["auto", "lowest", "highest"] = "auto",
        on_failure: Literal["warn", "raise"] = "warn",
        host: PluginHost | None = None,
    ) -> None:
        for name, value in (("every_steps", every_steps), ("every_epochs", every_epochs)):
            if value is not None:
                check_integer(self, name, value, minimum=1)
        check_integer(self, "keep", keep, minimum=1)
        check_choice(self, "mode", mode, ("auto", "lowest", "highest"))
        check_choice(self, "on_failure", on_failure, ("warn", "raise"))
        check_path(self, "path", path)
        check_instance(self, "best", best, str, optional=True)
        check_instance(self, "host", host, PluginHost, optional=True)
        self.path = path
        self.every_steps = every_steps
        self.every_epochs = every_epochs
        self.keep = keep
        self.best = best
        self.mode = mode
        self.on_failure = on_failure
        self.host = host
        self.last: Path | None = None
        """The checkpoint written last, in this fit."""
        self._path = Path(path)
        self._single = self._path.suffix == _SUFFIX
        self._epochs = every_epochs or (None if every_steps else 1)
        self._sign = 1.0 if best and (mode == "lowest" or (mode == "auto" and lower_is_better(best))) else -1.0
        self._best_value: float | None = None
        self._stopped_before: str | None = None
        self._written: tuple[int, int, bytes] | None = None
        self._stuck: set[Path] = set()
        if self._single and keep > 1:
            raise ArgumentError(f"Checkpoint: to keep {keep}, give a folder as path, not the file {self._path.name!r}")

    def fit_started(self, fit: FitView) -> None:
        after = fit.callbacks[[callback is self for callback in fit.callbacks].index(True) :]
        if not all(isinstance(callback, Checkpoint) for callback in after):
            raise ArgumentError("Checkpoint must be the last of the callbacks: it saves what the others remember")
        if self.best is not None:
            require_follows(self, "best", self.best, fit)
        self.last = self._written = None
        if self._stopped_before is not None:
            # a run of an earlier version, that had come to its end
            fit.stop(self._stopped_before)
        self._stopped_before = None
        if not self._single:
            self._make_folder()
        self._require_place()
        if not self._single:
            self._require_newest(fit.step)

    def steps_ended(self, fit: FitView) -> None:
        self._write(fit, self._place(fit))

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        stopped = fit.stop_reason is not None and not fit.interrupted
        # the best first: if the process dies in between, the epoch is run again, and found to be the best again
        if self.best is not None and self._is_new_best(record):
            self._write(fit, self._best_place())
        if (self._epochs and fit.epoch % self._epochs == 0) or stopped:
            self._write(fit, self._place(fit))

    def fit_ended(self, fit: FitView) -> None:
        failed = fit.outcome == "failed"
        # another callback may have given the model its best values: the fit is over, and that is what it came to
        if not failed and self._written != _place_and_values(fit):
            self._write(fit, self._place(fit))
        error = sys.exception()
        if failed and isinstance(error, NonFiniteError) and self.last is not None:
            error.add_note(f"The last good checkpoint is {self.last}")

    def state(self) -> dict[str, Any]:
        return {"best": self._best_value}

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "best")
        if state["best"] is not None:
            check_number(self, "best", state["best"])
        # files of before told it here, and not of the run
        stopped = state.get("stopped")
        check_instance(self, "stopped", stopped, str, optional=True)
        self._best_value = state["best"]
        self._stopped_before = stopped

    def _place(self, fit: FitView) -> Path:
        return self._path if self._single else self._path / checkpoint_name(fit.step)

    def _write(self, fit: FitView, path: Path) -> None:
        if not np.isfinite(fit.model.structure.parameters).all():
            # an update may overflow, and the next step finds it: until then the last good checkpoint is worth more
            self._warn(fit, "parameters are no longer finite; the last checkpoint is kept")
            return
        try:
            save_checkpoint(fit.trainer, path, host=self.host)
        except ModelFileError as error:
            if self.on_failure == "raise":
                raise
            self._warn(fit, str(error))
            return
        if path == self._place(fit):
            self._written = _place_and_values(fit)
            self.last = path
            if not self._single:
                self._remove_old()

    def _remove_old(self) -> None:
        try:
            old_ones = checkpoints_in(self._path)[self.keep :]
        except ModelFileError as error:
            warnings.warn(f"old checkpoints were not removed: {error}", CheckpointWarning, stacklevel=4)
            return
        for old in old_ones:
            try:
                old.unlink(missing_ok=True)
            except OSError as error:
                if old not in self._stuck:
                    self._stuck.add(old)
                    reason = f"the old checkpoint {old} could not be removed: {error.strerror or error}"
                    warnings.warn(reason, CheckpointWarning, stacklevel=4)

    def _warn(self, fit: FitView, reason: str) -> None:
        warnings.warn(f"no checkpoint after step {fit.step}: {reason}", CheckpointWarning, stacklevel=3)

    def _require_place(self) -> None:
        places = [self._path] * self._single + [self._best_place()] * (self.best is not None or not self._single)
        for tried in places:
            try:
                require_place(tried)
            except OSError as error:
                # a disk that is full now may have room later: that is told when a checkpoint is due
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise ArgumentError(f"Checkpoint: {not_written(tried, error)}") from error

    def _best_place(self) -> Path:
        if self._single:
            return self._path.with_name(f"{self._path.stem}.{BEST}")
        return self._path / BEST

    def _make_folder(self) -> None:
        try:
            mode_of(self._path)
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise ArgumentError(f"Checkpoint: {self._path} cannot be used as a folder: {reason}") from None

    def _require_newest(self, step: int) -> None:
        try:
            newer = [path for path in checkpoints_in(self._path) if (step_of(path) or 0) > step]
        except ModelFileError as error:
            raise ArgumentError(f"Checkpoint: {error}") from error
        further = [step_of(path) or 0 for path in newer if not self._set_aside(path)]
        if further:
            raise ArgumentError(
                f"Checkpoint: {self._path} holds checkpoints of a run that had come to step {max(further)}, and this "
                f"one begins at step {step}: resume that one with layerkit.resume, or give another folder"
            )

    def _set_aside(self, path: Path) -> bool:
        """Whether a checkpoint is damaged, and is now out of the way."""
        try:
            with opened(path, Limits()) as document:
                document.verify()
        except ModelFileError as error:
            warnings.warn(f"{error}; {set_aside(path)}", CheckpointWarning, stacklevel=4)
            return not path.exists()
        return False

    def _is_new_best(self, record: dict[str, Any]) -> bool:
        assert self.best is not None
        require_measured(self, "best", self.best, record)
        value = self._sign * float(record[self.best])
        better = not math.isnan(value) and (self._best_value is None or value < self._best_value)
        if better:
            self._best_value = value
        return better


def _place_and_values(fit: FitView) -> tuple[int, int, bytes]:
    digest = blake2b()
    for vector in (fit.model.structure.parameters, fit.model.structure.states):
        digest.update(vector.tobytes())
    return fit.step, fit.epoch, digest.digest()
