"""A plugin that changes layerkit while it is imported is told wherever it is loaded, on one line."""

from __future__ import annotations

import sys

import pytest

from layerkit.schedules.constant import ConstantRate
from tests.cli.conftest import Command
from tests.registry.installation import HOOKS, RAMP, Installation

MEDDLING = "from layerkit import ConstantRate\nConstantRate.rate = lambda self, step, ctx: 99.0\n"
REPLACED = "it replaced parts of layerkit: layerkit.schedules.constant.ConstantRate.rate"


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConstantRate, "rate", ConstantRate.rate)


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("hooks", ("list", "schedules")),
        ("hooks", ("show", "acme/ramp")),
        ("ramp", ("show", "acme/ramp")),
        ("ramp", ("plugins", "check", "acme")),
    ],
)
def test_it_is_told_on_standard_error(
    installation: Installation, layerkit: Command, place: str, arguments: tuple[str, ...]
) -> None:
    installation.add("acme-layers", **{place: MEDDLING + (HOOKS if place == "hooks" else RAMP)})
    result = layerkit(*arguments)
    told = [line for line in result.err.splitlines() if line.startswith("Warning: ")]
    assert len(told) == 1
    assert REPLACED in told[0]
    assert "acme-layers 1.2" in told[0]
    assert "LAYERKIT_PLUGINS_DENY" in told[0]


def test_a_run_tells_it(installation: Installation, layerkit: Command) -> None:
    installation.add("acme-layers", ramp=MEDDLING + RAMP)
    experiment = installation.folder / "run.toml"
    experiment.write_text(
        """
        layers = [{component = "dense", units = 10}]
        cost = "cross-entropy"
        [dataset]
        component = "digits"
        [optimizer]
        component = "gradient-descent"
        learning_rate = {component = "acme/ramp", slope = 0.0, start = 0.1}
        [training]
        epochs = 1
        """
    )
    assert REPLACED in layerkit("run", str(experiment), "--quiet").err


def test_reports_name_it_once(installation: Installation, layerkit: Command) -> None:
    installation.add("acme-layers", hooks=MEDDLING + HOOKS)
    for arguments in (("plugins", "doctor"), ("plugins", "show", "acme")):
        result = layerkit(*arguments)
        ConstantRate.rate = lambda self, step, ctx: 1.0  # type: ignore[method-assign]
        for module in installation.imported():
            del sys.modules[module]
        assert result.out.count("it replaced parts of") == 1
        assert result.err == ""


def test_a_filter_that_makes_it_an_error_ends_the_command_in_a_line(
    installation: Installation, layerkit: Command
) -> None:
    seizing = "import warnings\nwarnings.simplefilter('error')\n"
    installation.add("acme-layers", hooks=seizing + MEDDLING + HOOKS)
    result = layerkit("list", "schedules")
    assert result.code == 1
    assert result.err.startswith("Error: plugin acme (acme-layers 1.2) gave a warning")
