"""A run for TensorBoard."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any, final

import numpy as np

from layerkit.arguments import check_boolean, check_integer, check_path
from layerkit.callbacks.weight_picture import weight_picture
from layerkit.errors import ArgumentError, MissingExtraError
from layerkit.interfaces.callback import Callback, FitView

_SET_BY_IT = "CRC32C_SW_MODE"
"""The environment variable that tensorboardX sets for the whole process when it is imported."""


@final
class TensorBoard(Callback):
    """Writes what ``tensorboard --logdir FOLDER`` shows: each epoch's measures, parameters as histograms and images.

    The steps of all that is written are updates done. Scalars are the measures of ``History``, and the learning rate of
    the epoch's last step; histograms those of each layer's parameters, by path, such as ``0/weight``; images those
    weights that have two or four axes, light where they are large. Hyperparameters are those of the optimizer, the
    layers, the cost, the batch size and the seed. Each fit writes a file of its own, so one that is resumed adds to the
    folder; what the folder held of later steps is not shown any more.

    Needs tensorboardX: ``pip install "layerkit[tensorboard]"``.

    Args:
        folder: of this run; made where it is missing. Runs in one folder's folders are compared.
        every_epochs: histograms and images after each so many epochs, at least 1; measures come after every epoch.
        histograms: whether parameters are written as histograms.
        images: whether weights are written as images.

    Raises:
        ArgumentError: an argument is out of range; at the start of a fit, the folder cannot be written to.
        MissingExtraError: at the start of a fit, tensorboardX is not installed.

    >>> TensorBoard("runs/first", every_epochs=10)
    TensorBoard('runs/first', every_epochs=10)
    """

    changes_training = False

    def __init__(
        self, folder: str | os.PathLike[str], *, every_epochs: int = 1, histograms: bool = True, images: bool = True
    ) -> None:
        check_path(self, "folder", folder)
        check_integer(self, "every_epochs", every_epochs, minimum=1)
        check_boolean(self, "histograms", histograms)
        check_boolean(self, "images", images)
        self.folder = folder
        self.every_epochs = every_epochs
        self.histograms = histograms
        self.images = images
        self._writer: Any = None

    def fit_started(self, fit: Any) -> None:
        module = _tensorboardx()
        try:
            # of two files that begin in one second, the later one has the later name
            self._writer = module.SummaryWriter(
                os.fspath(self.folder), purge_step=fit.step + 1, filename_suffix=f".{time.time_ns()}"
            )
        except OSError as error:
            raise ArgumentError(
                f"TensorBoard: folder {os.fspath(self.folder)!r} cannot be written to: {error.strerror or error}; give "
                "a folder that can be made"
            ) from error
        measures = {name: 0.0 for name in fit.measures if name not in ("epoch", "seconds")}
        for summary in module.summary.hparams(_hyperparameters(fit), measures):
            self._writer.file_writer.add_summary(summary)

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        for name, value in record.items():
            if name != "epoch" and isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, fit.step)
        self._writer.add_scalar("learning_rate", fit.job.learning_rate(fit.step - 1), fit.step)
        if fit.epoch % self.every_epochs == 0 or fit.epoch >= fit.epochs:
            self._write_parameters(fit)
        self._writer.flush()

    def fit_ended(self, fit: FitView) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write_parameters(self, fit: Any) -> None:
        for path, values in fit.model.parameters.items():
            tag = path.replace(".", "/")
            sound = values[np.isfinite(values)]
            if self.histograms and sound.size:
                self._writer.add_histogram(tag, sound, fit.step)
            picture = weight_picture(values, fit.model.input_shape) if self.images else None
            if picture is not None:
                with warnings.catch_warnings():
                    # what Pillow says of its own functions
                    warnings.simplefilter("ignore", DeprecationWarning)
                    self._writer.add_image(tag, picture, fit.step, dataformats="HW")


def _tensorboardx() -> Any:
    setting = os.environ.get(_SET_BY_IT)
    try:
        import tensorboardX
    except ImportError as error:
        raise MissingExtraError(
            "TensorBoard: its files are written by tensorboardX, which is not installed: pip install "
            '"layerkit[tensorboard]"'
        ) from error
    finally:
        # other code of the process has its own say about that
        if setting is None:
            os.environ.pop(_SET_BY_IT, None)
        else:
            os.environ[_SET_BY_IT] = setting
    return tensorboardX


def _hyperparameters(fit: Any) -> dict[str, Any]:
    job, trainer = fit.job, fit.trainer
    found: dict[str, Any] = {
        "optimizer": type(job.optimizer).__name__,
        "cost": repr(job.cost),
        "layers": repr(fit.model),
        "batch_size": job.batch_size,
        "seed": trainer.seed,
    }
    for name, value in job.optimizer.config.items():
        plain = isinstance(value, (bool, int, float, str))
        found[f"optimizer.{name}"] = value if plain else repr(value)
    if job.transforms:
        found["transforms"] = repr(list(job.transforms))
    return found
