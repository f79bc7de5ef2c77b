"""Writing whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reliability.process import exit_code, forked
from layerkit.atomic import not_written, write_atomically
from layerkit.leftovers import temporary_name


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", [b"one", memoryview(b"two")])
        (tmp_path / "other").write_bytes(b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").read_bytes() == b"onetwo"
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert names(tmp_path) == ["file", "other"]


def test_an_existing_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o604)
    write_atomically(path, [b"new"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_others_stays_theirs(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 1000, 1001)
    path.chmod(0o6640)
    write_atomically(path, [b"new"])
    now = path.stat()
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (1000, 1001, 0o640)


def test_where_a_file_cannot_be_given_away_it_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o4755)
    monkeypatch.setattr(os, "fchown", refused)
    write_atomically(path, [b"new"])
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_a_symbolic_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "file")
    for content in (b"one", b"two"):
        write_atomically(tmp_path / "link", [content])
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "there" / "file").read_bytes() == content
    assert names(tmp_path / "there") == ["file"]


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, [b"x"])
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "nothing" / "file", [b"x"])
    folder = tmp_path / "nothing"
    assert not_written("here", caught.value) == f"here could not be written: there is no folder {folder}"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    read: list[bytes] = []
    for path in (pipe, tmp_path / "link"):
        reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
        reader.start()
        write_atomically(path, [b"one", b"two"])
        reader.join()
    assert read == [b"onetwo", b"onetwo"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["link", "pipe"]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there are no devices here")
def test_a_device_is_written_to() -> None:
    write_atomically("/dev/null", [b"x"])
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="standard output has no name here")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "link"])
@pytest.mark.parametrize("into_file", [True, False])
def test_standard_output_goes_on_where_it_is(name: str, into_file: bool, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    code = f"""
from layerkit.atomic import write_atomically
print("before")
write_atomically({name!r}, [b"content", b"\\n"])
print("after")
"""
    out = tmp_path / "out"
    with out.open("wb") as file:
        target = file if into_file else subprocess.PIPE
        # as people run it: what is printed waits in a buffer
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        done = subprocess.run([sys.executable, "-c", code], stdout=target, cwd=tmp_path, env=environment, check=True)
    written = out.read_bytes() if into_file else done.stdout
    assert written == b"before\ncontent\nafter\n"
    assert names(tmp_path) == ["link", "out"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_when_the_disk_fails_the_old_file_stays(
    call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fails(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(OSError, match=re.escape(os.strerror(code))) as caught:
        write_atomically(path, [b"new"])
    monkeypatch.undo()
    reason = f"could not be written: {os.strerror(code)}; the file that was there is as it was"
    assert not_written(path, caught.value) == f"{path} {reason}"
    assert names(tmp_path) == ["file"]
    assert path.read_bytes() == b"old"


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Any:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", chunks())
    assert names(tmp_path) == []


def test_everything_is_on_the_disk_before_the_name_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = {name: getattr(os, name) for name in ("write", "fsync", "replace")}

    def noted(name: str) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            calls.append(name)
            return real[name](*given)

        return call

    for name in real:
        monkeypatch.setattr(os, name, noted(name))
    write_atomically(tmp_path / "file", [b"x", b"y"])
    assert calls == ["write", "write", "fsync", "replace", "fsync"]


def test_leftovers_of_dead_processes_are_swept_and_those_of_the_living_stay(tmp_path: Path) -> None:
    def leave(_: int) -> None:
        (tmp_path / temporary_name("file")).write_bytes(b"half")

    child, reading = forked(leave)
    os.close(reading)
    assert exit_code(child) == 0
    own = tmp_path / temporary_name("file")
    own.write_bytes(b"half")
    reused = tmp_path / own.name.replace(f"-{os.getpid()}-", "-1-")
    reused.write_bytes(b"half: its number is another process's now")
    foreign = tmp_path / f".file.{'0' * 12}-1-1-{'0' * 8}.part"
    foreign.write_bytes(b"another machine's")
    other = tmp_path / ".other.part"
    other.write_bytes(b"somebody's")
    write_atomically(tmp_path / "file", [b"x"])
    assert names(tmp_path) == sorted(["file", own.name, foreign.name, other.name])
    day = time.time() - 2 * 24 * 3600
    os.utime(foreign, (day, day))
    write_atomically(tmp_path / "file", [b"x"])
    assert names(tmp_path) == sorted(["file", own.name, other.name])


def test_names_that_are_as_long_as_the_system_allows_can_be_written(tmp_path: Path) -> None:
    name = "n" * 240 + ".safetensors"
    write_atomically(tmp_path / name, [b"x"])
    assert names(tmp_path) == [name]


def test_of_many_writers_one_wins_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = {bytes([number]) * 300_000 for number in range(4)}
    seen = set()

    def write(content: bytes) -> None:
        for _ in range(10):
            write_atomically(path, [content[:100_000], content[100_000:]])

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if path.exists():
            seen.add(path.read_bytes())
    for thread in threads:
        thread.join()
    seen.add(path.read_bytes())
    assert seen <= contents
    assert names(tmp_path) == ["file"]


def test_what_is_no_file_may_be_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with pytest.raises(OSError, match="only a file can be replaced"):
            write_atomically(path, [b"x"], files_only=True)
