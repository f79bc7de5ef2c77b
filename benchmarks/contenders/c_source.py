"""Writes step.h for c_floor.c: one network's training step, every size a constant, its products in tiles of registers.

All of a step's work is products of a few rows with a few vectors, so there is one kind of tile, unrolled here: it adds
up ``rows × vectors`` accumulators over a loop, and begins and ends in what the product is for (a layer's output, the
delta below it, the update of its weights).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

from benchmarks.cases import Case
from benchmarks.contenders.c_layout import Layer, Processor, Run, runs

_GATHER = """static float input[BATCH * INPUTS] ALIGNED;

static void gather(void) {
    for (long i = 0; i < BATCH; i++) memcpy(input + i * INPUTS, rows[i], 4 * INPUTS);
}
"""


class Source:
    """The text of step.h, function by function."""

    def __init__(self, case: Case, processor: Processor) -> None:
        self._case = case
        self._processor = processor
        sizes = case.sizes
        self._layers = [Layer(index, *pair, processor.lanes) for index, pair in enumerate(pairwise(sizes))]
        self._tiles: dict[str, str] = {}

    def macros(self) -> dict[str, int]:
        """What the compiler's command line must define."""
        sizes = self._case.sizes
        return {
            "LANES": self._processor.lanes,
            "BATCH": self._case.batch_size,
            "INPUTS": sizes[0],
            "OUTPUTS": sizes[-1],
            "OUTPUT_ROW": self._layers[-1].row,
            "PARAMETERS": sum(layer.n_out * (layer.n_in + 1) for layer in self._layers),
        }

    def text(self) -> str:
        """The whole of step.h."""
        functions = [] if self._layers[0].by_output else [_GATHER]
        functions += [self._forward(layer) for layer in self._layers]
        functions += [self._output_delta()]
        functions += [self._backward(layer) for layer in reversed(self._layers)]
        calls = [] if self._layers[0].by_output else ["    gather();"]
        calls += [f"    forward{layer.index}();" for layer in self._layers] + ["    float cost = output_delta();"]
        calls += [f"    backward{layer.index}();" for layer in reversed(self._layers)]
        step = "static float step(void) {\n" + "\n".join(calls) + "\n    return cost;\n}\n"
        return "\n".join(
            [*(layer.memory() for layer in self._layers), *self._tiles.values(), *functions, step, *self._files()]
        )

    def _tile(self, rows: int, vectors: int, length: int, strides: tuple[int, int, int], begin: str, end: str) -> str:
        """The name of a tile: begin(r, c) + Σ_k a[r·row_stride + k·k_stride] · b[k·b_stride + c], then end(r, c)."""
        row_stride, k_stride, b_stride = strides
        each = [(r, c) for r in range(rows) for c in range(vectors)]
        lanes = self._processor.lanes
        body = [f"    vector s{r}_{c} = {begin.format(r=r, c=c * lanes)};" for r, c in each]
        body += [f"    for (long k = 0; k < {length}; k++) {{"]
        body += [f"        vector b{c} = load(b + k * {b_stride} + {c * lanes});" for c in range(vectors)]
        for r in range(rows):
            body += [f"        vector a{r} = all(a[{r * row_stride} + k * {k_stride}]);"]
            body += [f"        s{r}_{c} += a{r} * b{c};" for c in range(vectors)]
        body += ["    }"]
        body += [f"    {end.format(r=r, c=c * lanes, s=f's{r}_{c}')};" for r, c in each]
        inside = "\n".join(body)
        text = f"(const float *a, const float *b, const float *from, float *to) {{\n{inside}\n}}\n"
        name = f"tile{len(self._tiles)}"
        for known, other in self._tiles.items():
            if other.endswith(text):
                return known
        self._tiles[name] = f"TILE {name}{text}"
        return name

    def _rows(self, count: int, vectors: int, tile: Callable[[int], str], call: str, extra: str = "") -> str:
        """Loops that cover ``count`` rows by tiles; ``call`` is the arguments, with the first row as ``i``."""
        most = min(self._processor.rows(vectors), count)
        return "".join(f"    {_loop('i', rows)} {tile(rows.step)}({call}); {extra} }}\n" for rows in runs(count, most))

    def _forward(self, layer: Layer) -> str:
        if layer.by_output:
            return self._forward_by_output(layer)
        below, below_row = self._below(layer)
        text = f"static void forward{layer.index}(void) {{\n"
        for panels in layer.panels:
            width = panels.step * layer.lanes

            def tile(rows: int, vectors: int = panels.step, width: int = width) -> str:
                end = f"store(to + {{r}} * {layer.row} + {{c}}, sigmoid({{s}}))"
                return self._tile(rows, vectors, layer.n_in, (below_row, 1, width), "load(from + {c})", end)

            call = f"{below} + i * {below_row}, weights{layer.index} + p * LANES * {layer.n_in}, "
            call += f"biases{layer.index} + p * LANES, output{layer.index} + i * {layer.row} + p * LANES"
            text += f"{_loop('p', panels)}\n{self._rows(self._case.batch_size, panels.step, tile, call)}    }}\n"
        return text + "}\n"

    def _forward_by_output(self, layer: Layer) -> str:
        index = layer.index
        most = max(1, (self._processor.registers - 3) // layer.n_out - 1)
        text = f"static void forward{index}(void) {{\n"
        for rows in runs(self._case.batch_size, most):
            each = [(r, n) for r in range(rows.step) for n in range(layer.n_out)]
            text += f"{_loop('i', rows)}\n        float *to = output{index} + i * {layer.row};\n"
            text += "".join(f"        vector s{r}_{n} = {{}};\n" for r, n in each)
            text += f"        for (long k = 0; k < {layer.n_in}; k += LANES) {{\n"
            text += "".join(f"            vector a{r} = load(rows[i + {r}] + k);\n" for r in range(rows.step))
            for n in range(layer.n_out):
                text += f"            vector b{n} = load(weights{index} + {n * layer.n_in} + k);\n"
                text += "".join(f"            s{r}_{n} += a{r} * b{n};\n" for r in range(rows.step))
            text += "        }\n"
            text += "".join(f"        to[{r * layer.row + n}] = sum(s{r}_{n});\n" for r, n in each)
            text += "    }\n"
        text += "    for (long i = 0; i < BATCH; i++) {\n"
        text += f"        float *z = output{index} + i * {layer.row};\n"
        text += f"        store(z, sigmoid(load(z) + load(biases{index})));\n"
        return text + "    }\n}\n"

    def _output_delta(self) -> str:
        """δ = −rate · (a − y) · a · (1 − a): carrying the rate, it makes every weight gradient an update."""
        layer, rate = self._layers[-1], self._case.learning_rate / self._case.batch_size
        return f"""static float output_delta(void) {{
    vector squares = {{}};
    for (long i = 0; i < {self._case.batch_size}; i++)
        for (long c = 0; c < {layer.vectors * layer.lanes}; c += LANES) {{
            vector a = load(output{layer.index} + i * {layer.row} + c), error = a - load(targets[i] + c);
            squares += error * error;
            store(delta{layer.index} + i * {layer.row} + c, error * a * (1.0f - a) * {-rate:.9g}f);
        }}
    return sum(squares);
}}
"""

    def _backward(self, layer: Layer) -> str:
        """Biases, the delta of the layer below by the weights as they are, then the weights."""
        index = layer.index
        text = f"static void backward{index}(void) {{\n"
        text += f"    for (long c = 0; c < {layer.vectors * layer.lanes}; c += LANES) {{\n"
        text += f"        vector s = load(biases{index} + c);\n"
        text += "        for (long i = 0; i < BATCH; i++)\n"
        text += f"            s += load(delta{index} + i * {layer.row} + c);\n"
        text += f"        store(biases{index} + c, s);\n    }}\n"
        if index:
            text += self._delta_below(layer)
        return text + (self._update_by_output(layer) if layer.by_output else self._update(layer)) + "}\n"

    def _delta_below(self, layer: Layer) -> str:
        below = self._layers[layer.index - 1]
        text = ""
        for panels, below_panels in product(layer.panels, below.panels):
            width, below_width = panels.step * layer.lanes, below_panels.step * layer.lanes
            text += f"{_loop('p', panels)} {_loop('q', below_panels)}\n"
            text += f"        for (long n = p * LANES; n < p * LANES + {width} && n < {layer.n_out}; n++)\n"
            text += f"            for (long i = q * LANES; i < q * LANES + {below_width} && i < {layer.n_in}; i++)\n"
            there = f"q * LANES * {layer.n_out} + n * {below_width} + i - q * LANES"
            here = f"p * LANES * {layer.n_in} + i * {width} + n - p * LANES"
            text += f"                transposed{layer.index}[{there}] = weights{layer.index}[{here}];\n    }} }}\n"
        for panels in below.panels:

            def tile(rows: int, vectors: int = panels.step) -> str:
                slope = f"load(from + {{r}} * {below.row} + {{c}})"
                end = f"store(to + {{r}} * {below.row} + {{c}}, {{s}} * {slope} * (1.0f - {slope}))"
                strides = layer.row, 1, vectors * layer.lanes
                return self._tile(rows, vectors, layer.n_out, strides, "(vector){{}}", end)

            place = f"{below.index} + i * {below.row} + p * LANES"
            call = f"delta{layer.index} + i * {layer.row}, transposed{layer.index} + p * LANES * {layer.n_out}, "
            call += f"output{place}, delta{place}"
            text += f"{_loop('p', panels)}\n{self._rows(self._case.batch_size, panels.step, tile, call)}    }}\n"
        return text

    def _update(self, layer: Layer) -> str:
        below, below_row = self._below(layer)
        text = ""
        for panels in layer.panels:
            width, most = panels.step * layer.lanes, self._processor.rows(panels.step)

            def tile(rows: int, vectors: int = panels.step, width: int = width) -> str:
                begin, end = f"load(from + {{r}} * {width} + {{c}})", f"store(to + {{r}} * {width} + {{c}}, {{s}})"
                return self._tile(rows, vectors, self._case.batch_size, (1, below_row, layer.row), begin, end)

            weights = f"weights{layer.index} + p * LANES * {layer.n_in} + i * {width}"
            call = f"{below} + i, delta{layer.index} + p * LANES, {weights}, {weights}"
            tiles = -(-layer.n_in // most)
            number = f"p / {layer.panel} * {tiles} + i / {most}"
            extra = "" if layer.index else self._prefetch(number, tiles * -(-layer.vectors // layer.panel))
            text += f"{_loop('p', panels)}\n{self._rows(layer.n_in, panels.step, tile, call, extra)}    }}\n"
        return text

    def _update_by_output(self, layer: Layer) -> str:
        most = max(1, (self._processor.registers - 2) // (layer.n_out + 1))
        count, text = layer.n_in // layer.lanes, ""
        for vectors in runs(count, most):
            each = [(n, c, f"s{n}_{c}") for n in range(layer.n_out) for c in range(vectors.step)]
            weights = f"weights{layer.index} + {{}} * {layer.n_in} + (p + {{}}) * LANES"
            text += f"{_loop('p', vectors)}\n"
            text += "".join(f"        vector {s} = load({weights.format(n, c)});\n" for n, c, s in each)
            text += "        for (long i = 0; i < BATCH; i++) {\n"
            text += f"            const float *d = delta{layer.index} + i * {layer.row};\n"
            text += "".join(
                f"            vector b{c} = load(rows[i] + (p + {c}) * LANES);\n" for c in range(vectors.step)
            )
            text += "".join(f"            {s} += d[{n}] * b{c};\n" for n, c, s in each)
            text += "        }\n"
            text += "".join(f"        store({weights.format(n, c)}, {s});\n" for n, c, s in each)
            text += f"        {self._prefetch(f'p / {most}', -(-count // most))}\n    }}\n"
        return text

    def _below(self, layer: Layer) -> tuple[str, int]:
        """The name of what the layer reads, and the floats from one example to the next."""
        return (f"output{layer.index - 1}", self._layers[layer.index - 1].row) if layer.index else ("input", layer.n_in)

    def _prefetch(self, number: str, tiles: int) -> str:
        lines = -(-self._case.batch_size * self._case.sizes[0] * 4 // 64 // tiles)
        return f"prefetch(({number}) * {lines}, ({number} + 1) * {lines});"

    def _files(self) -> list[str]:
        texts = []
        for name, kind in (("read", "const float *file"), ("write", "float *file")):
            text = f"static void {name}_parameters({kind}) {{\n"
            for layer in self._layers:
                text += f"    for (long i = 0; i < {layer.n_in}; i++)\n"
                text += f"        for (long n = 0; n < {layer.n_out}; n++)\n"
                here, there = f"weights{layer.index}[{layer.place}]", "*file++"
                text += f"            {here} = {there};\n" if name == "read" else f"            {there} = {here};\n"
                here = f"biases{layer.index}[n]"
                text += f"    for (long n = 0; n < {layer.n_out}; n++)\n"
                text += f"        {here} = {there};\n" if name == "read" else f"        {there} = {here};\n"
            texts.append(text + "}\n")
        return texts


def _loop(variable: str, run: Run) -> str:
    start, stop, step = run
    return f"    for (long {variable} = {start}; {variable} < {stop}; {variable} += {step}) {{"
