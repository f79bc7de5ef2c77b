"""The program that predicts: a model's passes forward, and those of its readout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from layerkit.engines import Pass
from layerkit.errors import EngineError
from layerkit.types import Array
from layerkit_numba import rows
from layerkit_numba.occurrences import Kind, Occurrence, Planner, kinds_of
from layerkit_numba.operands import Register, Value, Whole
from layerkit_numba.passes import Passes
from layerkit_numba.reading import Reading
from layerkit_numba.writer import Instruction, Writer

VECTORS = ("", "readout_")
"""What stands in front of the names of each structure's vectors."""


@final
@dataclass(frozen=True, slots=True)
class ForwardProgram:
    """One block of rows as instructions, which fill ``predictions``, and the memory that they need."""

    instructions: list[Instruction]
    memory_size: int
    room_size: int
    scratch_size: int


def write_forward(
    trees: Sequence[Pass], tables: Sequence[Array], block: int, *, sparse: bool = False
) -> ForwardProgram:
    """The program for blocks of at most so many rows of data that lies in such tables.

    ``sparse``: many columns of the first are zero in whole blocks, and are to be left out.

    Raises:
        EngineError: a layer has no kernel, draws numbers, or gives integers.
    """
    w = Writer(block)
    values: tuple[Value, ...] = ()
    for vectors, tree in zip(VECTORS, trees, strict=False):
        planner = Planner(tree.structure.dtype, block, set(), steps=0, sparse=sparse and not values)
        kinds = tuple(Kind(value.shape, value.integer) for value in values) or kinds_of(tree.node, tables)
        root = planner.plan(tree.node, tree.context, kinds)
        through: list[Occurrence] = []
        if not values:
            values = Reading(w, tables[0], planner.front).write(kinds, block)
            through = list(planner.front.stages_read(values))
        passes = Passes(w, tree.structure, read_through=through, vectors=vectors)
        values, _ = passes.forward(root, values, kept=False)
        if passes.generators:
            raise EngineError(
                f"the kernel of the layer {passes.generators[0]} draws random numbers where it predicts: predict with "
                "the engine 'numpy'"
            )
    if len(values) > 1 or values[0].dtype:
        raise EngineError(
            "the engine numba/jit predicts one array of numbers with fractions: predict with the engine 'numpy'"
        )
    w.add(rows.deliver, values[0].view("table"), Whole("predictions"), Register("first"), decides=True)
    return ForwardProgram(w.instructions, w.memory_size, w.room_size, w.scratch_size)
