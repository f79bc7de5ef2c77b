from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from layerkit import (
    Adam,
    CrossEntropy,
    Dense,
    Diagnosis,
    Digits,
    Flatten,
    LayerStatistics,
    Rescale,
    Sequential,
    Sigmoid,
)
from layerkit.data.examples import Examples
from layerkit.experiments import Experiment, Session
from layerkit.interfaces.dataset import Dataset

HOSTILE = (
    "<script>window.broken = 1</script>",
    '"><img src="http://192.0.2.1/x.png" onerror="window.broken = 1">',
    "]]></text></svg><script>window.broken = 1</script>",
    "' onmouseover='window.broken = 1",
    "{{ 7 * 7 }} {% raise %}",
    "$\\frac{",
    "Größe 猫 \N{RIGHT-TO-LEFT OVERRIDE}",
    "a" * 200,
    "&lt;b&gt;",
    "plain",
)
"""Names of classes that a page could stumble over."""


class HostileDigits(Dataset):
    """The digits, under names that somebody chose to break a page."""

    splits = ("train", "test")

    def load(self, split: str) -> Examples:
        found = Digits().load(split)
        return Examples(found.x, found.y, classes=HOSTILE)


def hostile_experiment(**changes: Any) -> Experiment:
    settings: dict[str, Any] = {
        "name": 'a "run" of <b>digits</b>',
        "dataset": HostileDigits(),
        "layers": [Flatten(), Rescale(1 / 16), Dense(12, activation=Sigmoid()), Dense(10)],
        "cost": CrossEntropy(),
        "optimizer": Adam(0.01),
        "callbacks": [LayerStatistics(), Diagnosis()],
        "epochs": 4,
        "summary": "<i>summary</i> & more",
    }
    return Experiment(**{**settings, **changes})


@pytest.fixture
def session() -> Session:
    """A classifier of hostile names, trained a little."""
    session = Session(hostile_experiment())
    session.fit()
    return session


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's chromium without a window; the test is skipped where there is none."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no chromium with its chromedriver here: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    flags = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # chromium refuses to run as root in its sandbox
        flags.append("--no-sandbox")
    for flag in flags:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    running = webdriver.Chrome(options=options, service=service)
    yield running
    running.quit()


Resize = Callable[[int], None]


def model_of(shape: tuple[int, ...]) -> Sequential:
    return Sequential([Flatten(), Dense(3)]).initialize(shape, seed=0)
