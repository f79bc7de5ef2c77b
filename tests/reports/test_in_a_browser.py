"""A report in a real browser: nothing fails, nothing leaves the page, all shows, and tables sort."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("tomlkit")

from layerkit.experiments import Session
from layerkit.reports import report_of_session
from tests.reports.conftest import HOSTILE

pytestmark = pytest.mark.extra

_DECODED = """
const done = arguments[0];
const sizes = [...document.querySelectorAll("svg image")].map((each) => {
  const image = new Image();
  image.src = each.href.baseVal;
  return image.decode().then(() => image.naturalWidth);
});
Promise.all(sizes).then(done, (error) => done(String(error)));
"""
_COLUMN = """
const [table, column] = arguments;
return [...table.tBodies[0].rows].map((row) => {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
});
"""


@pytest.fixture(params=[360, 1400])
def page(request: pytest.FixtureRequest, browser: Any, session: Session, tmp_path: Path) -> Any:
    """A report on the screen, of a phone and of a desk."""
    place = tmp_path / "<b>&'report.html"
    report_of_session(session, findings=[], command="layerkit run '<script>window.broken = 1</script>'").write(place)
    metrics = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": request.param < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(place.as_uri())
    return browser


def test_the_page_is_sound_and_stays_by_itself(page: Any) -> None:
    assert page.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    assert [url for url in asked if url.startswith("file://")] == [page.current_url]
    width = page.execute_script("return window.innerWidth")
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


def test_names_are_text_and_nothing_else(page: Any) -> None:
    assert page.execute_script("return window.broken === undefined")
    assert page.execute_script("return document.scripts.length") == 1
    assert page.execute_script("return document.querySelectorAll('img, b, i, [onmouseover], [onerror]').length") == 0
    cells = page.execute_script(
        "return [...document.querySelectorAll('td:first-child')].map((cell) => cell.textContent)"
    )
    assert set(HOSTILE) <= set(cells)
    assert page.find_element("tag name", "h1").text == 'a "run" of <b>digits</b>'


def test_what_is_put_in_later_is_not_run(page: Any) -> None:
    page.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.broken = 1';"
        "document.body.append(script);"
        "const image = document.createElement('img'); image.src = 'http://192.0.2.1/x.png';"
        "document.body.append(image);"
    )
    assert page.execute_script("return window.broken === undefined")
    told = [entry["message"] for entry in page.get_log("browser")]
    assert len([each for each in told if "Content Security Policy" in each]) == 2, told


def test_every_picture_shows(page: Any) -> None:
    boxes = page.execute_script(
        "return [...document.querySelectorAll('figure svg')].map((svg) => {"
        "const box = svg.getBoundingClientRect(); return [box.width, box.height, box.right]; })"
    )
    assert len(boxes) >= 5
    width = page.execute_script("return window.innerWidth")
    assert all(100 <= wide <= width and tall >= 80 and right <= width for wide, tall, right in boxes), boxes
    decoded = page.execute_async_script(_DECODED)
    assert isinstance(decoded, list), decoded
    assert decoded
    assert all(size > 0 for size in decoded)


def test_every_column_sorts_both_ways(page: Any) -> None:
    tables = page.find_elements("tag name", "table")
    assert len(tables) >= 4
    for table in tables:
        for column, head in enumerate(table.find_elements("css selector", "th")):
            button = head.find_element("tag name", "button")
            orders = []
            for direction in ("ascending", "descending"):
                page.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", button)
                button.click()
                assert head.get_attribute("aria-sort") == direction
                orders.append(page.execute_script(_COLUMN, table, column))
            up, down = ([value for value in order if not isinstance(value, str)] for order in orders)
            assert up == sorted(up)
            assert down == sorted(up, reverse=True)
            assert sorted(map(str, orders[0])) == sorted(map(str, orders[1]))


def test_pictures_take_the_colours_of_the_page(page: Any) -> None:
    shades = []
    for scheme in ("light", "dark"):
        page.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        shades.append(
            page.execute_script(
                "return [getComputedStyle(document.body).color,"
                "getComputedStyle([...document.querySelectorAll('figure svg text')].at(0)).fill]"
            )
        )
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert shades[0] != shades[1]
    assert all(text == ink for text, ink in shades), shades
