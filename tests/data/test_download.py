from __future__ import annotations

import gzip
import hashlib
import os
import socket
import sys
from pathlib import Path

import pytest

from layerkit.data.download import RemoteFile, cache_folder, cached
from layerkit.errors import DatasetError
from tests.data.server import Answer, Server

CONTENTS = b"what was published\n" * 5_000
FILE = RemoteFile("numbers", len(CONTENTS), hashlib.sha256(CONTENTS).hexdigest())
ADVICE = "or ask a friend"


def fetch(folder: Path, *mirrors: str, progress: bool | None = None) -> Path:
    return cached(FILE, folder, mirrors=mirrors, advice=ADVICE, progress=progress)


def refusal(folder: Path, *mirrors: str) -> str:
    """What is said when no mirror gives the file; nothing may be left behind then."""
    with pytest.raises(DatasetError) as caught:
        fetch(folder, *mirrors)
    assert not list(folder.glob("*"))
    return str(caught.value)


def test_a_file_is_downloaded_once_and_kept_unpacked(server: Server, tmp_path: Path) -> None:
    server.answers["/a/numbers.gz"] = Answer(gzip.compress(CONTENTS))
    folder = tmp_path / "deep" / "cache"
    path = fetch(folder, f"{server.address}/a/")
    assert path.read_bytes() == CONTENTS
    assert [known.name for known in folder.iterdir()] == ["numbers"]
    assert fetch(folder, f"{server.address}/a/") == path
    assert server.asked == ["/a/numbers.gz"]


def test_the_wrapper_does_not_matter(server: Server, tmp_path: Path) -> None:
    server.answers["/numbers.gz"] = Answer(gzip.compress(CONTENTS, 1, mtime=12345))
    assert fetch(tmp_path, server.address).read_bytes() == CONTENTS


def test_a_server_may_unpack_what_it_sends(server: Server, tmp_path: Path) -> None:
    server.answers["/numbers.gz"] = Answer(gzip.compress(CONTENTS), headers={"Content-Encoding": "gzip"})
    assert fetch(tmp_path, server.address).read_bytes() == CONTENTS


def test_mirrors_are_tried_in_order_until_one_gives_the_right_contents(server: Server, tmp_path: Path) -> None:
    server.answers["/other/numbers.gz"] = Answer(gzip.compress(CONTENTS[:-1] + b"!"))
    server.answers["/good/numbers.gz"] = Answer(gzip.compress(CONTENTS))
    mirrors = [f"{server.address}/{name}" for name in ("missing", "other", "good", "never")]
    assert fetch(tmp_path, *mirrors).read_bytes() == CONTENTS
    assert server.asked == [f"/{name}/numbers.gz" for name in ("missing", "other", "good")]


def test_a_file_of_another_size_in_the_cache_is_downloaded_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_bytes(CONTENTS[:100])
    server.answers["/numbers.gz"] = Answer(gzip.compress(CONTENTS))
    assert fetch(tmp_path, server.address).read_bytes() == CONTENTS


def test_when_no_mirror_gives_the_file_each_is_told_with_its_failure(server: Server, tmp_path: Path) -> None:
    packed = gzip.compress(CONTENTS)
    failures = {
        "missing": (Answer(b"", 404), "404"),
        "broken": (Answer(b"", 500), "500"),
        "other": (Answer(gzip.compress(b"x" * len(CONTENTS))), "SHA-256 differs"),
        "corrupt": (Answer(packed[:20] + b"\xff" * 20 + packed[40:]), "corrupt"),
        "cut": (Answer(packed[:-20]), "SHA-256 differs"),
        "torn": (Answer(packed[:50], length=len(packed)), "IncompleteRead"),
        "endless": (Answer(os.urandom(1_000_000)), "sends more than"),
        "bomb": (Answer(gzip.compress(bytes(100_000_000))), "SHA-256 differs"),
    }
    server.answers.update({f"/{name}/numbers.gz": answer for name, (answer, _) in failures.items()})
    told = refusal(tmp_path, *(f"{server.address}/{name}" for name in failures)).splitlines()
    assert told[0] == "could not download numbers; tried"
    assert told[-1] == ADVICE
    for line, (name, (_, reason)) in zip(told[1:-1], failures.items(), strict=True):
        assert line.startswith(f"  {server.address}/{name}/numbers.gz: ")
        assert reason in line


def test_without_a_network_the_error_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pooch", reason='pooch is not installed: pip install "layerkit[download]"')
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    told = refusal(tmp_path, f"http://127.0.0.1:{port}/a", f"http://127.0.0.1:{port}/b")
    for name in ("a", "b"):
        assert f"http://127.0.0.1:{port}/{name}/numbers.gz: " in told
    assert told.count("Connection refused") == 2
    assert ADVICE in told


def test_without_pooch_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    told = refusal(tmp_path, "http://127.0.0.1:9")
    assert 'pip install "layerkit[download]"' in told
    assert ADVICE in told


def test_what_is_in_the_cache_needs_no_pooch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    (tmp_path / "numbers").write_bytes(CONTENTS)
    assert fetch(tmp_path, "http://127.0.0.1:9") == tmp_path / "numbers"


def test_a_folder_that_cannot_be_written_is_told(server: Server, tmp_path: Path) -> None:
    server.answers["/numbers.gz"] = Answer(gzip.compress(CONTENTS))
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"taken.numbers: the download cannot be kept there.*set LAYERKIT_CACHE"):
        fetch(tmp_path / "taken", server.address)


def test_a_bar_is_drawn_when_asked_for_and_otherwise_only_on_a_terminal(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers["/numbers.gz"] = Answer(gzip.compress(CONTENTS))
    fetch(tmp_path / "silent", server.address)
    assert capsys.readouterr() == ("", "")
    fetch(tmp_path / "shown", server.address, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "numbers" in err


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert cache_folder("mnist") == Path("/home/ada/.cache/layerkit/mnist")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/ada")
    assert cache_folder("mnist") == Path("/var/cache/ada/layerkit/mnist")
    monkeypatch.setenv("LAYERKIT_CACHE", "/srv/data")
    assert cache_folder("mnist") == Path("/srv/data/mnist")
