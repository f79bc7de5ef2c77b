"""The notebook in docs/ holds what its cells give."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.extra


@pytest.mark.filterwarnings("default")
def test_the_notebook_shows_what_its_cells_give(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("nbclient", "nbformat", "ipykernel", "jinja2", "matplotlib", "tomlkit"):
        pytest.importorskip(package)
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.delitem(sys.modules, "make_notebook", raising=False)
    import make_notebook  # type: ignore[import-not-found]
    import nbformat

    page = nbformat.read(make_notebook.PAGE, as_version=4)
    found, wanted = make_notebook.shown(make_notebook.executed()), make_notebook.shown(page)
    assert found == wanted
    kinds = [kind for cell in found for kind, _ in cell]
    # the model, the progress, the history, the table and the report
    assert kinds.count("text/html") == 5
    bar = next(text for cell in found for kind, text in cell if text.startswith("<pre"))
    assert "<progress" not in bar
    assert "epoch cost" in bar
