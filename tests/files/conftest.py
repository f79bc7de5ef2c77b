from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.reliability.memory_folder import memory_folder
from tests.registry.installation import Installation, installation_in


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory where there is one: these tests save hundreds of times, and each save waits for the disk."""
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        yield Path(folder)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installation_in(tmp_path) as installation:
        yield installation
