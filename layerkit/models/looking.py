"""What a model makes of its inputs inside: outputs of its layers, and gradients in the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from layerkit.arrays import cast
from layerkit.errors import ArgumentError, DataError, LayerkitError
from layerkit.interfaces.context import Context
from layerkit.models.boundary import row_count, row_slice
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.models.piece_rows import piece_rows
from layerkit.models.structure import Structure
from layerkit.random_streams import RandomStreams
from layerkit.suggestions import did_you_mean
from layerkit.types import Array, Value


def outputs_of(
    structure: Structure, node: Node, x: Value, layers: Sequence[str | int] | None, mask: Array | None
) -> dict[str, Any]:
    """The outputs of the layers at some paths, of all if None, in inference mode: the caller's own arrays.

    Raises:
        ArgumentError: there is no layer at a path.
    """
    known = [inner.path.removeprefix(node.path).removeprefix(".") for inner in node.walk()]
    wanted = known[1:] if layers is None else [str(layer) for layer in layers]
    for path in wanted:
        if path not in known:
            raise ArgumentError(
                f"there is no layer {path!r} in this model.{did_you_mean(path, known)} Its layers are: "
                f"{', '.join(filter(None, known))}"
            )
    passes = Pass(structure, node, RandomStreams(0), training=False)
    watch = _Outputs({node.join(path) if path else node.path: path for path in wanted})
    passes.context.trace(watch)
    for start, stop in _pieces(x, node):
        passes.forward(row_slice(x, start, stop), stop - start, None if mask is None else mask[start:stop])
    return {path: _joined(watch.found[path]) for path in wanted}


def input_gradient(structure: Structure, node: Node, x: Value, output: int | Array | None, mask: Array | None) -> Value:
    """The gradient of one output of each row, the largest if None, with respect to the row's inputs.

    Raises:
        ArgumentError: there is no such output, or an example has several places.
        DataError: the inputs are integers to the model, which have no gradient.
    """
    shape = node.output_shape
    if len(shape) != 1:
        raise ArgumentError(
            f"the gradient is that of one number for each row, and the model puts out {shape}: look at a part of it "
            "that ends in outputs (batch, outputs)"
        )
    chosen = None if output is None else _chosen(output, row_count(x), shape[0])
    parts = x if isinstance(x, tuple) else (x,)
    integers = any(part.dtype.kind != "f" for part in parts)
    # bytes count as numbers, of which a layer that looks tokens up knows nothing
    numbers = tuple(cast(part, structure.dtype) for part in parts)
    try:
        found = _gradients(structure, node, numbers if isinstance(x, tuple) else numbers[0], chosen, mask)
    except LayerkitError as error:
        if not integers:
            raise
        raise _no_gradient() from error
    if any(part is None for part in (found if isinstance(found, tuple) else (found,))):
        raise _no_gradient()
    return found


def _gradients(structure: Structure, node: Node, x: Value, chosen: Array | None, mask: Array | None) -> Any:
    gradient = np.zeros_like(structure.gradient)
    passes = Pass(structure, node, RandomStreams(0), training=False, gradient=gradient, needs_input_gradient=True)
    pieces = []
    for start, stop in _pieces(x, node):
        output: Any = passes.forward(
            row_slice(x, start, stop), stop - start, None if mask is None else mask[start:stop]
        )
        places = output.argmax(axis=1) if chosen is None else chosen[start:stop]
        grad = np.zeros(output.shape, structure.dtype)
        np.put_along_axis(grad, places[:, np.newaxis], 1, axis=1)
        below: Any = passes.backward(grad)
        if below is None:
            return None
        pieces.append(_copied(below))
    return _joined(pieces)


def _no_gradient() -> DataError:
    return DataError(
        "the model takes integers, which have no gradient: look at what the layer puts out that turns them into "
        "numbers, by outputs"
    )


@final
class _Outputs:
    """A tracer that keeps copies of the outputs at some places, under other names."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self.found: dict[str, list[Any]] = {name: [] for name in names.values()}

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        name = self._names.get(ctx.path)
        if name is not None:
            # a layer may compute its next output in the same memory
            self.found[name].append(_copied(output))

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        """Nothing is kept of what goes backward."""


def _chosen(output: int | Array, rows: int, outputs: Any) -> Array:
    """The place of an output for each row."""
    places = np.broadcast_to(np.asarray(output), (rows,)) if np.ndim(output) == 0 else np.asarray(output)
    if places.shape != (rows,) or places.dtype.kind not in "iu":
        raise ArgumentError(f"output must be the place of one output, or one for each row, got {output!r:.100}")
    if ((places < 0) | (places >= outputs)).any():
        raise ArgumentError(
            f"output must be 0 to {outputs - 1}, for the model has {outputs} outputs; got {output!r:.100}"
        )
    return places


def _pieces(x: Value, node: Node) -> list[tuple[int, int]]:
    rows, most = row_count(x), piece_rows(node, x)
    return [(start, min(start + most, rows)) for start in range(0, max(rows, 1), most)]


def _copied(value: Any) -> Any:
    return tuple(None if part is None else part.copy() for part in value) if isinstance(value, tuple) else value.copy()


def _joined(pieces: Sequence[Any]) -> Any:
    if isinstance(pieces[0], tuple):
        return tuple(None if parts[0] is None else np.concatenate(parts) for parts in zip(*pieces, strict=True))
    return np.concatenate(pieces)
