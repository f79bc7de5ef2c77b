"""Writes the part of a program that changes parameters and states."""

from __future__ import annotations

from typing import final

from layerkit.engines import Job
from layerkit_numba.finite import has_no_end
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart
from layerkit_numba.kernels.optimizers import descend
from layerkit_numba.passes import Passes
from layerkit_numba.registry import update_kernel
from layerkit_numba.writer import Value, Writer

PHASES = ("before", "update", "after")
"""When the calls of an ``UpdateKernel`` are made: an optimizer has those of the second, a transform the others."""


@final
class Updating:
    """The optimizer and the transforms of a job, and what the passes leave for them.

    ``arguments`` are the names of the arrays that the program is given for them.
    """

    def __init__(self, job: Job, writer: Writer) -> None:
        self._job = job
        self._writer = writer
        self.kernels = self._all_kernels()
        self.arguments: list[str] = []
        self._repeated: list[tuple[Value, Value]] = []
        self._proposals: list[tuple[Value, Value, Value]] = []

    def take(self, passes: Passes) -> None:
        """Take over the gradients and proposals that are to be added up."""
        self._repeated, self._proposals = passes.repeated, passes.proposals

    @property
    def only_descends(self) -> bool:
        """Whether an update is plain gradient descent and nothing else."""
        return self.kernels[0].descends and len(self.kernels) == 1

    def move(self, parameter: Value, gradient: Value) -> None:
        """Add a gradient that has been scaled by the negative rate already."""
        w = self._writer
        call = f"{w.function(descend)}({w.view(parameter, 'flat')}, {w.view(gradient, 'flat')}, -1.0)"
        w.line(call)

    def update(self) -> None:
        """Write what happens once a step's gradient is there."""
        w, trained = self._writer, self._job.model.structure.trainable
        for total, again in self._repeated:
            self.move(total, again)
        parameters = Value("trained", "parameters", 0, (trained,), per_example=False)
        gradient = Value("gradient", "gradients", 0, (trained,), per_example=False)
        flat = w.view(gradient)
        w.line(f"if {w.function(has_no_end)}({flat}):")
        w.line("    stop = -1")
        w.line("    break")
        if self._job.accumulate > 1:
            gathered = w.view(w.allocate("gathered", (trained,), per_example=False))
            w.line(f"if batch % {self._job.accumulate} == 0:")
            w.line(f"    {gathered}[:] = 0")
            w.line(f"{gathered}[:] += {flat}")
            self._gather_proposals()
            w.line(f"if batch % {self._job.accumulate} != {self._job.accumulate - 1} and batch != last:")
            w.line("    continue")
            w.line("weight = results[slot, 1]")
            w.line(f"{flat}[:] = {gathered} * {flat}.dtype.type(1 / weight if weight != 0 else 0.0)")
        else:
            self._gather_proposals()
        all_names = []
        for number, kernel in enumerate(self.kernels):
            names, arguments = update_names(w, number, kernel, parameters, gradient)
            all_names.append(names)
            self.arguments += arguments
        for phase in PHASES:
            for number in range(1) if phase == "update" else range(1, len(self.kernels)):
                calls: tuple[Call, ...] = getattr(self.kernels[number], phase)
                for call in calls:
                    w.call(call, all_names[number], self._title(number))

    def _gather_proposals(self) -> None:
        """Where a step has several proposals for a state: add them up, weighted."""
        if not self._proposals or not self._averages:
            return
        w = self._writer
        w.line(f"if batch % {self._job.accumulate} == 0:")
        w.line("    proposals[:] = 0")
        for _, new, total in self._proposals:
            w.line(f"{w.view(total, 'flat')}[:] += {w.view(new, 'flat')} * weight")

    @property
    def _averages(self) -> bool:
        places = [state.start for state, _, _ in self._proposals]
        return self._job.accumulate > 1 or len(places) != len(set(places))

    def commit(self) -> None:
        """Write the states that the passes proposed, unless the examples of the step weigh nothing."""
        w = self._writer
        if not self._proposals:
            return
        w.line("if weight > 0:")
        if not self._averages:
            for state, new, _ in self._proposals:
                w.line(f"    {w.view(state, 'flat')}[:] = {w.view(new, 'flat')}")
            return
        places = [state.start for state, _, _ in self._proposals]
        done: set[int] = set()
        for state, _, total in self._proposals:
            if state.start not in done:
                done.add(state.start)
                count = places.count(state.start)
                w.line(f"    {w.view(state, 'flat')}[:] = {w.view(total, 'flat')} / (weight * {count})")

    def _all_kernels(self) -> list[UpdateKernel]:
        structure = self._job.model.structure
        parts = (
            UpdatePart(component, structure.slices(), structure.dtype, structure.trainable)
            for component in (self._job.optimizer, *self._job.transforms)
        )
        return [update_kernel(part, self._title(number)) for number, part in enumerate(parts)]

    def _title(self, number: int) -> str:
        if number == 0:
            return f"the optimizer {type(self._job.optimizer).__name__}"
        return f"the transform {type(self._job.transforms[number - 1]).__name__}"


def update_names(
    writer: Writer, number: int, kernel: UpdateKernel, parameters: Value, gradient: Value
) -> tuple[dict[str, Value | str], list[str]]:
    """What the words of an update's calls stand for, and the arrays that the program is given for them."""
    names: dict[str, Value | str] = {
        "parameters": parameters,
        "gradient": gradient,
        "rate": "rate",
        "step": "(step + slot)",
    }
    for name in kernel.buffers:
        names[name] = writer.allocate(f"u{number}_{name}", (parameters.size,), per_example=False)
    arguments = []
    for name in (*kernel.states, *kernel.numbers, *kernel.arrays):
        variable = f"u{number}_{name}".replace(" ", "_")
        names[name] = variable
        arguments.append(variable)
    return names, arguments
