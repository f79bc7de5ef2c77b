"""How a download is placed: whole or not at all, through links, with nothing left beside it."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from layerkit.data.download import RemoteFile, cached
from layerkit.errors import DatasetError
from tests.data.server import Answer, Server

CONTENTS = b"published\n"
FILE = RemoteFile("numbers", len(CONTENTS), hashlib.sha256(CONTENTS).hexdigest())


@pytest.fixture
def mirror(server: Server) -> str:
    server.answers["/numbers.gz"] = Answer(gzip.compress(CONTENTS))
    return server.address


def test_a_link_in_the_cache_is_followed_and_permissions_stay(mirror: str, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"old")
    elsewhere.chmod(0o640)
    (tmp_path / "cache" / "numbers").symlink_to(elsewhere)
    path = cached(FILE, tmp_path / "cache", mirrors=[mirror], advice="")
    assert path.is_symlink()
    assert elsewhere.read_bytes() == CONTENTS
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640


def test_a_full_disk_is_told_and_leaves_nothing(mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatasetError, match=r"the download cannot be kept there: No space left.*LAYERKIT_CACHE"):
        cached(FILE, tmp_path, mirrors=[mirror], advice="")
    assert list(tmp_path.iterdir()) == []
