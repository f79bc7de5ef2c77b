"""Everything that is written, to every kind of target: links followed, modes kept, nothing destroyed, nothing left."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import Callback, Checkpoint, CsvLog, Dense, GradientDescent, JsonLines, Quadratic, Sequential, Trainer
from layerkit.atomic import require_writable, write_atomically
from layerkit.cli.json_report import write_json
from layerkit.data.download import _place
from layerkit.errors import LayerkitError

X, Y = np.linspace(0, 1, 20)[:, None], np.linspace(1, 0, 20)[:, None]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="devices, pipes and descriptors are as Linux has them")


def trainer() -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)


def by(callback: Callable[[Path], Callback]) -> Callable[[Path], Any]:
    return lambda path: trainer().fit((X, Y), epochs=1, callbacks=[callback(path)])


def save_checkpoint(path: Path) -> None:
    one = trainer()
    one.fit((X, Y), epochs=1)
    layerkit.save_checkpoint(one, path)


WRITERS: dict[str, Callable[[Path], Any]] = {
    "model": lambda path: layerkit.save(Sequential([Dense(1)]).initialize(1, seed=0), path),
    "checkpoint": save_checkpoint,
    "Checkpoint": by(Checkpoint),
    "CsvLog": by(CsvLog),
    "JsonLines": by(JsonLines),
    "report": lambda path: write_json(path, {"report": "of a run"}),
    "download": lambda path: _place(b"contents", path),
    "bytes": lambda path: write_atomically(path, [b"con", b"tents"]),
}
FILES_ONLY = {"model", "checkpoint", "Checkpoint"}
"""A model is read again by its path, so it goes into files only."""


@pytest.fixture(params=sorted(WRITERS))
def writer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_new_file_and_an_existing_one(writer: str, tmp_path: Path) -> None:
    path = tmp_path / "out.safetensors"
    WRITERS[writer](path)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    first = path.stat().st_size
    path.chmod(0o600)
    WRITERS[writer](path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size > 0 < first
    assert names(tmp_path) == ["out.safetensors"]


@pytest.mark.parametrize("links", [1, 2])
@pytest.mark.parametrize("exists", [True, False])
def test_links_stay_and_what_they_point_to_is_written(writer: str, links: int, exists: bool, tmp_path: Path) -> None:
    target = tmp_path / "there" / "target.safetensors"
    target.parent.mkdir()
    if exists:
        # each takes the place of its own kind alone
        WRITERS[writer](target)
        target.chmod(0o640)
    link = target
    for number in range(links):
        previous, link = link, tmp_path / f"{number}.safetensors"
        link.symlink_to(os.path.relpath(previous, tmp_path))
    WRITERS[writer](link)
    assert link.is_symlink()
    assert target.stat().st_size > 3
    assert not exists or stat.S_IMODE(target.stat().st_mode) == 0o640
    assert names(target.parent) == ["target.safetensors"]


def received(open_reader: Callable[[], int], write: Callable[[], Any]) -> bytes:
    found: list[bytes] = []

    def read() -> None:
        with os.fdopen(open_reader(), "rb") as reader:
            found.append(reader.read())

    thread = threading.Thread(target=read)
    thread.start()
    write()
    thread.join(10)
    return b"".join(found)


def test_a_pipe_with_a_name_stays_one(writer: str, tmp_path: Path) -> None:
    path = tmp_path / "pipe.safetensors"
    os.mkfifo(path)
    if writer in FILES_ONLY:
        with pytest.raises(LayerkitError, match="a folder or a device"):
            WRITERS[writer](path)
    else:
        assert received(lambda: os.open(path, os.O_RDONLY), lambda: WRITERS[writer](path))
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == ["pipe.safetensors"]


@pytest.mark.parametrize("form", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_process_substitution(writer: str, form: str) -> None:
    reading, writing = os.pipe()
    path = Path(form.format(writing))
    if writer in FILES_ONLY:
        with pytest.raises(LayerkitError):
            WRITERS[writer](path)
        os.close(writing)
        os.close(reading)
        return

    def write() -> None:
        WRITERS[writer](path)
        os.close(writing)

    assert received(lambda: reading, write)


def test_a_device_stays_one(writer: str, tmp_path: Path) -> None:
    path = tmp_path / "null.safetensors"
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        path.open("wb").close()
    except OSError:
        pytest.skip("a device can be made by root alone, where the file system allows it")
    if writer in FILES_ONLY:
        with pytest.raises(LayerkitError, match="a folder or a device"):
            WRITERS[writer](path)
    else:
        WRITERS[writer](path)
    assert stat.S_ISCHR(path.stat().st_mode)


@pytest.mark.parametrize(
    "name",
    [
        "folder",
        "none/out.safetensors",
        "zero\0byte.safetensors",
        f"{'n' * 256}.safetensors",
        f"{'é' * 128}.safetensors",
        "half\ud83d.safetensors",
        f"{'deep/' * 1000}out.safetensors",
    ],
    ids=["folder", "nowhere", "zero byte", "256 bytes", "256 bytes in 128 signs", "half a sign", "4,096 bytes"],
)
def test_names_that_no_file_can_have_are_one_error(writer: str, name: str, tmp_path: Path) -> None:
    if writer == "download" and name.startswith(("none", "deep")):
        pytest.skip("a download makes its folder")
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    if name == "folder" and writer == "Checkpoint":
        path = path.rename(tmp_path / "folder.safetensors")
    with pytest.raises(OSError if writer == "bytes" else LayerkitError):
        WRITERS[writer](path)
    with pytest.raises(OSError, match=r"."):
        require_writable(path)
    assert len(names(tmp_path)) == 1


@pytest.mark.parametrize("name", [f"{'n' * 243}.safetensors"[:255], os.fsdecode(b"not utf-8 \xff\xfe.safetensors")])
def test_names_that_a_file_can_have(writer: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    try:
        path.touch()
        path.unlink()
    except OSError:
        pytest.skip("this file system takes no such name")
    WRITERS[writer](path)
    assert names(tmp_path) == [name]
    assert path.stat().st_size


@pytest.mark.parametrize("log", [CsvLog, JsonLines])
def test_a_log_on_standard_output_replaces_nothing(log: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    descriptor = os.dup(1)
    with out.open("w") as file:
        os.dup2(file.fileno(), 1)
        try:
            os.write(1, b"printed before\n")
            by(log)(Path("/dev/fd/1"))
            os.write(1, b"printed after\n")
        finally:
            os.dup2(descriptor, 1)
            os.close(descriptor)
    lines = out.read_text().splitlines()
    assert lines[0] == "printed before"
    assert lines[-1] == "printed after"
    assert "cost" in out.read_text()
