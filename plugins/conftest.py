"""What the tests compile is kept for one run of them, in a folder of its own, for all its processes; and steps cut to
pieces, however small."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def everything_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever may be cut is, and each piece is given all threads."""
    monkeypatch.setattr("layerkit_numba.engine._WORTH_THREADS", 0)
    monkeypatch.setattr("layerkit_numba.kernels.linear._WORTH_CUTTING", 0)
    monkeypatch.setattr("layerkit_numba.passes._WORTH_CUTTING", 0)
    monkeypatch.setattr("layerkit_numba.team.Pace.choose", lambda self, batches: self._most)


@pytest.fixture
def never_repeated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No piece is gone through again by the other engine, as those are in which numbers are not finite: all results
    would look right."""
    from layerkit_numba.run import NumbaRun

    advance, finite = NumbaRun._advance, list[bool]()

    def noted(self: NumbaRun, *arguments: Any) -> bool:
        finite.append(advance(self, *arguments))
        return finite[-1]

    monkeypatch.setattr(NumbaRun, "_advance", noted)
    yield
    assert finite == [True] * len(finite) != []
