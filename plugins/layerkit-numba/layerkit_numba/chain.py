"""A model as a chain of stages: each layer with its kernel, in the order in which they run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

from layerkit.engines import Job, Node
from layerkit.errors import EngineError
from layerkit_numba.interface import Elementwise, LayerKernel, Part
from layerkit_numba.registry import find


@final
@dataclass(frozen=True, slots=True)
class Stage:
    """One layer of the chain. Views, which only change the shape, are stages too."""

    node: Node
    part: Part
    kernel: LayerKernel | Elementwise

    @property
    def is_view(self) -> bool:
        """Whether the output is the input in another shape."""
        return isinstance(self.kernel, LayerKernel) and self.kernel.view

    @property
    def only_maps(self) -> bool:
        """Whether every number stays in its place."""
        return self.is_view or isinstance(self.kernel, Elementwise)

    @property
    def keeps_zeros(self) -> bool:
        """Whether a zero in the input is a zero in the output."""
        return self.is_view or (isinstance(self.kernel, Elementwise) and self.kernel.keeps_zeros)


def chain(job: Job, *, sparse: bool, lines: int) -> tuple[Stage, ...]:
    """The stages of the job's model.

    ``sparse``: many columns of the data are zero in whole batches; ``lines``: the cache lines of a batch.

    Raises:
        EngineError: a layer has no kernel, or takes shapes that are not fixed; the message names it.
    """
    return tuple(_Chain(job, sparse=sparse, lines=lines).stages)


@final
class _Chain:
    def __init__(self, job: Job, *, sparse: bool, lines: int) -> None:
        structure = job.model.structure
        self._job = job
        self._sparse = sparse
        self._lines = lines
        self._wanted = False
        self._trained = {id(entry.layer) for entry in structure.entries if entry.trainable}
        self.stages: list[Stage] = []
        self._add(structure.node, training=True)

    def _add(self, node: Node, *, training: bool) -> None:
        for shape in (node.input_shape, node.output_shape):
            if not _is_fixed(shape):
                raise EngineError(
                    f"the engine numba/jit compiles layers of one input and output of fixed shape; {node.title} has "
                    f"the shape {shape}: train with the engine 'numpy', which runs everything"
                )
        training = training and not node.layer.frozen
        trained = id(node.layer) in self._trained and bool(node.parameters)
        make: Any = find(node.layer, node.title)
        # what is known to be zero are columns of whole examples
        is_row = bool(node.input_shape) and math.prod(node.input_shape) == node.input_shape[-1]
        part = Part(
            layer=node.layer,
            path=node.path,
            input_shape=node.input_shape,
            output_shape=node.output_shape,
            dtype=self._job.model.dtype,
            batch_size=self._job.rows_per_batch,
            training=training,
            trained=trained,
            needs_input_gradient=self._wanted,
            sparse_input=self._sparse and is_row and all(stage.keeps_zeros for stage in self.stages),
            lines_ahead=self._lines if all(stage.only_maps for stage in self.stages) else 0,
        )
        kernel = make(part)
        if not isinstance(kernel, (LayerKernel, Elementwise)):
            raise EngineError(
                f"the kernel of {node.title} must be a LayerKernel or an Elementwise, got {type(kernel).__name__}"
            )
        self.stages.append(Stage(node, part, kernel))
        self._wanted = self._wanted or trained
        for name in kernel.then if isinstance(kernel, LayerKernel) else ():
            self._add(node.parts[name], training=training)


def _is_fixed(shape: Any) -> bool:
    return isinstance(shape, tuple) and all(isinstance(axis, int) for axis in shape)
