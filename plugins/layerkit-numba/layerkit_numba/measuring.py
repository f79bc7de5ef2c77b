"""Writes the part of a program that gathers targets, and computes the cost and its gradient."""

from __future__ import annotations

from typing import final

from layerkit_numba import rows
from layerkit_numba.interface import CostKernel, CostPart
from layerkit_numba.naming import names_in
from layerkit_numba.operands import Count, Register, Value, Whole
from layerkit_numba.writer import CostCall, Names, Writer


@final
class Measuring:
    """A cost with its kernel; one that has none does its part by its own methods.

    ``mask`` is the batch's, where there is one and time is an axis of the prediction.
    """

    def __init__(self, writer: Writer, part: CostPart, kernel: CostKernel | None, mask: Value | None) -> None:
        self._writer, self._part, self._kernel, self._mask = writer, part, kernel, mask
        self.costs = writer.allocate("costs", ())
        self.gradient = writer.allocate("delta", part.shape)

    def gather(self) -> dict[str, Value]:
        """Write that the targets of the batch's rows are copied; the values that the kernel names."""
        w, part = self._writer, self._part
        wanted = {"target"} if self._kernel is None else names_in(self._kernel.calls)
        wants_labels = part.cost.target_form == "labels"
        found: dict[str, Value] = {}
        rows_of = Whole("targets"), Whole("order"), Register("first")
        if part.labels and ("labels" in wanted or wants_labels):
            labels = found["labels"] = w.allocate("labels", part.shape[:-1], dtype="int64")
            w.add(rows.gather, *rows_of, labels.view("table"))
        if wants_labels and "labels" in found:
            found["target"] = found["labels"]
        elif "target" in wanted:
            target = found["target"] = w.allocate("target", part.shape)
            gather, form = (rows.gather_one_hot, "rows") if part.labels else (rows.gather, "table")
            w.add(gather, *rows_of, target.view(form))
        return found

    def measure(self, prediction: Value, targets: dict[str, Value]) -> None:
        """Write the kernel's calls, which fill ``costs`` and ``gradient``."""
        w = self._writer
        if self._kernel is None:
            w.host(CostCall(prediction, targets["target"], self.costs, self.gradient, self._mask))
            return
        names: Names = {
            "prediction": prediction,
            "costs": self.costs,
            "gradient": self.gradient,
            "n": Count(1, True),
            **targets,
        }
        for name, buffer in self._kernel.buffers.items():
            names[name] = w.buffer(f"cost_{name}", buffer)
        if self._mask is not None:
            names["mask"] = self._mask
        for call in self._kernel.calls:
            w.call(call, names, type(self._part.cost).__name__)


def over_time(part_shape: tuple[int, ...]) -> bool:
    """Whether time is an axis of a prediction of this shape, so that a mask says something of it."""
    return len(part_shape) >= _TIME_AND_FEATURES


_TIME_AND_FEATURES = 2
