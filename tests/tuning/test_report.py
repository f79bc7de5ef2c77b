from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from layerkit.tuning import Result, tune_experiment
from layerkit.tuning.here import Here
from tests.tuning.searches import search_of, small

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")
report = pytest.importorskip("layerkit.tuning.report")
pytest.importorskip("plotly")

TITLES = [
    "History",
    "Parallel coordinates",
    "Importance",
    "Slices",
    "Learning curves of the best",
    "Confusion on the test data, with the median seed",
    "Trials",
]


@pytest.fixture(scope="module")
def result() -> Result:
    return tune_experiment(small(), search_of(final_seeds=1), workers=Here())


def test_the_page_holds_every_picture_and_needs_no_network(result: Result) -> None:
    text = report.report_html(result)
    assert re.findall(r"<h2>(.*?)</h2>", text) == TITLES
    assert text.count("Plotly.newPlot(") >= 6
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", text)


def test_a_browser_draws_it(result: Result, tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    page = tmp_path / "report.html"
    page.write_text(report.report_html(result))
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=9000",
    ]
    shown = subprocess.run(
        [browser, *options, "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    ).stdout
    # each figure becomes drawings of its own
    assert shown.count('class="main-svg"') >= 6
    assert "trial 0" in shown
