"""A callback that raises an error of its own ends a run in one line that names it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from tests.registry.installation import HEAD, Installation

HOOKS = (
    HEAD
    + """
@hookimpl
def layerkit_callbacks():
    return [Component("bad", target="{package}.bad:Bad", summary="Raises.")]
"""
)
BAD = """
from layerkit import Callback

class Bad(Callback):
    def {event}(this, fit, *more):
        helper({error})

    def state(self):
        return {{"kept": {state}}}

def helper(error):
    if error is not None:
        raise error
"""
SMALL = ("run", "digits", "--layers", "10", "--epochs", "1", "--quiet", "--callback", "acme/bad")


@pytest.mark.parametrize("event", ["fit_started", "progress", "epoch_ended", "fit_ended"])
@pytest.mark.parametrize("error", ["ZeroDivisionError('no')", "FileNotFoundError(2, 'no', 'there')"])
def test_its_name_is_told(installation: Installation, layerkit: Command, event: str, error: str) -> None:
    installation.add("acme-layers", hooks=HOOKS, bad=BAD.format(event=event, error=error, state="1"))
    result = layerkit(*SMALL)
    assert result.code == 1
    assert f"Error: the callback Bad.{event} raised {error.partition('(')[0]}" in result.err
    assert "acme_layers/bad.py, line" in result.err
    assert "Traceback" not in result.err


def test_a_state_that_no_file_holds_names_it(installation: Installation, layerkit: Command) -> None:
    installation.add("acme-layers", hooks=HOOKS, bad=BAD.format(event="progress", error="None", state="{1, 2}"))
    result = layerkit(*SMALL, "--checkpoint", str(installation.folder / "run"))
    assert result.code == 2
    assert "Error: Bad: what Bad.state() gives cannot be written to a checkpoint: a file holds" in result.err
