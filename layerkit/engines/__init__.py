"""What runs the steps of training, and what every engine needs: public, for authors of engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.engines.automatic import Automatic
    from layerkit.engines.numpy_engine import NumpyEngine
    from layerkit.engines.step_estimate import estimated_step
    from layerkit.interfaces.job import Job, Progress
    from layerkit.interfaces.prediction import FixedPrediction, Prediction, PredictionJob
    from layerkit.interfaces.update_context import ParameterSlice
    from layerkit.models.node import Node
    from layerkit.models.numpy_prediction import NumpyPrediction
    from layerkit.models.passes import Pass, commit
    from layerkit.models.structure import Structure
    from layerkit.random_streams import RandomStreams
    from layerkit.steps.differentiate import Differentiate
    from layerkit.steps.guard import Guard
    from layerkit.steps.intake import Intake, take_in
    from layerkit.steps.non_finite import all_finite, diagnose, overflowed
    from layerkit.steps.reader import Reader
    from layerkit.steps.snapshot import Snapshot, snapshot_before
    from layerkit.steps.targets import Targets
    from layerkit.steps.threads import cores, limited, multiplications, threads_for, wanted_threads
    from layerkit.steps.update import Update

__all__ = [
    "Automatic",
    "Differentiate",
    "FixedPrediction",
    "Guard",
    "Intake",
    "Job",
    "Node",
    "NumpyEngine",
    "NumpyPrediction",
    "ParameterSlice",
    "Pass",
    "Prediction",
    "PredictionJob",
    "Progress",
    "RandomStreams",
    "Reader",
    "Snapshot",
    "Structure",
    "Targets",
    "Update",
    "all_finite",
    "commit",
    "cores",
    "diagnose",
    "estimated_step",
    "limited",
    "multiplications",
    "overflowed",
    "snapshot_before",
    "take_in",
    "threads_for",
    "wanted_threads",
]

__getattr__ = lazily(
    __name__,
    {
        "Automatic": "layerkit.engines.automatic",
        "Differentiate": "layerkit.steps.differentiate",
        "FixedPrediction": "layerkit.interfaces.prediction",
        "Guard": "layerkit.steps.guard",
        "Intake": "layerkit.steps.intake",
        "Job": "layerkit.interfaces.job",
        "Node": "layerkit.models.node",
        "NumpyEngine": "layerkit.engines.numpy_engine",
        "NumpyPrediction": "layerkit.models.numpy_prediction",
        "ParameterSlice": "layerkit.interfaces.update_context",
        "Pass": "layerkit.models.passes",
        "Prediction": "layerkit.interfaces.prediction",
        "PredictionJob": "layerkit.interfaces.prediction",
        "Progress": "layerkit.interfaces.job",
        "RandomStreams": "layerkit.random_streams",
        "Reader": "layerkit.steps.reader",
        "Snapshot": "layerkit.steps.snapshot",
        "Structure": "layerkit.models.structure",
        "Targets": "layerkit.steps.targets",
        "Update": "layerkit.steps.update",
        "all_finite": "layerkit.steps.non_finite",
        "commit": "layerkit.models.passes",
        "cores": "layerkit.steps.threads",
        "diagnose": "layerkit.steps.non_finite",
        "estimated_step": "layerkit.engines.step_estimate",
        "limited": "layerkit.steps.threads",
        "multiplications": "layerkit.steps.threads",
        "overflowed": "layerkit.steps.non_finite",
        "snapshot_before": "layerkit.steps.snapshot",
        "take_in": "layerkit.steps.intake",
        "threads_for": "layerkit.steps.threads",
        "wanted_threads": "layerkit.steps.threads",
    },
)
