"""What is known before the first step to keep a network from learning."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import final

import numpy as np

from layerkit.activations.log_softmax import LogSoftmax
from layerkit.activations.softmax import Softmax
from layerkit.diagnosis.constant_output import about_constant_output
from layerkit.diagnosis.data_as_given import about_channels, about_precision
from layerkit.diagnosis.silence import BEFORE_TRAINING
from layerkit.diagnosis.target_scale import AsksPlan, about_target_scale
from layerkit.errors import LayerkitWarning
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.interfaces.job import Job
from layerkit.layers.rescale import Rescale
from layerkit.models.boundary import row_count, row_slice
from layerkit.models.model import Model
from layerkit.models.output_range import passes_on
from layerkit.models.passes import Pass
from layerkit.models.structure import Structure
from layerkit.random_streams import RandomStreams
from layerkit.steps.intake import Intake
from layerkit.steps.sample import sample, sample_targets
from layerkit.types import Array, Value

_ROWS = 1000
_ROWS_OF_PASS = 8
_LARGE = 50.0
"""The size of one feature from which on training is held up: bytes have it, most natural units have not."""
_ROWS_OF_SIZE = 63
_BEYOND = 0.01
"""How far beyond an activation's range a target counts as out of reach, as a part of the targets' own range."""
_BEYOND_CHOSEN = 0.25
"""The same of a range that somebody has chosen by a Rescale: some targets may be left outside on purpose."""


def known_causes(
    model: Model,
    cost: Cost,
    data: Intake,
    *,
    silent: Collection[str],
    shuffle: bool,
    rows_per_update: int,
    plan: AsksPlan | None = None,
) -> list[LayerkitWarning]:
    """A warning for each thing that will keep ``model`` from learning ``data``, with its cure, but for ``silent`` ones.

    How far a fit can go is told by its ``plan``, where somebody asks. At most 1,000 rows of arrays in memory are looked
    at; of streams, memory maps and sources of one's own none.
    """
    if set(BEFORE_TRAINING) <= set(silent):
        return []
    found = _found(model, cost, data, shuffle=shuffle, rows_per_update=rows_per_update, plan=plan)
    return [warning for warning in found if warning.name not in silent]


def _found(
    model: Model,
    cost: Cost,
    data: Intake,
    *,
    shuffle: bool,
    rows_per_update: int,
    plan: AsksPlan | None,
) -> Iterator[LayerkitWarning]:
    structure = model.structure
    if structure.parameters.size and not structure.trainable:
        yield LayerkitWarning(
            "every layer is frozen, so training changes nothing. Call unfreeze() on what is to be trained, or evaluate",
            name="frozen",
        )
    constant = about_constant_output(model, cost)
    if constant is not None:
        yield constant
    yield from about_channels(model)
    rounded = list(about_precision(model, data))
    yield from rounded
    targets = sample_targets(data, _ROWS)
    if targets is None or not isinstance(data.source, RandomAccess):
        return
    if not shuffle and _is_sorted(targets, len(data.source), rows_per_update):
        yield LayerkitWarning(
            "the rows are sorted by class and shuffle is off, so each step sees one class and unlearns the others. "
            "Leave shuffle=True, or mix the rows once",
            name="sorted",
        )
    batch = sample(data, _ROWS, in_memory=True)
    watch = None if batch is None else _watched(model, batch)
    if batch is None or watch is None:
        return
    if not rounded:
        yield from _about_scale(watch, batch.x)
    if constant is not None:
        return
    # what does not count may be anything
    yield from _about_output(watch, cost, targets if batch.mask is None and batch.weights is None else None)
    if plan is not None and batch.mask is None and not all(map(np.isfinite, watch.reach)):
        yield from about_target_scale(model, cost, batch, watch.output, plan)


def single_rows(job: Job, *, silent: Collection[str]) -> Iterator[LayerkitWarning]:
    """A warning where a layer learns from how the rows of a batch differ, and there are batches of one row."""
    if "single-row" in silent or not isinstance(job.source, RandomAccess):
        return
    rows = len(job.source)
    last = rows % job.batch_size
    if job.rows_per_batch > 1 and (last != 1 or job.drop_last or job.accumulate > 1):
        return
    for node in job.model.structure.node.walk():
        if node.layer.coupled_rows and not node.layer.frozen and len(node.output_shape) == 1:
            which = "every batch has" if job.rows_per_batch == 1 else "the last batch of an epoch has"
            yield LayerkitWarning(
                f"{node.title}: {which} one row, whose variance is 0, and so its running variance falls: give another "
                f"batch_size than {job.batch_size} for {rows} rows, or drop_last=True",
                name="single-row",
            )
            return


def _about_scale(watch: _Watch, x: Value) -> Iterator[LayerkitWarning]:
    if watch.first_input is None or watch.factor is None:
        return
    array, features = np.asarray(x), watch.first_input
    size = watch.factor * _largest_feature(array)
    if size < _LARGE:
        return
    lowest, highest = float(array.min()), float(array.max())
    bytes_like = watch.factor == 1 and lowest >= 0 and 100 < highest <= 255 and bool((array == np.floor(array)).all())
    what = "they look like bytes" if bytes_like else f"the largest is mostly of the size of {size:,.3g}"
    cure = (
        "Put Rescale() in front, which takes 0 … 255 to 0 … 1"
        if bytes_like
        else "Put Standardize() in front, which takes each feature's mean and deviation from the training data, or "
        f"Rescale(1 / {_round(highest, lowest):g})"
    )
    yield LayerkitWarning(
        f"features reach {watch.first_title} unscaled, from {features.min():,.4g} to {features.max():,.4g} ({what}): "
        f"first values and learning rates are made for features of about 1. {cure}",
        name="scale",
    )


def _about_output(watch: _Watch, cost: Cost, y: Array | None) -> Iterator[LayerkitWarning]:
    last, (low, high) = watch.output_activation, watch.reach
    if last is None or not (np.isfinite(low) or np.isfinite(high)):
        return
    name, reach, readout = type(last).__name__, _range(low, high), cost.readout()
    rescaled = (low, high) != (last.lowest, last.highest)
    if readout is not None and rescaled:
        # logits that are bounded on purpose
        return
    if isinstance(last, LogSoftmax) and isinstance(readout, Softmax):
        return  # the one takes back what the other does
    if readout is not None:
        yield LayerkitWarning(
            f"{watch.output_title} gives {reach}, but {type(cost).__name__} applies {type(readout).__name__} itself, "
            f"to numbers that are free: some predictions are out of reach. Leave {name} out, so that the network ends "
            "with a linear layer",
            name="output-activation",
        )
    elif y is not None and cost.minimum is not None and y.shape[1:] and y.dtype.kind == "f" and y.size:
        lowest, highest = float(y.min()), float(y.max())
        margin = (_BEYOND_CHOSEN if rescaled else _BEYOND) * (highest - lowest)
        if lowest < low - margin or highest > high + margin or highest < low:
            yield LayerkitWarning(
                f"targets go from {lowest:,.4g} to {highest:,.4g}, but {watch.output_title} gives {reach} only. Leave "
                f"{name} out of the last layer, or bring the targets into its range",
                name="unreachable-targets",
            )


def _range(lowest: float, highest: float) -> str:
    if np.isfinite(lowest) and np.isfinite(highest):
        return f"{lowest:g} to {highest:g}"
    return f"{lowest:g} and more" if np.isfinite(lowest) else f"{highest:g} and less"


def _is_sorted(y: Array, rows: int, rows_per_update: int) -> bool:
    """Whether each class stands in one piece, longer than what an update sees; by chance, few rows may too."""
    if y.dtype.kind in "iub" and y.ndim == 1:
        classes = y
    elif y.ndim == 2 and y.shape[1] > 1 and bool((y.max(axis=1) == 1).all() and (y.sum(axis=1) == 1).all()):
        classes = y.argmax(axis=1)
    elif y.ndim == 2 and y.shape[1] == 1 and len(np.unique(y)) == 2:
        classes = y[:, 0]
    else:
        return False
    count = len(np.unique(classes))
    pieces = 1 + np.count_nonzero(classes[1:] != classes[:-1])
    return bool(1 < count <= len(classes) // 10 and pieces == count and rows >= 2 * count * rows_per_update)


def _largest_feature(x: Array) -> float:
    """The largest of the features by its median size over some rows, which a few odd rows do not move."""
    flat = x.reshape(len(x), -1)[:: -(-len(x) // _ROWS_OF_SIZE)]
    middle = len(flat) // 2
    return float(np.partition(np.abs(flat.astype(np.float32)), middle, axis=0)[middle].max(initial=0.0))


def _round(highest: float, lowest: float) -> float:
    return float(f"{max(abs(highest), abs(lowest)):.1g}")


@final
class _Watch:
    """A tracer that notes what reaches the first layer with parameters, and whose output is the network's."""

    def __init__(self, structure: Structure) -> None:
        self.first_input: Array | None = None
        self.first_title = ""
        self.output: Value = ()
        self.factor: float | None = None
        self.output_activation: Activation | None = None
        self.output_title = ""
        self.reach = (-np.inf, np.inf)
        """The lowest and the highest that the output can be: those of the activation, rescaled perhaps."""
        self._nodes = {node.path: node for node in structure.node.walk()}
        self._settled = False
        self._activations: list[tuple[Activation, str, Array, tuple[float, float]]] = []

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        node = self._nodes[ctx.path]
        rescales = isinstance(node.layer, Rescale)
        if (rescales or passes_on(node.layer)) and self._activations and not isinstance(output, tuple):
            # a rescaling hands on another array
            layer, title, own, reach = self._activations[-1]
            if not isinstance(x, tuple) and np.may_share_memory(own, x) and own.size == x.size:
                if isinstance(node.layer, Rescale):
                    ends = [end * node.layer.scale + node.layer.offset if node.layer.scale else 0.0 for end in reach]
                    reach = min(ends), max(ends)
                self._activations.append((layer, title, output, reach))
        elif isinstance(node.layer, Activation) and not isinstance(output, tuple):
            self._activations.append((node.layer, node.title, output, (node.layer.lowest, node.layer.highest)))
        if not self._settled and (node.layer.normalizes or node.parameters):
            self._settled = True
            if not node.layer.normalizes and not isinstance(x, tuple) and x.dtype.kind == "f":
                self.first_input, self.first_title = x, node.title

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        """Nothing is run backward."""

    def end(self, x: Value, output: Value) -> None:
        """Compare what was noted with what went in and came out."""
        self.output = output
        if self.first_input is not None and not isinstance(x, tuple):
            given = float(np.abs(x).max(initial=0))
            self.factor = float(np.abs(self.first_input).max(initial=0)) / given if given else 0.0
        for layer, title, own, reach in self._activations:
            # a Dense hands out its activation's array, a Flatten a view of it
            if not isinstance(output, tuple) and own.size == output.size and np.may_share_memory(own, output):
                self.output_activation, self.output_title, self.reach = layer, title, reach


def _watched(model: Model, batch: Batch) -> _Watch | None:
    """The model's own output for a few rows, watched; None where a layer fails, which training will say itself."""
    structure = model.structure
    rows = min(_ROWS_OF_PASS, row_count(batch.x))
    x = row_slice(batch.x, 0, rows)
    watch = _Watch(structure)
    try:
        with np.errstate(all="ignore"):
            tree = Pass(structure, structure.node, RandomStreams(0), training=False)
            tree.context.trace(watch)
            output = tree.forward(x, float(rows), None if batch.mask is None else batch.mask[:rows])
            watch.end(x, output)
    except Exception:
        return None
    return watch
