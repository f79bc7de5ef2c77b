"""Every picture is drawn with warnings as errors, and leaves pyplot as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install -e '.[dev-extras]'")


@pytest.fixture(autouse=True)
def _pyplot_is_left_alone() -> Iterator[None]:
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    yield
    assert pyplot.get_fignums() == before
