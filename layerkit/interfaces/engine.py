"""The engine contract: what runs the steps of training."""

from __future__ import annotations

from abc import ABC, abstractmethod

from layerkit.errors import EngineError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.job import Job
from layerkit.interfaces.prediction import Prediction, PredictionJob
from layerkit.types import Array


class Engine(Configurable, ABC):
    """Turns a job into a run of steps. Every engine gives the ``numpy`` engine's results, within rounding."""

    @abstractmethod
    def start(self, job: Job) -> Run:
        """Prepare to run ``job`` from the position that it holds.

        Raises:
            EngineError: the engine cannot run this model, cost or optimizer; the message names what stands in the way.
        """

    def start_prediction(self, job: PredictionJob) -> Prediction:
        """Prepare to predict, from shapes alone: the same job and the same data get the same bits.

        Raises:
            EngineError: the engine has no predictions, or cannot run this model; the message names what stands in the
                way.
        """
        raise EngineError(
            f"the engine {type(self).__name__} trains, and has no predictions of its own: leave the engine out, and "
            "the model predicts in NumPy"
        )

    def blas_threads(self, job: Job) -> int | None:
        """How many threads the BLAS library may use for ``job``; None: as many as the process was given.

        Depends on the shapes alone, never on timings: the same job gets the same bits.
        """
        return None

    def relative_time(self, job: Job) -> float:
        """How long a step of ``job`` takes, in units of the ``numpy`` engine's: an estimate that ``auto`` goes by.

        From the shapes alone, like ``blas_threads``, so that a run that is resumed meets the same engine.
        """
        return 1.0

    def compile_time(self, job: Job) -> float:
        """The seconds that compiling for ``job`` takes where nothing is compiled yet: an estimate, for ``auto``.

        From shapes and components alone, never from what this machine has kept, nor from a clock.
        """
        return 0.0

    @property
    def compile_seconds(self) -> float:
        """Seconds that engines of this kind have spent on compiling in this process; 0 where nothing is compiled."""
        return 0.0


class Run(ABC):
    """A job under way. Between two calls of ``run`` all state is in the job's host arrays."""

    @abstractmethod
    def run(self, steps: int) -> Array:
        """Run at most ``steps`` steps, never past the end of the epoch; fewer where the data ends earlier.

        Returns float64 ``(steps run, 2)``: each step's sum of weighted costs and sum of weights. Moves
        ``job.position``.

        Raises:
            NonFiniteError: a cost or a gradient is not finite; parameters are those before that step.
        """
