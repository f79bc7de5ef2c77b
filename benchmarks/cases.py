"""The networks that are measured: dense layers with sigmoids, quadratic cost, plain gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Case:
    """One network and how it is trained.

    ``sizes`` counts the input: ``(784, 30, 10)`` has two layers. ``learning_rate`` multiplies a batch's mean gradient.
    """

    sizes: tuple[int, ...]
    batch_size: int
    learning_rate: float

    @property
    def name(self) -> str:
        """What the case is called on the command line: ``784-30-10/10``."""
        return f"{'-'.join(map(str, self.sizes))}/{self.batch_size}"

    @property
    def multiplications(self) -> int:
        """Multiply-adds of a step: forward and weight gradients of all layers, input gradients of all but the first."""
        layers = [n_in * n_out for n_in, n_out in pairwise(self.sizes)]
        return self.batch_size * (3 * sum(layers) - layers[0])


CASES = (
    Case((784, 30, 10), batch_size=10, learning_rate=3.0),
    Case((784, 8, 8, 10), batch_size=50, learning_rate=3.0),
    Case((784, 100, 10), batch_size=32, learning_rate=3.0),
    Case((784, 512, 256, 10), batch_size=128, learning_rate=0.5),
)

ACCURACY_CASE = Case((784, 100, 10), batch_size=10, learning_rate=3.0)


def case_named(name: str) -> Case:
    """The case of that name.

    Raises:
        ValueError: there is none; the message lists them.
    """
    for case in (*CASES, ACCURACY_CASE):
        if case.name == name:
            return case
    raise ValueError(f"no case is called {name!r}; there are {', '.join(case.name for case in CASES)}")
