"""A PostgreSQL server for a test: in a folder, on loopback, ended with the test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new database; the test is skipped where PostgreSQL or its driver is not installed."""
    pytest.importorskip("psycopg")
    found = [*sorted(glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True), shutil.which("initdb")][0]
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    programs = Path(found).parent
    as_other: dict[str, Any] = {}
    folder = Path(mkdtemp(prefix="layerkit-postgresql-"))
    if os.geteuid() == 0:
        # the server refuses to be root's
        try:
            user = pwd.getpwnam("nobody")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no other user")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"

    def perform(program: str, *arguments: object) -> None:
        asked = [str(programs / program), "-D", str(data), *map(str, arguments)]
        environment = {**os.environ, "LC_ALL": "C", "HOME": str(folder)}
        with (folder / "said").open("ab") as said:
            done = subprocess.run(
                asked, cwd=folder, env=environment, stdout=said, stderr=said, timeout=120, check=False, **as_other
            )
        assert done.returncode == 0, (folder / "said").read_text()

    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    try:
        perform("initdb", "--username", "tester", "--auth", "trust", "--encoding", "UTF8")
        perform("pg_ctl", "--wait", "--log", folder / "log", "--options", options, "start")
        try:
            yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        finally:
            perform("pg_ctl", "--wait", "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
