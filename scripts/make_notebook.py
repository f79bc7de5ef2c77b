"""Runs docs/notebook.ipynb anew, and keeps what its cells give. Needs nbformat, nbclient and ipykernel (dev-extras).

Run from the top of the tree: ``python scripts/make_notebook.py`` writes the page with new outputs; with ``--check`` it
only says whether it holds what its cells give, times and last digits left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "notebook.ipynb"
_TIMES = re.compile(r"seconds=[\d.e-]+|<td[^>]*>[^<]*</td></tr>")
"""Times: in a history's text, and in the last column of its table."""
_DECIMAL = re.compile(r"\d+\.\d+")


def executed(page: Path = PAGE) -> Any:
    """The notebook with what its cells give now, in an order and with ids that do not change."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(page, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
        cell.metadata = {}
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            output.metadata = {}
    return notebook


def shown(notebook: Any) -> list[list[tuple[str, str]]]:
    """What each cell shows, as text and as HTML, without what differs from run to run."""
    cells = []
    for cell in notebook.cells:
        found = []
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            found += [(kind, _steady("".join(data[kind]))) for kind in ("text/plain", "text/html") if kind in data]
        cells.append(found)
    return cells


def _steady(text: str) -> str:
    # of a report in a frame, the versions and the processor differ from machine to machine
    if "srcdoc" in text:
        return "a report"
    # another processor may round the last digits otherwise
    rounded = _DECIMAL.sub(lambda number: f"{float(number[0]):.2f}", _TIMES.sub("", text))
    return " ".join(rounded.split())


def main() -> int:
    """Write the page, or compare it with ``--check``; the exit code."""
    import nbformat

    new = executed()
    if "--check" in sys.argv[1:]:
        same = shown(nbformat.read(PAGE, as_version=4)) == shown(new)
        if not same:
            print(
                f"{PAGE.name} does not hold what its cells give: run python scripts/make_notebook.py", file=sys.stderr
            )
        return 0 if same else 1
    PAGE.write_text(nbformat.writes(new) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
