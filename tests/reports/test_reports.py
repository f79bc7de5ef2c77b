"""What a report holds, and what it is made from."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Dense, GradientDescent, MeanSquaredError, Quadratic, Sequential, Sigmoid
from layerkit.data.examples import Examples
from layerkit.errors import LayerkitError, MissingExtraError
from layerkit.experiments import Session, parse_experiment
from layerkit.experiments.lookup import find
from layerkit.reports import Report, report_of_model, report_of_session
from layerkit.reports.sections import Section
from tests.cli.conftest import Command, installation, layerkit
from tests.reports.conftest import HOSTILE, hostile_experiment, model_of

__all__ = ["installation", "layerkit"]


PACKAGES = ("jinja2", "tomlkit", "matplotlib")


def text_of(page: str) -> str:
    """A page's text, with neither tags nor what only a browser reads."""
    import html

    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page[page.index("<body>") :], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


@pytest.mark.parametrize("package", PACKAGES)
def test_without_an_extra_it_is_named_before_the_first_step(
    layerkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for other in {*PACKAGES} - {package}:
        pytest.importorskip(other)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.figure", None)
    with pytest.raises(MissingExtraError, match=package):
        Report("x")
    result = layerkit("run", "digits", "--epochs", "1", "--report", str(tmp_path / "r.html"))
    assert result.code == 1
    assert 'pip install "layerkit[report]"' in result.err
    assert "epoch" not in result.out


def test_a_place_that_cannot_be_written_is_refused_before_the_first_step(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "thesis.html").write_text("<!DOCTYPE html><title>mine</title>")
    for place, told in (("thesis.html", "something other than a report"), ("no/such.html", "there is no folder")):
        result = layerkit("run", "digits", "--report", str(tmp_path / place))
        assert (result.code, result.out) == (2, "")
        assert told in result.err
    same = str(tmp_path / "one")
    result = layerkit("run", "digits", "--report", same, "--json", same)
    assert "is written by --json too" in result.err


@pytest.mark.extra
class TestReports:
    @pytest.fixture(autouse=True)
    def _extra(self) -> None:
        for package in ("jinja2", "matplotlib", "tomlkit"):
            pytest.importorskip(package)

    def test_all_that_was_run_is_told(self, session: Session) -> None:
        report = report_of_session(session, findings=[], command="layerkit run it", versions={"acme": "1.5"})
        assert [section.title for section in report.sections] == [
            "What was run",
            "Curves",
            "What is taken for what",
            "The worst examples",
            "The layers",
            "The layers while they trained",
            "How to repeat it",
        ]
        text = text_of(report.html)
        for told in (
            "layerkit run it",
            "acme 1.5",
            "<i>summary</i> & more",
            "nothing was found that keeps the network from learning",
            "sha256:",
            *HOSTILE,
        ):
            assert " ".join(told.split()) in text, told
        assert "<script>window" not in report.html
        # axes write powers as formulas, which are none here
        assert "$\\mathdefault" not in report.html

    @pytest.mark.parametrize(("wanted", "missed"), [(0.999, True), (0.01, False)])
    def test_a_poor_run_in_which_nothing_was_found_says_what_is_left(self, wanted: float, missed: bool) -> None:
        session = Session(find("digits").with_settings(epochs=1, target={"test_accuracy": wanted}))  # type: ignore[union-attr]
        session.fit()
        text = text_of(report_of_session(session, findings=[]).html)
        assert "nothing was found that keeps the network from learning" in text
        assert ("the target was missed all the same: train for longer" in text) is missed

    def test_the_same_run_gives_the_same_page(self) -> None:
        pages = []
        for _ in range(2):
            session = Session(hostile_experiment())
            session.fit()
            page = report_of_session(session).html
            pages.append(re.sub(r'(\d+(\.\d+)?(e-?\d+)? s<|data-value="[^"]*">\d+\.\d{3}<)', "", page))
        assert pages[0] == pages[1]

    def test_the_experiment_can_be_run_again_from_it(self, layerkit: Command, tmp_path: Path) -> None:
        place = tmp_path / "report.html"
        assert layerkit("run", "digits", "--epochs", "3", "--quiet", "--report", str(place)).code == 0
        session = Session(find("digits").with_settings(epochs=3))  # type: ignore[union-attr]
        session.fit()
        import html

        blocks = [html.unescape(each) for each in re.findall(r"<pre[^>]*><code>(.*?)</code>", place.read_text(), re.S)]
        assert blocks[0] == "layerkit run digits --epochs 3"
        again = Session(parse_experiment(tomllib.loads(blocks[1]), name="again"))
        again.fit()
        assert np.array_equal(again.model.structure.parameters, session.model.structure.parameters)
        digest = re.findall(r"sha256:[0-9a-f]{64}", place.read_text())
        assert digest == re.findall(r"sha256:[0-9a-f]{64}", report_of_session(again).html)

    def test_a_report_replaces_a_report(self, layerkit: Command, tmp_path: Path) -> None:
        place = str(tmp_path / "r.html")
        for _ in range(2):
            assert layerkit("run", "digits", "--epochs", "1", "--quiet", "--report", place).code == 0

    def test_of_a_saved_model(self, layerkit: Command, tmp_path: Path) -> None:
        model, place = str(tmp_path / "m.safetensors"), tmp_path / "r.html"
        assert layerkit("run", "digits", "--epochs", "1", "--quiet", "--save", model).code == 0
        result = layerkit("evaluate", model, "digits", "--metric", "accuracy", "--report", str(place))
        assert result.code == 0
        text = text_of(place.read_text())
        assert f"layerkit evaluate {model} digits --metric accuracy" in text
        for told in ("accuracy", "What is taken for what", "The worst examples", "The layers", "the model's file"):
            assert told in text
        assert "Curves" not in text
        assert layerkit("evaluate", model, "digits", "--report", model).code == 2

    def test_what_the_diagnosis_found_is_told(self, session: Session) -> None:
        finding = {"name": "dead", "layer": "layer 1", "figure": 0.5, "message": "all <zero>", "epoch": 3}
        text = text_of(report_of_session(session, {}, findings=[finding]).html)
        assert "dead in layer 1, after epoch 3 all <zero>" in text
        assert "What the diagnosis says" not in text_of(report_of_session(session, {}).html)

    def test_numbers_have_the_worst_errors(self) -> None:
        model = Sequential([Dense(1)]).initialize(2, seed=0)
        x = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
        y = model.predict(x) + np.array([[0.5], [-7.0], [1.0]])
        report = report_of_model(model, Examples(x, y, names=("width", "<high>")), {"cost": 1.0}, cost=Quadratic())
        section = next(each for each in report.sections if each.title == "The worst examples")
        table: Any = section.parts[-1]
        assert [row[0] for row in table.rows] == [1, 2, 0]
        assert list(table.titles) == ["row", "target", "prediction", "error", "width", "<high>"]
        assert '<th scope="col" class="number"><button type="button">&lt;high&gt;</button></th>' in report.html

    def test_two_classes_of_one_output(self) -> None:
        model = Sequential([Dense(1, activation=Sigmoid())]).initialize(2, seed=0)
        data = Examples(np.random.default_rng(0).normal(size=(9, 2)), np.arange(9) % 2, classes=("no", "yes"))
        report = report_of_model(model, data, {"accuracy": 0.5}, cost=Quadratic())
        assert ("accuracy", "50.00 %") in report.figures
        assert "What is taken for what" in text_of(report.html)

    def test_data_that_cannot_be_shown_leaves_sections_out(self) -> None:
        report = report_of_model(model_of((2, 2)), None, {"cost": 0.25}, cost=Quadratic())
        assert [section.title for section in report.sections] == ["What was measured", "The layers", "How to repeat it"]

    def test_an_interrupted_run_has_a_report_too(self, session: Session) -> None:
        text = text_of(report_of_session(session, {}, interrupted=True).html)
        assert "after 4 epochs" in text
        assert "The worst examples" not in text

    def test_in_a_notebook_it_is_a_frame(self) -> None:
        shown = Report('a "b"', sections=[Section("s", ["text"])])._repr_html_()
        assert shown.startswith('<iframe title="a &quot;b&quot;" sandbox="allow-scripts"')
        assert "<script>" not in shown

    def test_a_full_disk_is_told(self) -> None:
        with pytest.raises(LayerkitError, match="could not be written"):
            Report("x").write("/dev/full")

    def test_measures_of_training_are_curves(self) -> None:
        session = Session(hostile_experiment(metrics=[], optimizer=GradientDescent(0.1), epochs=1))
        session.fit()
        assert MeanSquaredError().name not in report_of_session(session).html
