"""The first half of a step: from a batch to the gradient of its cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.models.model import Model
from layerkit.models.passes import Pass, Proposals
from layerkit.models.tape import unrecorded
from layerkit.models.trial import require_costs, watch_once
from layerkit.random_streams import Streams
from layerkit.types import Array

Check: TypeAlias = "Callable[[float, Differentiate, Batch], None]"

_SIZES_KEPT = 4


@final
class Differentiate:
    """Runs batches forward, through the cost, and backward: costs and gradient, and not one parameter is changed.

    Called with a batch it fills the gradient vector, and gives the sum of the weighted costs and that of the weights.
    With ``mean`` the gradient is that of the mean cost, Σ wᵢ gᵢ / Σ wᵢ; else that of the sum, Σ wᵢ gᵢ: such gradients,
    of shards or of workers, may be added up before an ``Update`` is given their mean. What the layers propose as new
    states waits in ``proposals``, each with the weight of its batch, until an ``Update`` commits it.

    One object serves one thread at a time. Workers have one each, with a ``gradient`` vector of their own and, where
    layers draw random numbers, streams of their own; those of a shard must not depend on the worker that has it.

    Args:
        model: built; its vectors must not be laid out anew (by freezing, say) while this is in use.
        cost: what is differentiated.
        streams: where the layers' generators come from.
        gradient: the vector that is filled, as long as all parameters; the model's own if left out.
        check: called after each batch with the sum of costs, this object and the batch; may refuse them, as
            ``Guard.check`` does.
        wrap: as for ``Pass``.

    >>> import numpy as np
    >>> from layerkit import Batch, Constant, Dense, Quadratic, Sequential
    >>> from layerkit.engines import Differentiate, RandomStreams
    >>> model = Sequential([Dense(1, initializer=Constant(2.0))]).initialize(1)
    >>> differentiate = Differentiate(model, Quadratic(), RandomStreams(0))
    >>> differentiate(Batch(np.array([[1.0], [3.0]], "float32"), np.array([[0.0], [0.0]], "float32")))
    (20.0, 2.0)
    >>> differentiate.gradient.tolist()
    [10.0, 4.0]
    """

    def __init__(
        self,
        model: Model,
        cost: Cost,
        streams: Streams,
        *,
        gradient: Array | None = None,
        check: Check | None = None,
        wrap: Callable[[Array], Array] | None = None,
    ) -> None:
        structure = model.structure
        self.model = model
        self.cost = cost
        self.proposals: Proposals = []
        """What the layers proposed since the last commit: the state, its new value, the weight of the batch."""
        self.costs: Array
        """The cost of each example of the last batch, ``(batch,)``: valid until the next one."""
        self._vector = structure.gradient if gradient is None else gradient
        self.gradient = self._vector[: structure.trainable]
        """The gradient of what is trained, as an ``Update`` takes it."""
        self._streams = streams
        self._check = check
        self._wrap = wrap
        self._passes: dict[int, BatchPasses] = {}

    def __call__(self, batch: Batch, *, mean: bool = True) -> tuple[float, float]:
        y, weights = batch.y, batch.weights
        assert y is not None
        rows = y.shape[0]
        passes = self._passes.get(rows) or self.passes(rows)
        tree, context, shared = passes.tree, passes.cost, passes.shared
        weight = float(rows if weights is None else weights.sum())
        # as tree.forward does, but for one call
        shared.rows, shared.mask = weight, batch.mask
        prediction = tree.context.forward(batch.x)
        # the sum is not among the operations that are repeated, so where they are recorded it is taken unseen
        given = self.cost.forward(prediction, y, context)
        try:
            costs = self.costs = unrecorded(given)
            total = float(costs.dot(passes.ones if weights is None else weights))
        except (AttributeError, TypeError, ValueError):
            # the numbers of a cost of somebody's own
            require_costs(self.cost, given, rows)
            raise
        grad = self.cost.backward(prediction, y, context)
        if weights is not None:
            scale = weights / weight if mean and weight else weights
            scale = scale.astype(grad.dtype).reshape(-1, *[1] * (grad.ndim - 1))
            grad = np.multiply(grad, scale, out=context.scratch("scaled", grad.shape))
        elif mean:
            grad = np.multiply(grad, passes.mean, context.scratch("scaled", grad.shape))
        tree.backward(grad)
        if self._check is not None:
            self._check(total, self, batch)
        return total, weight

    def passes(self, rows: int) -> BatchPasses:
        """The passes for batches of so many rows."""
        passes = self._passes.get(rows)
        if passes is None:
            # batches of few sizes come again and again; of streams with many, memory must not grow with each
            if len(self._passes) >= _SIZES_KEPT:
                self._passes.pop(next(iter(self._passes)))
            structure = self.model.structure
            tree = Pass(structure, structure.node, self._streams, training=True, gradient=self._vector, wrap=self._wrap)
            # one list for all sizes: the batches of one step may differ
            tree.shared.proposals = self.proposals
            if self._wrap is None:
                watch_once(tree, training=True)
            passes = self._passes[rows] = BatchPasses(tree, rows)
        return passes


@final
class BatchPasses:
    """What batches of one size need: a context tree, a context for the cost, and constants."""

    def __init__(self, tree: Pass, rows: int) -> None:
        self.tree = tree
        self.shared = tree.shared
        self.cost = Context("cost", tree.shared, tree.scratch(), training=True)
        self.ones = unrecorded(self.cost.scratch.ones(rows))
        self.mean = self.cost.scratch.scalar("mean", 1 / max(rows, 1))
