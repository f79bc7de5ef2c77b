"""A dataset in a process of its own, where text has other hashes: does it connect, and what does it load?"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import subprocess
import sys
from typing import Any, final
from weakref import WeakKeyDictionary

from layerkit.interfaces.dataset import Dataset
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.sources import PARTS, first_batches
from layerkit.testing.subject import Subject

_CODE = """
import sys
importing = True
def refuse(event, arguments):
    if importing and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise SystemExit(f"network: {event} {arguments[1:2]}")
sys.path[:] = PATH
sys.addaudithook(refuse)
import importlib
module = importlib.import_module(MODULE)
importing = False
from layerkit.testing.rigs.another_process import told
told(module, NAME, ARGUMENTS)
"""
_MARK = "the splits hold "


@final
class Elsewhere:
    """What came of importing a dataset's module, and of loading it, in a process of its own."""

    def __init__(self, code: int, error: str, digests: dict[str, str]) -> None:
        self.code = code
        self.error = error
        self.digests = digests
        """For each split, what its first batches come to; empty where nothing was loaded."""


_known: WeakKeyDictionary[Subject, Elsewhere] = WeakKeyDictionary()


def elsewhere(subject: Subject) -> Elsewhere:
    """What the process of its own told; started once for a subject."""
    if subject not in _known:
        _known[subject] = _run(subject)
    return _known[subject]


def digests(dataset: Dataset) -> dict[str, str]:
    """For each split, what its first batches come to, bit for bit."""
    found = {}
    for split in dataset.splits:
        total = hashlib.sha256()
        for batch, _ in first_batches(dataset.load(split)):
            for name in PARTS:
                for array in parts(getattr(batch, name)):
                    total.update(f"{name} {array.dtype} {array.shape}".encode())
                    total.update(array.tobytes())
        found[split] = total.hexdigest()
    return found


def told(module: Any, name: str, arguments: str) -> None:
    """In the other process: print what the splits come to, unless the class cannot be found or made there."""
    try:
        target = getattr(module, name)
        found = digests(target(**pickle.loads(base64.b64decode(arguments))))
        sys.stdout.write(_MARK + json.dumps(found))
    except Exception:
        return  # what it raises, it raises here too, and other checks tell


def _run(subject: Subject) -> Elsewhere:
    module = subject.target.__module__
    try:
        arguments = base64.b64encode(pickle.dumps(dict(subject.case.arguments))).decode()
    except Exception:
        arguments = ""
    given = {"PATH": sys.path, "MODULE": module, "NAME": subject.target.__qualname__, "ARGUMENTS": arguments}
    code = _CODE
    for name, value in given.items():
        code = code.replace(name, repr(value))
    hashes = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": hashes},
        timeout=120,
    )
    line = next((line for line in run.stdout.splitlines() if line.startswith(_MARK)), _MARK + "{}")
    return Elsewhere(run.returncode, run.stderr, json.loads(line.removeprefix(_MARK)))
