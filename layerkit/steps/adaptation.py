"""What layers learn from the data before the first step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any, final

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import DataError, LayerkitError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.layer import adapts
from layerkit.models.boundary import row_count
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.passes import Pass, commit
from layerkit.random_streams import RandomStreams
from layerkit.steps.held_stream import BEFOREHAND, require_readable_again
from layerkit.steps.intake import Intake, modest_rows, take_in
from layerkit.steps.threads import limited, threads_for
from layerkit.types import Array, Value
from layerkit.uninterrupted import uninterrupted


def waiting(model: Model, *, anew: bool = False, passed_over: Collection[str] = ()) -> list[Node]:
    """The layers that have not learned yet what they take from data; with ``anew``, those that have, too.

    A frozen layer stays as it is, and so do those at the paths ``passed_over``.
    """
    nodes = [node for node in _unfrozen(model.structure.node) if anew or not node.layer.adapted]
    return [node for node in nodes if node.path not in passed_over]


def unlearned(model: Model) -> frozenset[str]:
    """The paths of the layers that have not learned yet what they take from data, frozen ones too."""
    nodes = (node for node in model.structure.node.walk() if node.first and adapts(node.layer))
    return frozenset(node.path for node in nodes if not node.layer.adapted)


def adapt(
    model: Model,
    data: Intake,
    *,
    seed: int,
    anew: bool = False,
    passed_over: Collection[str] = (),
    first_batches: int | None = None,
) -> None:
    """Let layers learn what they take from data, one after another, each from what those in front make of the data.

    ``data`` is taken as it was given, without weights of classes; of a stream, at most ``first_batches`` batches.

    Raises:
        DataError: the data can be read once only, holds numbers that are not finite, or nothing that counts.
    """
    nodes = waiting(model, anew=anew, passed_over=passed_over)
    if not nodes:
        return
    if isinstance(data.source, Stream):
        require_readable_again(data.source, f"{nodes[0].title} {BEFOREHAND}")
    model.structure.gate.shared(_adapt, model, nodes, data.as_given(), RandomStreams(seed), first_batches)


def learn_anew(
    model: Model, cost: Cost, data: Any, *, weights: Any, mask: Any, standardize_targets: bool, seed: int
) -> None:
    """Let a model learn from data what it takes from it before training, whatever it has learned: all or nothing.

    Raises:
        DataError, ShapeError: it cannot be learned from.
    """
    readout, schema = model.readout, model.schema
    undo: Callable[[], None] | None = None
    try:
        if standardize_targets:
            model.readout = None
        taken = take_in(
            data,
            model,
            cost,
            split="train",
            weights=weights,
            mask=mask,
            to_train=True,
            seed=seed,
            standardize_targets=standardize_targets,
        )
        undo = putting_back(model)
        adapt(model, taken, seed=seed, anew=True)
        # what was learned is of these columns; a stream has told them itself
        schema = model.schema
        if isinstance(own := taken.source, Examples):
            schema = schema.completed(columns=own.names, target=own.target_name, classes=None)
        readout, undo = taken.targets.scale or readout, None
    finally:
        if undo is not None:
            undo()
        model.readout, model.schema = readout, schema


def putting_back(model: Model) -> Callable[[], None]:
    """What puts the states of a model back as they are now."""
    before = {path: array.copy() for path, array in model.states.items()}

    def undo() -> None:
        for path, array in model.states.items():
            array[...] = before[path]

    return lambda: model.structure.gate.writing(undo)


def _adapt(model: Model, nodes: list[Node], data: Intake, streams: RandomStreams, first_batches: int | None) -> None:
    root = model.structure.node
    rows = modest_rows(data.source.x) if isinstance(data.source, Examples) else modest_rows(_one(data))
    # numbers that are not finite are looked for in what was learned
    with limited(threads_for(root, rows)), np.errstate(all="ignore"):
        for node in nodes:
            tree = Pass(model.structure, root, streams, training=False)
            context = next(each for each in _contexts(tree.context) if each.path == node.path)
            context.rng = streams.fresh("adapt", node.path)
            node.layer.adapt(_Arrivals(data, tree, context, node.title, rows, first_batches), context)
            context.update_state("adapted", np.ones(()))
            proposals = tree.shared.proposals
            for state, value, _ in proposals:
                if value.shape != state.shape:
                    raise LayerkitError(
                        f"{node.title}: adapt proposes a value of shape {value.shape} for a state of shape "
                        f"{state.shape}: they must be the same"
                    )
                if not np.isfinite(value).all():
                    raise DataError(
                        f"{node.title} cannot learn from the data: it holds NaN or infinity, or numbers so large that "
                        "their squares have no end; remove such rows, or fill them in"
                    )
            model.structure.gate.writing(uninterrupted, partial(commit, proposals))


@final
class _Arrivals(Iterable[tuple[Value, Array]]):
    """What reaches one layer, batch by batch, each time it is gone through."""

    def __init__(
        self, data: Intake, tree: Pass, context: Context, title: str, rows: int, first_batches: int | None
    ) -> None:
        self._data = data
        self._tree = tree
        self._rows = rows
        self._first_batches = first_batches
        self._title = title
        # the layer's own pass, and what lies behind it, is not run: it has not learned yet
        context.forward = _arrive

    def __iter__(self) -> Iterator[tuple[Value, Array]]:
        counted = False
        for batch, _ in islice(self._data.batches(self._rows), self._first_batches):
            count = row_count(batch.x)
            try:
                self._tree.forward(batch.x, float(count), batch.mask)
            except _ArrivedError as arrived:
                x = arrived.x
            else:
                raise LayerkitError(f"{self._title} learns from data, and no pass at inference reaches it")
            if row_count(x) != count:
                raise LayerkitError(
                    f"{self._title} learns from data, and is given {row_count(x)} rows of a batch of {count}: put it "
                    "in front of the container that makes rows of the steps"
                )
            weights = np.ones(count) if batch.weights is None else batch.weights
            counted = counted or bool(weights.any())
            yield x, weights
        if not counted:
            raise DataError("there is no example that counts, so nothing to learn from before the first step")


class _ArrivedError(BaseException):
    """Ends a pass at the layer whose input ``x`` was wanted; no layer around it may take it for a failure."""

    def __init__(self, x: Value) -> None:
        self.x = x


def _arrive(x: Value) -> Value:
    raise _ArrivedError(x)


def _unfrozen(node: Node) -> Iterator[Node]:
    if node.layer.frozen:
        return
    if node.first and adapts(node.layer):
        yield node
    for part in node.parts.values():
        yield from _unfrozen(part)


def _contexts(context: Context) -> Iterator[Context]:
    yield context
    for part in context.parts:
        yield from _contexts(part)


def _one(data: Intake) -> Any:
    """A row of a source of one's own; of a stream nothing is read, and its batches come as they are."""
    return next(data.batches(1))[0].x if isinstance(data.source, RandomAccess) else np.empty((0, 1))
