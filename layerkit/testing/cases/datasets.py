"""The cases of the built-in datasets."""

from __future__ import annotations

from layerkit.datasets.digits import Digits
from layerkit.testing.case import Cases

AUGMENTED: Cases = (
    {
        "arguments": {"dataset": Digits(), "shift": 1.5, "rotate": 10, "elastic": 6},
        "bad_arguments": {"shift": [-1], "scale": [1], "shear": [90], "sigma": [0], "flip": ["up"], "cut_out": [1.5]},
    },
)
BALANCED: Cases = ({"arguments": {"dataset": Digits()}},)
MOONS: Cases = (
    {"arguments": {"train": 30, "test": 11}, "bad_arguments": {"train": [0], "test": [0], "noise": [-1], "seed": [-1]}},
)
MNIST: Cases = ({"arguments": {"data_dir": "no such folder"}, "needs_data": True},)
IDX: Cases = ({"arguments": {"images": "no such images.idx", "labels": "no such labels.idx"}, "needs_data": True},)
IMAGES: Cases = (
    {
        "arguments": {"path": "no such folder"},
        "bad_arguments": {"colour": ["cmyk"], "size": [28, (28,), (0, 28)], "fit": ["zoom"], "test_fraction": [0, 1]},
        "needs_data": True,
    },
)
NPZ: Cases = ({"arguments": {"path": "no such file.npz"}, "needs_data": True},)
CSV: Cases = ({"arguments": {"path": "no such file.csv"}, "needs_data": True},)
FRIEDMAN: Cases = (
    {"arguments": {"rows": 50, "noise": 5.0}, "bad_arguments": {"rows": [1], "noise": [-1], "test_fraction": [0, 1]}},
)
BLOBS: Cases = (
    {
        "arguments": {"centres": [[0, 0, 1], [2, 1, 0]], "counts": [30, 5], "test_counts": [4, 4], "spread": 0.5},
        "bad_arguments": {
            "centres": [[[0, 0, 1]], [[0], [1, 2]], [[], []]],
            "counts": [[1], [0, 0], [1, -1], [1, 2, 3]],
            "test_counts": [[1], 3],
            "spread": [-1],
        },
    },
)
SCIKIT_LEARN: Cases = (
    {
        "arguments": {"name": "wine"},
        "bad_arguments": {"name": ["cats"], "test_fraction": [0, 1], "seed": [-1]},
        "needs_data": True,
    },
)
