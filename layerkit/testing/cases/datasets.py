"""The cases of the built-in datasets."""

from __future__ import annotations

from layerkit.testing.case import Cases

MOONS: Cases = (
    {"arguments": {"train": 30, "test": 11}, "bad_arguments": {"train": [0], "test": [0], "noise": [-1], "seed": [-1]}},
)
MNIST: Cases = ({"arguments": {"data_dir": "no such folder"}, "needs_data": True},)
IDX: Cases = ({"arguments": {"images": "no such images.idx", "labels": "no such labels.idx"}, "needs_data": True},)
NPZ: Cases = ({"arguments": {"path": "no such file.npz"}, "needs_data": True},)
CSV: Cases = ({"arguments": {"path": "no such file.csv"}, "needs_data": True},)
