"""What runs the steps of training, and what every engine needs: public, for authors of engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.engines.automatic import Automatic
    from layerkit.engines.diagnosis import diagnose, overflowed
    from layerkit.engines.job import Job
    from layerkit.engines.numpy_engine import NumpyEngine
    from layerkit.engines.progress import Progress
    from layerkit.engines.reader import Reader
    from layerkit.engines.snapshot import Snapshot
    from layerkit.engines.targets import Targets
    from layerkit.engines.threads import limited, wanted_threads
    from layerkit.interfaces.update_context import ParameterSlice
    from layerkit.models.node import Node
    from layerkit.models.passes import Pass, commit
    from layerkit.models.structure import Structure
    from layerkit.random_streams import RandomStreams

__all__ = [
    "Automatic",
    "Job",
    "Node",
    "NumpyEngine",
    "ParameterSlice",
    "Pass",
    "Progress",
    "RandomStreams",
    "Reader",
    "Snapshot",
    "Structure",
    "Targets",
    "commit",
    "diagnose",
    "limited",
    "overflowed",
    "wanted_threads",
]

__getattr__ = lazily(
    __name__,
    {
        "Automatic": "layerkit.engines.automatic",
        "Job": "layerkit.engines.job",
        "Node": "layerkit.models.node",
        "NumpyEngine": "layerkit.engines.numpy_engine",
        "ParameterSlice": "layerkit.interfaces.update_context",
        "Pass": "layerkit.models.passes",
        "Progress": "layerkit.engines.progress",
        "RandomStreams": "layerkit.random_streams",
        "Reader": "layerkit.engines.reader",
        "Snapshot": "layerkit.engines.snapshot",
        "Structure": "layerkit.models.structure",
        "Targets": "layerkit.engines.targets",
        "commit": "layerkit.models.passes",
        "diagnose": "layerkit.engines.diagnosis",
        "limited": "layerkit.engines.threads",
        "overflowed": "layerkit.engines.diagnosis",
        "wanted_threads": "layerkit.engines.threads",
    },
)
