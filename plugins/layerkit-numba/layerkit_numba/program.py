"""The program that trains one model: a batch as instructions, and what they are given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

from layerkit.engines import Job, Pass, RandomStreams
from layerkit.types import Array
from layerkit_numba import rows
from layerkit_numba.interface import CostKernel, CostPart, UpdateKernel
from layerkit_numba.measuring import Measuring, over_time
from layerkit_numba.occurrences import Occurrence, Planner, kinds_of, trained_layers
from layerkit_numba.operands import Count, Number, Register, Value, Whole
from layerkit_numba.passes import Passes
from layerkit_numba.reading import Reading
from layerkit_numba.registry import announced, cost_kernel
from layerkit_numba.source import Source
from layerkit_numba.updating import Updating
from layerkit_numba.weighing import weigh, weigh_examples
from layerkit_numba.writer import AnyHostCall, Instruction, Writer


@final
@dataclass(slots=True)
class Program:
    """One batch as instructions, the memory that they need, and the names of the arrays that they are given.

    ``generators`` are the paths of those that draw; ``hosted`` calls that are made before the instruction of that
    number, and ``titles`` names the layers that make them.
    """

    instructions: list[Instruction]
    memory_size: int
    room_size: int
    scratch_size: int
    generators: list[str]
    updates: list[UpdateKernel]
    arguments: list[str]
    hosted: list[tuple[int, AnyHostCall]]
    titles: list[str]


@final
class Plan:
    """The occurrences of a job's model; ``hosted`` are those of layers that run in NumPy, by their own passes.

    Raises:
        EngineError: a layer takes shapes that are not fixed.
    """

    def __init__(
        self,
        job: Job,
        x: tuple[Array, ...],
        mask: Array | None,
        *,
        rows: int,
        sparse: bool = False,
        lines: int = 0,
    ) -> None:
        structure = job.model.structure
        planner = Planner(
            structure.dtype,
            rows,
            trained_layers(structure.entries),
            steps=0 if mask is None else mask.shape[1],
            sparse=sparse,
            lines=lines,
            mixes=True,
        )
        node = structure.node
        self.kinds = kinds_of(node, x)
        # what each part's gradient is wanted for, containers say to their contexts
        tree = Pass(structure, node, RandomStreams(0), training=True, gradient=structure.gradient)
        self.root: Occurrence = planner.plan(node, tree.context, self.kinds)
        self.front, self.hosted = planner.front, planner.hosted


@final
class Author:
    """Writes the program of a job."""

    def __init__(self, job: Job, source: Source) -> None:
        self._job = job
        self._source = source
        structure = self._structure = job.model.structure
        lines = source.lines_per_row * source.rows
        plan = Plan(job, source.x, source.mask, rows=source.rows, sparse=source.sparse, lines=lines)
        self._root, self._kinds, self._front = plan.root, plan.kinds, plan.front
        self._titles = [place.title for place in plan.hosted]
        shape = job.model.output_shape
        masked = source.mask is not None and over_time(shape)
        self._cost = CostPart(job.cost, shape, structure.dtype, source.rows, source.labels, masked)
        self._cost_kernel = self._kernel_of_cost()
        self._writer = Writer(source.rows)
        self._updating = Updating(job, self._writer)
        self._titles += self._updating.hosted.values()
        repeated = any(not inner.first and bool(inner.parameters or inner.states) for inner in structure.node.walk())
        self._gathers = job.accumulate > 1
        self._descends = self._updating.only_descends and not (self._gathers or repeated)

    def _kernel_of_cost(self) -> CostKernel | None:
        """That of the cost; None where it has none, and may do its part by its own methods."""
        part, title = self._cost, f"the cost {type(self._cost.cost).__name__}"
        dense = not part.labels and part.cost.target_form != "labels"
        if announced(type(part.cost), title) or (dense and self._source.y.shape[1] != math.prod(part.shape)):
            return cost_kernel(part, title)
        self._titles.append(title)
        return None

    def write(self) -> Program:
        w = self._writer
        source = self._source
        reading = Reading(w, source.x[0], self._front, lines_per_row=source.lines_per_row)
        inputs = reading.write(self._kinds, source.rows)
        mask = self._mask()
        passes = Passes(
            w,
            self._structure,
            mask=mask,
            read_through=self._front.stages_read(inputs),
            descends=self._descends,
            add=self._updating.move,
        )
        (prediction,), _ = passes.forward(self._root, inputs, kept=False)
        measuring = Measuring(w, self._cost, self._cost_kernel, mask if self._cost.masked else None)
        measuring.measure(prediction, measuring.gather())
        self._weigh(measuring.gradient, measuring.costs)
        passes.scaled = self._gathers or self._source.weights is not None
        passes.backward(self._root, (measuring.gradient,), kept=False)
        self._updating.take(passes)
        if not self._descends:
            self._updating.update()
        self._updating.commit()
        return Program(
            instructions=w.instructions,
            memory_size=w.memory_size,
            room_size=w.room_size,
            scratch_size=w.scratch_size,
            generators=passes.generators,
            updates=self._updating.kernels,
            arguments=self._updating.arguments,
            hosted=w.hosted,
            titles=self._titles,
        )

    def _mask(self) -> Value | None:
        if self._source.mask is None:
            return None
        w = self._writer
        mask = w.allocate("mask", self._source.mask.shape[1:], dtype="bool")
        w.add(rows.gather, Whole("masks"), Whole("order"), Register("first"), mask)
        return mask

    def _weigh(self, gradient: Value, costs: Value) -> None:
        """Add the costs up, and scale the gradient, or note the factor by which that is still to be done."""
        noted = Whole("results"), Whole("numbers"), Register("batch"), Register("slot"), Count(self._job.accumulate)
        descends = Number(self._descends)
        if self._source.weights is None:
            self._writer.add(weigh, costs, *noted, descends, decides=True)
            return
        weights = Whole("example_weights"), Whole("order"), Register("first")
        given = costs, gradient.view("table"), *weights
        self._writer.add(weigh_examples, *given, *noted, descends, decides=True)
