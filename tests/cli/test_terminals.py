"""What is printed arrives, on whatever terminal or none."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from layerkit.cli.main import main

COMMANDS = [("list",), ("show", "sigmoid"), ("examples",), ("plugins", "list"), ("--help",), ("run", "xor")]


def run(*arguments: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = f'exec "$0" -m layerkit "$@" {shell}'
    return subprocess.run(
        ["sh", "-c", command, sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_terminal_that_lacks_a_sign_shows_the_rest(arguments: tuple[str, ...], encoding: str) -> None:
    found = run(*arguments, PYTHONIOENCODING=encoding)
    assert (found.returncode, found.stderr.replace(b"\r", b"").count(b"Error")) == (0, 0)
    assert found.stdout


def test_json_is_exact_where_the_terminal_lacks_a_sign() -> None:
    exact = run("list", "activations", "--json", PYTHONIOENCODING="utf-8")
    narrow = run("list", "activations", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(narrow.stdout) == json.loads(exact.stdout.decode())


@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("run", "xor")], ids=" ".join)
def test_without_an_output_a_command_works_and_shows_nothing(arguments: tuple[str, ...]) -> None:
    found = run(*arguments, shell=">&- 2>&-")
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("run", "xor")], ids=" ".join)
def test_a_full_disk_under_the_output_is_one_error(arguments: tuple[str, ...]) -> None:
    found = run(*arguments, shell=">/dev/full")
    assert found.returncode == 1
    assert found.stderr.decode() == "Error: standard output cannot be written: No space left on device\n"


def _closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


class _OnlyWrites:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("stream", [lambda: None, _closed, _OnlyWrites], ids=["none", "closed", "no isatty"])
def test_any_stand_in_for_the_output_will_do(
    stream: Callable[[], object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    experiment = tmp_path / "quick.toml"
    experiment.write_text(
        'dataset = "digits"\ncost = "quadratic"\noptimizer = { component = "gradient-descent", learning_rate = 1.0 }\n'
        'layers = ["flatten", { component = "dense", units = 10 }]\ntraining = { epochs = 1, training_examples = 50 }\n'
    )
    out = stream()
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(SystemExit) as ended:
        main(["run", str(experiment)])
    assert ended.value.code == 0
    if isinstance(out, _OnlyWrites):
        assert "test cost" in out.text
