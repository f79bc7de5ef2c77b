"""What the tests compile is kept for one run of them, in a folder of its own, for all its processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder, which the environment names while the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        # the processes of one run have folders beside each other
        own = tmp_path_factory.getbasetemp()
        folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cache"
        folder.mkdir(exist_ok=True)
        patch.setenv("LAYERKIT_CACHE", str(folder))
        yield folder
