"""What is printed arrives, on whatever terminal or none."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import layerkit
from layerkit import CrossEntropy, Dense, Schema, Sequential
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


@pytest.mark.parametrize(
    ("arguments", "encoding"),
    [*((command, "ascii") for command in COMMANDS), (COMMANDS[0], "cp1252"), (COMMANDS[-1], "cp437")],
    ids=str,
)
def test_a_terminal_that_lacks_a_sign_shows_the_rest(arguments: tuple[str, ...], encoding: str) -> None:
    found = run(*arguments, PYTHONIOENCODING=encoding)
    assert (found.returncode, found.stderr.replace(b"\r", b"").count(b"Error")) == (0, 0)
    assert found.stdout


def test_json_is_exact_where_the_terminal_lacks_a_sign() -> None:
    exact = run("list", "activations", "--json", PYTHONIOENCODING="utf-8")
    narrow = run("list", "activations", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(narrow.stdout) == json.loads(exact.stdout.decode())


CLOSED = "Error: standard output cannot be written: it is closed\n"


@pytest.mark.parametrize("shell", [">&-", ">&- 2>&-"])
@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"), ("show", "relu"), ("--help",)], ids=" ".join)
def test_what_was_asked_for_and_cannot_be_shown_is_one_error(arguments: tuple[str, ...], shell: str) -> None:
    found = run(*arguments, shell=shell)
    assert (found.returncode, found.stdout, found.stderr.decode()) == (1, b"", CLOSED * (shell == ">&-"))


@pytest.mark.parametrize("shell", [">&-", ">&- 2>&-"])
def test_a_run_goes_on_without_an_output(shell: str, tmp_path: Path) -> None:
    found = run("run", "digits", "--epochs", "1", "--save", str(tmp_path / "m.safetensors"), shell=shell)
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
    assert (tmp_path / "m.safetensors").exists()


def read_by(reader: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A command whose output goes to a reader that leaves; the exit code is the command's own."""
    command = f'set -o pipefail; "$0" -m layerkit "$@" | {reader}; exit "${{PIPESTATUS[0]}}"'
    return subprocess.run(["bash", "-c", command, sys.executable, *arguments], capture_output=True, check=False)


@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_run_goes_on_when_its_reader_has_gone(reader: str, tmp_path: Path) -> None:
    model, log = tmp_path / "m.safetensors", tmp_path / "log.jsonl"
    run_of = ("run", "digits", "--epochs", "3", "--save", str(model))
    log_of = f'{{component = "json-lines", path = "{log}"}}'
    found = read_by(reader, *run_of, "--callback", '{component = "json-lines", path = "/dev/stdout"}')
    assert (found.returncode, found.stderr, found.stdout.count(b"\n")) == (0, b"", reader == "head -1")
    found = read_by(reader, *run_of, "--callback", log_of)
    assert (found.returncode, found.stderr, model.exists()) == (0, b"", True)
    assert log.read_text().count("\n") == 3


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"), ("--help",), ("--version",)], ids=" ".join)
def test_what_nobody_reads_any_more_is_no_error(arguments: tuple[str, ...]) -> None:
    found = read_by("true", *arguments)
    assert (found.returncode, found.stderr) == (0, b"")


def test_warnings_and_predictions_that_nobody_reads_end_nothing(kinds: tuple[str, str], tmp_path: Path) -> None:
    assert read_by("true", "predict", *kinds).stderr == b""
    model = tmp_path / "m.safetensors"
    command = '"$0" -m layerkit run digits --epochs 2 --eta 5 --save "$1" 2>&1 | true; exit "${PIPESTATUS[0]}"'
    done = subprocess.run(["bash", "-c", command, sys.executable, str(model)], check=False)
    assert (done.returncode, model.exists()) == (0, True)


def test_predictions_are_not_lost_without_an_output(tmp_path: Path) -> None:
    model, rows = tmp_path / "m.safetensors", tmp_path / "x.npz"
    layerkit.save(Sequential([Dense(1)]).initialize(2, seed=0), model)
    np.savez(rows, x=np.ones((3, 2)))
    lost = run("predict", str(model), str(rows), shell=">&-")
    assert (lost.returncode, lost.stderr.decode()) == (1, CLOSED)
    kept = run("predict", str(model), str(rows), "-o", str(tmp_path / "p.csv"), shell=">&-")
    assert (kept.returncode, kept.stderr) == (0, b"")
    assert (tmp_path / "p.csv").read_text().count("\n") == 4


@pytest.fixture
def kinds(tmp_path: Path) -> tuple[str, str]:
    """A model of classes in signs that few encodings have, and a table for it."""
    model = Sequential([Dense(2)]).initialize(1, seed=0)
    model.parameters["0.weight"][...] = [[-1, 1]]
    model.schema = Schema(columns=("größe",), classes=("猫", "犬"))
    path, table = tmp_path / "kinds.safetensors", tmp_path / "rows.csv"
    layerkit.save(model, path, cost=CrossEntropy())
    table.write_text("größe,kind\n1,猫\n-1,犬\n", encoding="utf-8")
    return str(path), str(table)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp932", "utf-16", "utf-8"])
def test_predictions_that_are_piped_are_the_bytes_of_a_file(kinds: tuple[str, str], encoding: str) -> None:
    piped = run("predict", *kinds, "--classes", PYTHONIOENCODING=encoding)
    assert (piped.returncode, piped.stdout.decode("utf-8")) == (0, "class\n犬\n猫\n")
    assert run("predict", *kinds, "--classes", "-o", f"{kinds[0]}.csv").returncode == 0
    assert Path(f"{kinds[0]}.csv").read_bytes() == piped.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_names_every_class_in_whatever_encoding(kinds: tuple[str, str], encoding: str) -> None:
    found = run("inspect", kinds[0], "--json", PYTHONIOENCODING=encoding)
    assert json.loads(found.stdout.decode(encoding))["model"]["schema"]["classes"] == ["猫", "犬"]


def test_predictions_on_a_terminal_are_text_for_it(kinds: tuple[str, str]) -> None:
    shown = in_a_terminal(80, "predict", *kinds, "--classes", PYTHONIOENCODING="ascii")
    assert shown == "class\n?\n?\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("run", "xor")], ids=" ".join)
def test_a_full_disk_under_the_output_is_one_error(arguments: tuple[str, ...]) -> None:
    found = run(*arguments, shell=">/dev/full")
    assert found.returncode == 1
    assert found.stderr.decode() == "Error: standard output cannot be written: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_predictions_on_a_full_disk_are_one_error(kinds: tuple[str, str]) -> None:
    found = run("predict", *kinds, "--classes", shell=">/dev/full")
    assert (found.returncode, found.stderr.decode().count("\n")) == (1, 1)
    assert found.stderr.decode() == "Error: standard output cannot be written: No space left on device\n"


def in_a_terminal(columns: int, *arguments: str, **variables: str) -> str:
    """What a terminal of this width shows of a command, both streams."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    program = subprocess.Popen(
        [sys.executable, "-m", "layerkit", *arguments],
        stdin=writer,
        stdout=writer,
        stderr=writer,
        env={**environment, "TERM": "xterm", **variables},
    )
    os.close(writer)
    pieces = []
    try:
        while piece := os.read(reader, 4096):
            pieces.append(piece)
    except OSError:
        # how Linux tells that the other end is closed
        pass
    os.close(reader)
    program.wait()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(pieces).decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [50, 80])
@pytest.mark.parametrize("arguments", [("list",), ("run", "no-such-example-anywhere-in-the-world")], ids=" ".join)
def test_lists_and_errors_are_wrapped_at_words(arguments: tuple[str, ...], columns: int) -> None:
    narrow = in_a_terminal(columns, *arguments)
    assert max(map(len, narrow.splitlines())) <= columns
    assert narrow.split() == in_a_terminal(1000, *arguments).split()


def test_an_epoch_is_shown_whole_however_narrow_the_terminal(tmp_path: Path) -> None:
    np.savez(tmp_path / "rows.npz", x=np.ones((50, 4)), y=np.eye(2)[np.arange(50) % 2])
    experiment = tmp_path / "measured.toml"
    experiment.write_text(
        'dataset = { component = "npz", path = "rows.npz" }\ncost = "quadratic"\noptimizer = "adam"\n'
        'layers = [{ component = "dense", units = 2, activation = "sigmoid" }]\n'
        'metrics = ["accuracy", "mean-squared-error"]\ntraining = { epochs = 1 }\n'
    )
    shown = in_a_terminal(40, "run", str(experiment))
    assert re.search(r"\r +1 +0\.\d{5} +60\.00 % +0\.\d{5} +0\.\d{3}\n", shown)


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
