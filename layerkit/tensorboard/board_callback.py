"""The callback that writes for TensorBoard."""

from __future__ import annotations

import os
from typing import Any, final

from layerkit.arguments import check_integer, check_path, check_table, is_finite
from layerkit.callbacks.learning_rate_log import LearningRateLog
from layerkit.diagnosis.sampled_pass import SampledPass
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView
from layerkit.steps.sample import sample
from layerkit.tensorboard.distributions import histograms
from layerkit.tensorboard.event_files import RUN, EventFiles
from layerkit.tensorboard.required_packages import require_packages
from layerkit.tensorboard.run_settings import comparison, ended, place_of_measure, settings_of
from layerkit.tensorboard.weight_tiles import WeightTiles

_ROWS = 64


@final
class TensorBoard(Callback):
    """Writes each epoch for TensorBoard: measures, learning rate, histograms, images of weights, and the settings.

    ``tensorboard --logdir FOLDER`` shows them; steps are epochs. Of the history's record:

    - ``cost``, ``seconds`` and what other callbacks add are of the run itself; ``validation_cost`` is ``cost`` of the
      run ``validation`` below it, ``training_cost`` of ``training``: one chart has them all;
    - ``learning_rate``: that of the epoch's last step, schedule applied;
    - ``parameters/PATH``, ``gradients/PATH``: histograms of each array of parameters, and of the gradient of the mean
      cost in it, where it is trained: of 64 rows of the training data, the same each time, with passes of their own. Of
      a stream, which is not read ahead, there are no gradients;
    - ``weights/PATH``: what each unit of the first layer looks for, as images side by side on one scale, where they are
      images: the model's input is ``(height, width)``, with 1 or 3 channels behind or none; or the layer is a
      convolution;
    - the settings, by their paths in an experiment (``optimizer.learning_rate``), beside the newest measures.

    No bit of the training changes. A run that is resumed with the same folder goes on in it; an epoch that is done
    again takes the place of what was written of it. A run from its beginning replaces what another one, of layerkit,
    has left in the folder, once its first epoch is done.

    Args:
        folder: the folder of this run, made where it is not there; give each run its own, ``runs/1``, ``runs/2``, and
            TensorBoard, shown ``runs``, compares them.
        histograms_every: histograms after each so many epochs; None for none.
        images: how many units or filters are drawn at most, as often as there are histograms, or, without these, after
            each epoch; 0 for none.

    Raises:
        ArgumentError: an argument is out of range; at the start of a fit, the folder cannot be written to, or another
            TensorBoard writes to it.
        MissingExtraError: at the start of a fit, tensorboardX or Pillow is missing.
        LayerkitError: the disk is full, or the folder is gone; the epoch is done, and another fit goes on from there.

    >>> import tempfile, numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, Sequential, TensorBoard, Trainer
    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     history = trainer.fit((x, 2 * x), epochs=3, callbacks=[TensorBoard(folder)])
    """

    changes_training = False

    def __init__(self, folder: str | os.PathLike[str], *, histograms_every: int | None = 1, images: int = 64) -> None:
        check_path(self, "folder", folder)
        if histograms_every is not None:
            check_integer(self, "histograms_every", histograms_every, minimum=1)
        check_integer(self, "images", images, minimum=0, maximum=1024)
        self.folder = folder
        self.histograms_every = histograms_every
        self.images = images
        self._files = EventFiles(type(self).__name__, folder)
        # it knows the rate of a step also after another callback has changed it, or the run was resumed
        self._rates = LearningRateLog()
        self._passes: SampledPass | None = None
        self._begun = False

    def fit_started(self, fit: FitView) -> None:
        require_packages(images=bool(self.images))
        for callback in fit.callbacks:
            if isinstance(callback, TensorBoard) and callback is not self and callback._place == self._place:
                raise ArgumentError(
                    f"TensorBoard: folder {os.fspath(self.folder)!r} is written to by another TensorBoard too: give "
                    "each a folder of its own"
                )
        self._files.require_place()
        self._rates.fit_started(fit)

    def progress(self, fit: FitView) -> None:
        self._rates.progress(fit)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        from tensorboardX.summary import scalar

        epoch = record["epoch"]
        measures = {name: value for name, value in record.items() if name != "epoch" and is_finite(value)}
        if not self._begun:
            first = self._files.begin(epoch)
            self._begun = True
            if first:
                self._files.add(RUN, 0, comparison(settings_of(fit), measures))
        for name, value in (measures | self._rates.measured(fit)).items():
            part, chart = place_of_measure(name)
            self._files.add(part, epoch, [scalar(chart, float(value))])
        if epoch % (self.histograms_every or 1) == 0:
            if self.histograms_every is not None:
                self._add_histograms(fit, epoch)
            if self.images:
                self._add_image(fit, epoch)
        self._files.flush()

    def fit_ended(self, fit: FitView) -> None:
        self._passes = None
        self._rates.fit_ended(fit)
        begun, self._begun = self._begun, False
        try:
            if begun and fit.outcome in ("finished", "stopped"):
                self._files.add(RUN, fit.epoch, ended())
                self._files.flush()
        finally:
            self._files.close()

    def state(self) -> dict[str, Any]:
        return {"rates": self._rates.state()}

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "rates")
        self._rates.restore(state["rates"])

    @property
    def _place(self) -> str:
        return os.path.realpath(self._files.folder)

    def _add_histograms(self, fit: Any, epoch: int) -> None:
        structure = fit.model.structure
        parameters = {entry.path: entry.view(structure.parameters) for entry in structure.entries}
        self._files.add(RUN, epoch, histograms("parameters", parameters))
        if self._passes is None or self._passes.version != structure.version:
            batch = sample(fit.job.data, _ROWS)
            self._passes = None if batch is None else SampledPass(fit.model, fit.job.cost, batch)
        if self._passes is not None:
            self._passes.run()
            vector = self._passes.gradient
            gradients = {entry.path: entry.view(vector) for entry in structure.entries if entry.trainable}
            self._files.add(RUN, epoch, histograms("gradients", gradients))

    def _add_image(self, fit: Any, epoch: int) -> None:
        from tensorboardX.summary import image

        tiles = WeightTiles(fit.model, self.images)
        drawn = tiles.drawn()
        if drawn is not None:
            self._files.add(RUN, epoch, [image(f"weights/{tiles.path}", drawn, dataformats="HWC")])
