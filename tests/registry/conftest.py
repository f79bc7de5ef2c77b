from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.installation import Installation, installation_in


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installation_in(tmp_path) as installation:
        yield installation
