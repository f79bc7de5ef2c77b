"""The program that trains one model: its text, and what it must be called with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any, final

from layerkit.engines import Job
from layerkit.errors import EngineError
from layerkit_numba import rows
from layerkit_numba.chain import Stage, chain
from layerkit_numba.interface import CostKernel, Elementwise, LayerKernel, UpdateKernel
from layerkit_numba.reading import Reading
from layerkit_numba.registry import find
from layerkit_numba.source import Source
from layerkit_numba.subnormals import flush_subnormals, restore_mode
from layerkit_numba.updating import Updating
from layerkit_numba.writer import Value, Writer

SIGNATURE = (
    "begin, stop, n, last, base, step, source, order, targets, example_weights, parameters, gradients, states, "
    "proposals, memory, marks, columns, lines, rates, results"
)


@final
@dataclass(slots=True)
class Program:
    """The text of ``run``, its functions, and where its further arguments come from."""

    body: str
    functions: list[Any]
    memory_size: int
    generators: list[str]
    updates: list[UpdateKernel]


@final
class Author:
    """Writes the program of a job."""

    def __init__(self, job: Job, source: Source) -> None:
        self._job = job
        self._labels = source.labels
        self._weighted = source.weights is not None
        self._source = source
        self._read_through = 0
        self._structure = job.model.structure
        self._stages = chain(job, sparse=source.sparse, lines=source.lines_per_row * job.rows_per_batch)
        self._cost: CostKernel = self._cost_kernel()
        self._writer = Writer(job.rows_per_batch)
        self._updating = Updating(job, self._writer)
        nodes = [stage.node for stage in self._stages]
        repeated = any(not node.first and bool(node.parameters or node.states) for node in nodes)
        self._gathers = job.accumulate > 1
        self._descends = self._updating.only_descends and not (self._gathers or repeated)
        self._entries = {(id(entry.layer), entry.declaration.name): entry for entry in self._structure.entries}
        self._state_entries = {
            (id(entry.layer), entry.declaration.name): entry for entry in self._structure.state_entries
        }
        self._generators: list[str] = []
        self._factor = ""
        self._names: dict[int, dict[str, Value | str]] = {}

    def write(self) -> Program:
        w = self._writer
        w.line(f"mode = {w.function(flush_subnormals)}()")
        w.line("for batch in range(begin, stop):")
        w.indent()
        w.line(f"slot = (batch - base) // {self._job.accumulate}")
        w.line("rate = rates[slot]")
        x = self._read()
        prediction = self._forward(x)
        self._measure(prediction)
        self._backward()
        if not self._descends:
            self._updating.update()
        self._updating.commit()
        w.indent(-1)
        w.line(f"{w.function(restore_mode)}(mode)")
        w.line("return stop")
        generators = [f"rng{place}" for place in range(len(self._generators))]
        extra = "".join(f", {name}" for name in (*generators, *self._updating.arguments))
        prepared = [f"    {line}" for line in w.preparations]
        body = [*w.imports(), "", "", f"def run({SIGNATURE}{extra}):", *prepared, *w.steps, ""]
        return Program(
            body="\n".join(body),
            functions=w.functions,
            memory_size=w.memory_size,
            generators=self._generators,
            updates=self._updating.kernels,
        )

    def _read(self) -> Value:
        w = self._writer
        front = list(takewhile(lambda stage: stage.only_maps, self._stages))
        kernel = self._stages[len(front)].kernel if len(front) < len(self._stages) else None
        wanted: set[Any] = set()
        together = 1
        if isinstance(kernel, LayerKernel):
            calls = (*kernel.forward, *kernel.parameter_gradients, *kernel.descend)
            wanted = {argument for call in calls for argument in call.arguments}
            together = kernel.together
        x = w.allocate("x", self._stages[0].part.input_shape)
        reading = Reading(w, self._source, front, together, sparse="active" in wanted, asks="lines" in wanted)
        reading.write(x, self._job.rows_per_batch)
        self._read_through = len(front)
        return x

    def _forward(self, x: Value) -> Value:
        kept = False
        for number, stage in enumerate(self._stages):
            kernel = stage.kernel
            shape = self._own_output(stage)
            runs_back = self._runs_back(stage)
            if stage.is_view or number < self._read_through:
                y = x.reshaped(f"y{number}", shape)
            elif isinstance(kernel, Elementwise):
                reads_input = kernel.of == "z" and runs_back
                y = self._writer.allocate(f"y{number}", shape) if reads_input or kept else x
                self._map(stage, x, y)
                kept = kernel.of == "y" and runs_back
            else:
                y = self._writer.allocate(f"y{number}", shape)
                names = self._layer_names(stage, number, x, y)
                for call in kernel.forward:
                    self._writer.call(call, names, stage.node.title)
                kept = kernel.reads_output and runs_back
            self._names.setdefault(number, {}).update({"x": x, "y": y})
            x = y
        return x

    def _map(self, stage: Stage, x: Value, y: Value) -> None:
        w, kernel = self._writer, stage.kernel
        assert isinstance(kernel, Elementwise)
        constants = "".join(f", {constant!r}" for constant in kernel.constants)
        source, target = w.view(x, "flat"), w.view(y, "flat")
        w.line(f"for place in range({target}.size):")
        w.line(f"    {target}[place] = {w.function(kernel.forward)}({source}[place]{constants})")

    def _layer_names(self, stage: Stage, number: int, x: Value, y: Value) -> dict[str, Value | str]:
        w, node = self._writer, stage.node
        names: dict[str, Value | str] = {"x": x, "y": y}
        names |= {name: name for name in ("n", "active", "columns", "lines")} | {"data": "source"}
        for name in node.parameters:
            entry = self._entries[id(node.layer), name]
            shape = entry.declaration.shape
            names[name] = Value(f"p{number}_{name}", "parameters", entry.start, shape, per_example=False)
            own = Value(f"g{number}_{name}", "gradients", entry.start, shape, per_example=False)
            if not node.first and stage.part.trained:
                again = w.allocate(f"g{number}_{name}", shape, per_example=False)
                self._updating.repeated.append((own, again))
                own = again
            names[f"gradient {name}"] = own
        assert not isinstance(stage.kernel, Elementwise)
        proposed = {argument for call in stage.kernel.forward for argument in call.arguments}
        for name in node.states:
            entry = self._state_entries[id(node.layer), name]
            shape = entry.declaration.shape
            state = Value(f"s{number}_{name}", "states", entry.start, shape, per_example=False)
            new = w.allocate(f"n{number}_{name}", shape, per_example=False)
            total = Value(f"t{number}_{name}", "proposals", entry.start, shape, per_example=False)
            names |= {name: state, f"new {name}": new}
            if stage.part.training and f"new {name}" in proposed:
                self._updating.proposals.append((state, new, total))
        for name, buffer in stage.kernel.buffers.items():
            names[name] = w.allocate(f"b{number}_{name}", buffer.shape, per_example=buffer.per_example)
        called = (*stage.kernel.forward, *stage.kernel.input_gradient, *stage.kernel.parameter_gradients)
        if any("rng" in call.arguments for call in called):
            names["rng"] = f"rng{len(self._generators)}"
            self._generators.append(node.path)
        self._names[number] = names
        return names

    def _measure(self, prediction: Value) -> None:
        w, job = self._writer, self._job
        delta = w.allocate("delta", prediction.shape)
        costs = w.allocate("costs", ())
        place = f"batch * {job.rows_per_batch}"
        target: Value | str
        if job.cost.target_form == "labels":
            raise EngineError(
                f"the engine numba/jit compiles costs of dense targets; {type(job.cost).__name__} takes labels: train "
                "with the engine 'numpy', which runs everything"
            )
        target = w.allocate("target", prediction.shape)
        gather, form = (rows.gather_one_hot, "rows") if self._labels else (rows.gather, "table")
        w.line(f"{w.function(gather)}(targets, order, {place}, {w.view(target, form)})")
        names: dict[str, Value | str] = {"prediction": prediction, "target": target, "costs": costs, "gradient": delta}
        for name, buffer in self._cost.buffers.items():
            names[name] = w.allocate(f"cost_{name}", buffer.shape, per_example=buffer.per_example)
        names["n"] = "n"
        for call in self._cost.calls:
            w.call(call, names, type(job.cost).__name__)
        self._scale(delta, costs, place)
        self._delta = delta

    def _scale(self, delta: Value, costs: Value, place: str) -> None:
        w = self._writer
        scale = "-rate" if self._descends else "1.0"
        table, each = w.view(delta, "table"), w.view(costs)
        dtype = f"{each}.dtype.type"
        if self._weighted:
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
                self._factor = "factor * "
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

    def _backward(self) -> None:
        w, delta = self._writer, self._delta
        for number in reversed(range(len(self._stages))):
            stage = self._stages[number]
            kernel, part = stage.kernel, stage.part
            if not self._runs_back(stage):
                break
            names = self._names[number]
            x = names["x"]
            assert isinstance(x, Value)
            if stage.is_view:
                delta = delta.reshaped(f"d{number}", x.shape)
                continue
            if isinstance(kernel, Elementwise):
                if part.needs_input_gradient:
                    self._slope(kernel, delta, names)
                continue
            self._scale_now(delta)
            below = w.allocate(f"d{number}", part.input_shape) if part.needs_input_gradient else delta
            names |= {"dy": delta, "dx": below}
            descends = self._descends and bool(kernel.descend)
            back = kernel.input_gradient if part.needs_input_gradient else ()
            own = kernel.parameter_gradients if part.trained else ()
            for call in (*back, *kernel.descend) if descends else (*own, *back):
                w.call(call, names, stage.node.title)
            if self._descends and not descends and part.trained:
                for name in stage.node.parameters:
                    self._updating.move(names[name], names[f"gradient {name}"])
            delta = below

    def _slope(self, kernel: Elementwise, delta: Value, names: dict[str, Value | str]) -> None:
        w = self._writer
        constants = "".join(f", {constant!r}" for constant in kernel.constants)
        seen = names["x" if kernel.of == "z" else "y"]
        assert isinstance(seen, Value)
        slope, source = w.view(delta, "flat"), w.view(seen, "flat")
        w.line(f"for place in range({slope}.size):")
        w.line(f"    {slope}[place] *= {self._factor}{w.function(kernel.slope)}({source}[place]{constants})")
        self._factor = ""

    def _scale_now(self, delta: Value) -> None:
        """Scale what no slope has scaled on its way."""
        if self._factor:
            flat = self._writer.view(delta, "flat")
            self._writer.line(f"for place in range({flat}.size):")
            self._writer.line(f"    {flat}[place] *= factor")
            self._factor = ""

    def _runs_back(self, stage: Stage) -> bool:
        return stage.part.needs_input_gradient or stage.part.trained

    def _own_output(self, stage: Stage) -> tuple[int, ...]:
        """The shape of what the layer's own calls give: that is what its first part, if it has one, takes."""
        if isinstance(stage.kernel, LayerKernel) and stage.kernel.then:
            shape: tuple[int, ...] = stage.node.parts[stage.kernel.then[0]].input_shape
            return shape
        return stage.part.output_shape

    def _cost_kernel(self) -> CostKernel:
        job = self._job
        make: Any = find(job.cost, f"the cost {type(job.cost).__name__}")
        made = make(job.cost, job.model.output_shape, job.model.dtype)
        assert isinstance(made, CostKernel)
        return made
