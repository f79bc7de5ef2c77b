"""A file that declares more than it can hold is refused for that, before memory is taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerkit.data.idx import read_idx
from layerkit.errors import DatasetError
from tests.data.files import idx_bytes


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_an_idx_file_that_was_cut_off(tmp_path: Path, part: float) -> None:
    whole = idx_bytes(np.zeros((100, 10), np.uint8))
    path = tmp_path / "images"
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(DatasetError, match=r"truncated: its header declares 100×10 values.*more than a file of this"):
        read_idx(path)
