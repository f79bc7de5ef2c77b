"""What runs measured, out of the files that they wrote."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from layerkit.errors import DatasetError

_LARGEST = 2**26
"""A file of more bytes is taken for no record of a run."""


def read_runs(paths: Sequence[Path]) -> dict[str, list[list[dict[str, Any]]]]:
    """The epochs of each run, by a name; runs of an experiment that differ in their seeds alone are under one.

    Raises:
        DatasetError: a file cannot be read, or holds no run.
    """
    groups: dict[str, tuple[str, list[Path], list[list[dict[str, Any]]]]] = {}
    for path in paths:
        report, records = _read(path)
        settings = {name: value for name, value in report.get("settings", {}).items() if name != "seed"}
        key = json.dumps(settings, sort_keys=True) if settings else os.fspath(path)
        name = str(report.get("experiment") or path.stem)
        _, files, runs = groups.setdefault(key, (name, [], []))
        files.append(path)
        runs.append(records)
    names = [name for name, _, _ in groups.values()]
    found = {}
    for name, files, runs in groups.values():
        told = name if names.count(name) == 1 else os.fspath(files[0])
        found[f"{told}, {len(runs)} runs" if len(runs) > 1 else told] = runs
    return found


def read_records(path: Path) -> list[dict[str, Any]]:
    """The records of a log, or of a report.

    Raises:
        DatasetError: it cannot be read, or holds none.
    """
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A report, empty where the file is a log, and its records."""
    ending = path.suffix.lower()
    if ending not in (".json", ".jsonl", ".csv"):
        raise DatasetError(f"{path}: records of a run are .json (layerkit run --json), .jsonl or .csv")
    try:
        with open(path, "rb") as file:
            text = file.read(_LARGEST + 1).decode()
        if len(text) > _LARGEST:
            raise DatasetError(f"{path}: it is larger than {_LARGEST:,} bytes, so it is no record of a run")
        report, records = _parsed(text, ending)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError, csv.Error) as error:
        raise DatasetError(f"{path}: it holds no records of a run: {error}") from error
    if not isinstance(records, list) or not all(isinstance(each, dict) and "epoch" in each for each in records):
        raise DatasetError(
            f"{path}: it holds no records of a run: a list of epochs is wanted, as layerkit run --json has it"
        )
    if not records:
        raise DatasetError(f"{path}: the run has no epochs")
    for record in records:
        for name, value in record.items():
            if value is None:
                record[name] = float("nan")
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                raise DatasetError(f"{path}: records hold numbers, and {name!r} is {str(value)[:40]!r}")
    return report, records


def _parsed(text: str, ending: str) -> tuple[dict[str, Any], Any]:
    if ending == ".jsonl":
        return {}, [json.loads(line) for line in text.splitlines() if line.strip()]
    if ending == ".csv":
        rows = csv.DictReader(io.StringIO(text), strict=True)
        return {}, [{name: float(value) for name, value in row.items() if value not in ("", None)} for row in rows]
    read = json.loads(text)
    if isinstance(read, dict):
        settings = read.get("settings")
        return {**read, "settings": settings if isinstance(settings, dict) else {}}, read.get("epochs")
    return {}, read
