"""Writes layerkit/datasets/digits.npz from the set that scikit-learn ships; needs scikit-learn.

Run from the top of the tree: ``python scripts/make_digits.py``. The same zlib gives the same bytes each time; whatever
the zlib, the contents have the SHA-256 that this prints and that ``layerkit/datasets/digits.py`` states.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from layerkit.data.split import split_rows  # noqa: E402
from layerkit.datasets.digits import PATH, contents_sha256  # noqa: E402
from layerkit.types import Array  # noqa: E402


def arrays() -> dict[str, Array]:
    """The set in two parts: one in five of each class is for testing."""
    from sklearn.datasets import load_digits

    source = load_digits()
    x, y = source.images.astype(np.uint8), source.target.astype(np.uint8)
    if not np.array_equal(x, source.images):
        raise SystemExit("the images hold values that are no bytes")
    train, test = split_rows(len(x), y, test_fraction=0.2, seed=0)
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


def packed(named: dict[str, Array]) -> bytes:
    """The bytes of a compressed ``.npz`` file without time stamps."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, array in named.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            archive.writestr(info, entry.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return whole.getvalue()


if __name__ == "__main__":
    made = arrays()
    data = packed(made)
    PATH.write_bytes(data)
    sys.stdout.write(f"{PATH.relative_to(ROOT)}: {len(data):,} bytes, contents have SHA-256 {contents_sha256(made)}\n")
