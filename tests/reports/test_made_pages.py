"""The notebook in docs/ holds what its cells give, and the picture of a report shows what one says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command, installation, layerkit

__all__ = ["installation", "layerkit"]

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


def test_the_report_in_the_picture_says_what_one_says_now(
    layerkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("jinja2", "matplotlib", "tomlkit"):
        pytest.importorskip(package)
    # undone within the test: the installation takes its own folder out of the path after it
    with monkeypatch.context() as within:
        within.syspath_prepend(str(ROOT / "scripts"))
        import take_report_picture  # type: ignore[import-not-found]

    assert layerkit("run", "digits", "--quiet", "--report", str(tmp_path / "r.html")).code == 0
    texts = [take_report_picture.TEXT.read_text(), take_report_picture.told((tmp_path / "r.html").read_text())]
    numbers = [[float(number) for number in re.findall(r"\d+\.\d+", text)] for text in texts]
    words = [re.sub(r"\d+\.\d+", "#", text) for text in texts]
    assert words[0] == words[1]
    assert len(numbers[0]) > 60
    # another processor may round otherwise, and an epoch then takes another way
    assert numbers[1] == pytest.approx(numbers[0], rel=0.1, abs=0.02)
