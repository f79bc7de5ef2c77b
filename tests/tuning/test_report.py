from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from layerkit.tuning import Result, tune_experiment
from layerkit.tuning.here import Here
from tests.reports.conftest import HOSTILE
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


_BOXES = """
return [...document.querySelectorAll(".plotly-graph-div")].map((drawn) => {
  const box = drawn.querySelector(".main-svg").getBoundingClientRect();
  const marks = drawn.querySelectorAll(".trace, .parcoords, .hm, .bars");
  return [drawn.closest("div.wide").previousElementSibling.textContent, box.width, box.height, marks.length];
});
"""


@pytest.fixture(scope="module")
def result() -> Result:
    return tune_experiment(small(), search_of(final_seeds=1), workers=Here())


def test_the_page_holds_every_picture_and_needs_no_network(result: Result) -> None:
    text = report.report_html(result)
    assert re.findall(r"<h2>(.*?)</h2>", text) == TITLES
    assert text.count("Plotly.newPlot(") >= 6
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", text)


@pytest.fixture(params=[360, 1400])
def page(request: pytest.FixtureRequest, browser: Any, result: Result, tmp_path: Path) -> Any:
    """A report on the screen, of a phone and of a desk; classes have names that a page could stumble over."""
    finals = [dataclasses.replace(run, classes=HOSTILE) for run in result.finals]
    place = tmp_path / "report.html"
    place.write_text(report.report_html(dataclasses.replace(result, finals=finals)))
    metrics = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": request.param < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(place.as_uri())
    assert browser.execute_script("return window.innerWidth") == request.param
    return browser


def test_a_browser_draws_every_picture_and_asks_nobody(page: Any) -> None:
    pictures = [title for title in TITLES if title != "Trials"]
    boxes = page.execute_script(_BOXES)
    assert [title for title, *_ in boxes] == pictures
    width = page.execute_script("return window.innerWidth")
    assert all(wide >= 150 and tall >= 200 and marks >= 1 for _, wide, tall, marks in boxes), boxes
    # parallel axes are as far from each other as their names need
    assert {title: wide for title, wide, *_ in boxes}["Parallel coordinates"] >= 900
    # what is too wide for a screen moves sideways by itself, and the page stays
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert page.execute_script("return window.broken === undefined")
    assert page.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [page.current_url]
