"""The program that trains one model: its text, and what it must be called with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from layerkit.engines import Job, Pass, RandomStreams
from layerkit_numba import rows
from layerkit_numba.interface import CostPart, UpdateKernel
from layerkit_numba.measuring import Measuring, over_time
from layerkit_numba.occurrences import Kind, Occurrence, Planner, as_shapes, trained_layers
from layerkit_numba.passes import Passes
from layerkit_numba.reading import Reading
from layerkit_numba.registry import cost_kernel
from layerkit_numba.source import Source
from layerkit_numba.subnormals import flush_subnormals, restore_mode
from layerkit_numba.updating import Updating
from layerkit_numba.writer import Late, Value, Writer

SIGNATURE = (
    "begin, stop, n, last, base, step, source, order, targets, example_weights, masks, parameters, gradients, states, "
    "proposals, memory, room, floats, marks, columns, lines, rates, results"
)


@final
@dataclass(slots=True)
class Program:
    """The text of ``run``, its functions, and where its further arguments come from."""

    body: str
    functions: list[Any]
    memory_size: int
    room_size: int
    late: Late
    generators: list[str]
    updates: list[UpdateKernel]


@final
class Author:
    """Writes the program of a job."""

    def __init__(self, job: Job, source: Source) -> None:
        self._job = job
        self._source = source
        structure = self._structure = job.model.structure
        planner = Planner(
            structure.dtype,
            job.rows_per_batch,
            trained_layers(structure.entries),
            masked=source.mask is not None,
            sparse=source.sparse,
            lines=source.lines_per_row * job.rows_per_batch,
        )
        node = structure.node
        keeps = node.layer.integer_input != "cast"
        kinds = tuple(
            Kind(shape, keeps and table.dtype.kind in "iub")
            for shape, table in zip(as_shapes(node.input_shape), source.x, strict=False)
        )
        # what each part's gradient is wanted for, containers say to their contexts
        tree = Pass(structure, node, RandomStreams(0), training=True, gradient=structure.gradient)
        self._root: Occurrence = planner.plan(node, tree.context, kinds)
        self._front = planner.front
        self._kinds = kinds
        shape = job.model.output_shape
        masked = source.mask is not None and over_time(shape)
        self._cost = CostPart(job.cost, shape, structure.dtype, job.rows_per_batch, source.labels, masked)
        self._cost_kernel = cost_kernel(self._cost, f"the cost {type(job.cost).__name__}")
        self._writer = Writer(job.rows_per_batch)
        self._updating = Updating(job, self._writer)
        repeated = any(not inner.first and bool(inner.parameters or inner.states) for inner in node.walk())
        self._gathers = job.accumulate > 1
        self._descends = self._updating.only_descends and not (self._gathers or repeated)

    def write(self) -> Program:
        w, job = self._writer, self._job
        w.line(f"mode = {w.function(flush_subnormals)}()")
        w.line("for batch in range(begin, stop):")
        w.indent()
        w.line(f"slot = (batch - base) // {job.accumulate}")
        w.line("rate = rates[slot]")
        inputs = self._read()
        mask = self._mask()
        passes = Passes(
            w,
            self._structure,
            mask=mask,
            read_through=() if inputs[0].dtype or len(inputs) > 1 else self._front.stages,
            descends=self._descends,
            add=self._updating.move,
        )
        (prediction,), _ = passes.forward(self._root, inputs, kept=False)
        place = f"batch * {job.rows_per_batch}"
        measuring = Measuring(w, self._cost, self._cost_kernel, mask if self._cost.masked else None)
        measuring.measure(prediction, measuring.gather(place))
        passes.factor = self._scale(measuring.gradient, measuring.costs, place)
        passes.backward(self._root, (measuring.gradient,), kept=False)
        self._updating.take(passes)
        if not self._descends:
            self._updating.update()
        self._updating.commit()
        w.indent(-1)
        w.line(f"{w.function(restore_mode)}(mode)")
        w.line("return stop")
        return self._program(passes)

    def _program(self, passes: Passes) -> Program:
        w = self._writer
        sources = [f"source{number}" for number in range(1, len(self._source.x))]
        generators = [f"rng{place}" for place in range(len(passes.generators))]
        extra = "".join(f", {name}" for name in (*sources, *generators, *self._updating.arguments))
        prepared = [f"    {line}" for line in w.preparations]
        body = [*w.imports(), "", "", f"def run({SIGNATURE}{extra}):", *prepared, *w.steps, ""]
        return Program(
            body="\n".join(body),
            functions=w.functions,
            memory_size=w.memory_size,
            room_size=w.room_size,
            late=w.late,
            generators=passes.generators,
            updates=self._updating.kernels,
        )

    def _read(self) -> tuple[Value, ...]:
        w = self._writer
        # a single input goes through what is elementwise on its way, as floating numbers
        whole = len(self._kinds) > 1 or self._front.takes_integers
        inputs = tuple(
            w.allocate(f"x{number or ''}", kind.shape, dtype="int64" if kind.integer and whole else "")
            for number, kind in enumerate(self._kinds)
        )
        Reading(w, self._source, self._front).write(inputs, self._job.rows_per_batch)
        return inputs

    def _mask(self) -> Value | None:
        if self._source.mask is None:
            return None
        w = self._writer
        mask = w.allocate("mask", self._source.mask.shape[1:], dtype="bool")
        place = f"batch * {self._job.rows_per_batch}"
        w.line(f"{w.function(rows.gather)}(masks, order, {place}, {w.view(mask)})")
        return mask

    def _scale(self, delta: Value, costs: Value, place: str) -> str:
        """Add the costs up, and scale the gradient; or give the factor by which that is still to be done."""
        w = self._writer
        factor_left = ""
        scale = "-rate" if self._descends else "1.0"
        table, each = w.view(delta, "table"), w.view(costs)
        dtype = f"{each}.dtype.type"
        if self._source.weights is not None:
            weights = w.allocate("weights", ())
            own = w.view(weights)
            w.line(f"weight = {w.function(rows.gather_weights)}(example_weights, order, {place}, {own})")
            w.line("total = 0.0")
            w.line("for row in range(n):")
            w.line(f"    total += {each}[row] * example_weights[order[{place} + row]]")
            factor = scale if self._gathers else f"({scale} / weight if weight != 0 else {scale})"
            w.line("for row in range(n):")
            w.line(f"    for place in range({table}.shape[1]):")
            w.line(f"        {table}[row, place] *= {dtype}(example_weights[order[{place} + row]] * {factor})")
        else:
            w.line("weight = float(n)")
            w.line("total = 0.0")
            w.line("for row in range(n):")
            w.line(f"    total += {each}[row]")
            if not self._gathers:
                w.line(f"factor = {dtype}({scale} / weight)")
                factor_left = "factor * "
        w.line("if not math.isfinite(total):")
        w.line("    stop = -1")
        w.line("    break")
        if self._gathers:
            w.line(f"if batch % {self._job.accumulate} == 0:")
            w.line("    results[slot, 0] = 0.0")
            w.line("    results[slot, 1] = 0.0")
            w.line("results[slot, 0] += total")
            w.line("results[slot, 1] += weight")
        else:
            w.line("results[slot, 0] = total")
            w.line("results[slot, 1] = weight")
        return factor_left
