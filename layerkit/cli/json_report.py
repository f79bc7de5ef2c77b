"""The results of a run for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from layerkit import __version__
from layerkit.atomic import require_writable, write_atomically
from layerkit.cli.text import finite
from layerkit.config.named import name_of
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.experiments.classification import Classification
from layerkit.experiments.experiment_file import settings_of
from layerkit.experiments.session import Session
from layerkit.registry.host import default_host
from layerkit.replacing import Recognizer, require_replaceable

_LARGEST = 2**26
"""A file of more bytes is taken for no report."""


def json_report(
    session: Session,
    measured: Mapping[str, Any],
    classification: Classification | None,
    *,
    findings: Sequence[Mapping[str, Any]],
    interrupted: bool,
) -> dict[str, Any]:
    """Settings, epochs, what was measured at the end, what was found of why it did not learn, and the versions."""
    host = default_host()
    settings = settings_of(session.experiment, host=host)
    report: dict[str, Any] = {
        "experiment": session.experiment.name,
        "settings": settings,
        "parameters": int(session.model.structure.parameters.size),
        "engine": name_of(session.engine, host),
        "blas_threads": session.history.blas_threads,
        "epochs": session.records(),
        **measured,
        "diagnosis": {"warnings": sorted(session.trainer.warned), "findings": findings},
        "interrupted": interrupted,
        "stop_reason": session.history.stop_reason,
        "versions": {
            "layerkit": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            **{
                entry.distribution: entry.version
                for name in sorted(set(_names(settings)) | {name_of(session.engine, host)})
                if "/" in name
                for entry in host.find_every(name)
            },
        },
    }
    if classification is not None:
        report["classes"] = list(classification.classes)
        report["confusion"] = classification.confusion.counts.tolist()
    return report


def check_writable(option: str, path: Path, *, replaces: Recognizer | None = None, kind: str = "JSON") -> None:
    """Refuse, before any training, a file that could not be written after it, or should not be.

    ``replaces`` tells files of the ``kind`` that is written, which may be replaced; files of JSON if left out.

    Raises:
        ArgumentError: the folder is missing or may not be written to, ``path`` is a folder, no file can be named so, or
            it holds something else.
    """
    try:
        require_replaceable(path, replaces or _is_json, kind)
        require_writable(path)
    except OSError as error:
        raise ArgumentError(f"{option}: {path} cannot be written: {error.strerror or error}") from error


def write_json(path: Path, report: Mapping[str, Any]) -> None:
    """Write the report, whole or not at all; links are followed, permissions kept, devices and pipes written to.

    Raises:
        LayerkitError: it cannot be written.
    """
    text = json.dumps(finite(report), indent=2, ensure_ascii=False) + "\n"
    try:
        # half of a character, out of a name of a file that is not UTF-8, is written as JSON has it
        write_atomically(path, [text.encode(errors="backslashreplace")])
    except OSError as error:
        raise LayerkitError(f"--json: {path} cannot be written: {error.strerror or error}") from error


def _is_json(file: BinaryIO) -> bool:
    try:
        json.loads(file.read(_LARGEST))
    except (ValueError, RecursionError):
        return False
    return True


def _names(value: Any) -> Iterator[str]:
    """The components that settings name."""
    inner: Any = ()
    if isinstance(value, dict):
        if isinstance(value.get("component"), str):
            yield value["component"]
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    for one in inner:
        yield from _names(one)
