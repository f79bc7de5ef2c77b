"""How files of data are written, as options of the command line say it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, final

from layerkit.datasets.csv_file import CsvFile
from layerkit.datasets.idx_files import IdxFiles
from layerkit.errors import ArgumentError

OF_IDX = ("first_label", "label_column", "transposed")
KINDS_ONE = {
    "table": "a table",
    "idx": "an IDX file",
    "archive": "an .npz file",
    "images": "images",
    None: "a data set",
}
"""A file of each kind."""
_KINDS = {"table": "tables", "idx": "IDX files"}


@final
@dataclass(frozen=True, kw_only=True)
class FileForm:
    """How a file is written, where neither it nor the model tells: the options of the command line.

    The first five are of tables, the others of IDX files, as ``CsvFile`` and ``IdxFiles`` have them.
    """

    target: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    first_label: int = 0
    label_column: int | None = None
    transposed: bool = False

    def require_kind(self, kind: str | None, place: str) -> None:
        """Refuse options that say nothing of data of this kind.

        Raises:
            ArgumentError: one was given; the message names it.
        """
        for each in fields(self):
            wanted = "idx" if each.name in OF_IDX else "table"
            if kind != wanted and getattr(self, each.name) != each.default:
                raise ArgumentError(
                    f"--{each.name.replace('_', '-')} tells how {_KINDS[wanted]} are written, and {place} is "
                    f"{KINDS_ONE[kind]}"
                )


def file_form(**options: Any) -> FileForm:
    """What was typed, checked.

    Raises:
        ArgumentError: an option cannot be used.
    """
    if options["delimiter"] in ("tab", "\\t"):
        options["delimiter"] = "\t"
    given = {name: value for name, value in options.items() if value is not None}
    # the datasets of such files know what they take
    CsvFile("-", **{name: given[name] for name in ("delimiter", "decimal", "encoding") if name in given})
    IdxFiles("-", "-", **{name: given[name] for name in OF_IDX if name in given})
    return FileForm(**options)
