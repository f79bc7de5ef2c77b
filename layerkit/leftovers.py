"""Names of temporary files and folders that say whose they are, and the removal of those whose writer is dead."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import socket
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_FOREIGN_SECONDS = 24 * 3600
"""A temporary file of another machine (on a shared disk, or from before a reboot) is taken for dead after this."""

_NAME_BYTES = 120
_PROCESS = r"([0-9a-f]{12}-\d+-\d+)"


def temporary_name(name: str) -> str:
    """A name for the new content of the file ``name`` that no other writer takes: it says which process writes."""
    return f".{_stem(name)}.{this_process()}-{secrets.token_hex(4)}.part"


def this_process() -> str:
    """A name of this process that no other has had or will have: machine, number, beginning."""
    return f"{_machine()}-{os.getpid()}-{_start_of(os.getpid())}"


def has_ended(process: str) -> bool | None:
    """Whether the process of such a name has ended; None where this machine cannot know."""
    machine, _, rest = process.partition("-")
    number, _, start = rest.partition("-")
    if machine != _machine() or os.name == "nt":
        # on Windows there is no asking after a process without ending it
        return None
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    # the process number may have been given to another since
    return _start_of(int(number)) != start


def sweep(target: Path) -> None:
    """Remove what dead processes left behind when they wrote ``target``."""
    pattern = re.compile(re.escape(f".{_stem(target.name)}.") + _PROCESS + r"-[0-9a-f]{8}\.part")
    try:
        names = os.listdir(target.parent)
    except PermissionError:
        # a folder may be written to and not listed
        return
    for name in names:
        found = pattern.fullmatch(name)
        if found is not None and _is_dead(target.parent / name, found[1]):
            with contextlib.suppress(OSError):
                os.unlink(target.parent / name)


def temporary_folder(kind: str) -> TemporaryDirectory[str]:
    """A folder for this process; those of its kind that dead processes left behind are removed."""
    beginning = f"layerkit-{kind}-"
    pattern = re.compile(re.escape(beginning) + _PROCESS + "-.*")
    with contextlib.suppress(OSError):
        for path in Path(gettempdir()).iterdir():
            found = pattern.fullmatch(path.name)
            if found is not None and _is_dead(path, found[1]):
                shutil.rmtree(path, ignore_errors=True)
    return TemporaryDirectory(prefix=f"{beginning}{this_process()}-", ignore_cleanup_errors=True)


def _stem(name: str) -> str:
    """The name itself, shortened where the longer one might be too long for the file system."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= _NAME_BYTES else hashlib.sha256(encoded).hexdigest()[:32]


def _is_dead(path: Path, writer: str) -> bool:
    ended = has_ended(writer)
    if ended is None:
        try:
            return time.time() - path.stat().st_mtime > _FOREIGN_SECONDS
        except OSError:
            return False
    return ended


def _start_of(process: int) -> str:
    """When a process began, in the kernel's own count; "0" where the system does not tell."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return "0"
    # the second field is the program's name in brackets, which may hold anything
    return text.rpartition(")")[2].split()[19]


@cache
def _machine() -> str:
    """This machine since it was started, and this space of process numbers within it."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]
