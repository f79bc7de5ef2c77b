from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from layerkit.cli.main import main
from layerkit.plugin import default_host
from tests.registry.installation import Installation, installation_in


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Distributions for a test; of everything else that is installed, no plugin is let through."""
    default_host().components()
    monkeypatch.setenv("LAYERKIT_PLUGINS", "acme,other")
    monkeypatch.delenv("LAYERKIT_PLUGINS_DENY", raising=False)
    with installation_in(tmp_path) as installation:
        yield installation


@pytest.fixture
def layerkit(installation: Installation, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs ``layerkit`` with the given arguments, in this process and with a host of its own."""

    def run(*arguments: str) -> Result:
        default_host.cache_clear()
        with pytest.raises(SystemExit) as exited:
            main(list(arguments))
        out, err = capsys.readouterr()
        code = exited.value.code
        assert isinstance(code, int)
        return Result(code, out, err)

    yield run
    default_host.cache_clear()
