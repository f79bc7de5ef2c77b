"""Writes the part of a program that changes parameters and states."""

from __future__ import annotations

from typing import final

from layerkit.engines import Job
from layerkit_numba import accumulating
from layerkit_numba.finite import look_for_no_end, stop_if_found
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart
from layerkit_numba.kernels.optimizers import descend
from layerkit_numba.naming import names_in
from layerkit_numba.operands import Count, Number, Register, Value, Whole
from layerkit_numba.passes import Passes
from layerkit_numba.registry import announced, update_kernel
from layerkit_numba.writer import GRAIN, Names, UpdateCall, Writer, piece_of

PHASES = ("before", "update", "after")
"""When the calls of an ``UpdateKernel`` are made: an optimizer has those of the second, a transform the others."""


@final
class Updating:
    """The optimizer and the transforms of a job, and what the passes leave for them.

    ``arguments`` are the names of the arrays that the program is given for them; ``hosted`` says which have no kernel,
    and do their part by their own methods.
    """

    def __init__(self, job: Job, writer: Writer) -> None:
        self._job = job
        self._writer = writer
        self.hosted: dict[int, str] = {}
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
        piece = piece_of(Count(parameter.size), GRAIN)
        self._writer.add(descend, parameter.view("flat"), gradient.view("flat"), Number(-1.0), *piece)

    def update(self) -> None:
        """Write what happens once a step's gradient is there."""
        w, trained = self._writer, self._job.model.structure.trainable
        for total, again in self._repeated:
            self.move(total, again)
        parameters = Value("trained", "parameters", 0, (trained,), per_example=False)
        gradient = Value("gradient", "gradients", 0, (trained,), per_example=False)
        if not shows_non_finite(self._job):
            found = w.allocate("endless", (), per_example=False, dtype="bool", cleared=True)
            piece = piece_of(Count(trained), GRAIN)
            w.add(look_for_no_end, gradient, found.view("flat"), *piece)
            w.add(stop_if_found, found.view("flat"), decides=True)
        accumulate = self._job.accumulate
        if accumulate > 1:
            of_step = Register("batch"), Count(accumulate)
            gathered = w.allocate("gathered", (trained,), per_example=False)
            w.add(accumulating.gather_gradient, gathered, gradient, *of_step)
            self._gather_proposals()
            w.add(accumulating.await_step, Register("batch"), Register("last"), Count(accumulate), decides=True)
            numbers = Whole("results"), Whole("numbers"), Register("slot")
            w.add(accumulating.average_gradient, gathered, gradient, *numbers)
        else:
            self._gather_proposals()
        all_names = []
        for number, kernel in enumerate(self.kernels):
            names, arguments = update_names(w, number, kernel, parameters, gradient)
            all_names.append(names)
            self.arguments += arguments
        for phase in PHASES:
            for number in range(1) if phase == "update" else range(1, len(self.kernels)):
                if number in self.hosted:
                    w.host(UpdateCall(number, phase))
                calls: tuple[Call, ...] = getattr(self.kernels[number], phase)
                for call in calls:
                    w.call(call, all_names[number], self._title(number))

    def _gather_proposals(self) -> None:
        """Where a step has several proposals for a state: add them up, weighted."""
        if not self._proposals or not self._averages:
            return
        w = self._writer
        w.add(accumulating.clear_proposals, Whole("proposals"), Register("batch"), Count(self._job.accumulate))
        for _, new, total in self._proposals:
            w.add(accumulating.gather_proposal, total.view("flat"), new.view("flat"), Register("weight"))

    @property
    def _averages(self) -> bool:
        places = [state.start for state, _, _ in self._proposals]
        return self._job.accumulate > 1 or len(places) != len(set(places))

    def commit(self) -> None:
        """Write the states that the passes proposed, unless the examples of the step weigh nothing."""
        w, weight = self._writer, Register("weight")
        if not self._averages:
            for state, new, _ in self._proposals:
                w.add(accumulating.commit, state.view("flat"), new.view("flat"), weight)
            return
        places = [state.start for state, _, _ in self._proposals]
        # of several proposals for one state, the sum is the same
        for state, total in {state.start: (state, total) for state, _, total in self._proposals}.values():
            count = Count(places.count(state.start))
            w.add(accumulating.commit_average, state.view("flat"), total.view("flat"), weight, count)

    def _all_kernels(self) -> list[UpdateKernel]:
        structure = self._job.model.structure
        parts = (
            UpdatePart(component, structure.slices(), structure.dtype, structure.trainable)
            for component in (self._job.optimizer, *self._job.transforms)
        )
        return [self._kernel(part, number) for number, part in enumerate(parts)]

    def _kernel(self, part: UpdatePart, number: int) -> UpdateKernel:
        """That of a component; one that does nothing where there is none."""
        title = self._title(number)
        # what evaluates the batch again asks more than a call can give
        if not (getattr(part.component, "needs_evaluate", False) or announced(type(part.component), title)):
            self.hosted[number] = title
            return UpdateKernel()
        return update_kernel(part, title)

    def _title(self, number: int) -> str:
        if number == 0:
            return f"the optimizer {type(self._job.optimizer).__name__}"
        return f"the transform {type(self._job.transforms[number - 1]).__name__}"


def shows_non_finite(job: Job) -> bool:
    """Whether a gradient that is not finite leaves a trace in what is kept, to be found when a piece is done."""
    return job.optimizer.keeps_non_finite and not job.transforms


def generator_of(number: int) -> str:
    """The name by which a program is given the generator of an update: the optimizer's is 0."""
    return f"u{number}_rng"


def update_names(
    writer: Writer, number: int, kernel: UpdateKernel, parameters: Value, gradient: Value
) -> tuple[Names, list[str]]:
    """What the words of an update's calls stand for, and the arrays that the program is given for them."""
    names: Names = {
        "parameters": parameters,
        "gradient": gradient,
        "rate": Register("rate"),
        "step": Register("step"),
    }
    if "rng" in names_in((*kernel.before, *kernel.update, *kernel.after)):
        names["rng"] = Whole(generator_of(number))
    for name in kernel.buffers:
        names[name] = writer.allocate(f"u{number}_{name}", (parameters.size,), per_example=False)
    given = *kernel.states, *kernel.numbers, *kernel.slice_numbers, *kernel.arrays
    arguments = [f"u{number}_{name}" for name in given]
    for name, argument in zip(given, arguments, strict=True):
        names[name] = Whole(argument)
    return names, arguments
