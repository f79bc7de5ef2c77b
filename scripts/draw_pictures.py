"""Draws the pictures of README.md and docs/pictures.md into docs/pictures, from the README's own run.

Run from the top of the tree: ``python scripts/draw_pictures.py``. It needs matplotlib.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from layerkit import ConfusionMatrix, plots

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"


def readme_run() -> dict[str, Any]:
    """What the README's first block of Python defines, after it has run."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    names: dict[str, Any] = {}
    exec(block.group(1), names)
    return names


def pictures() -> dict[str, Any]:
    """The Axes of each picture, by the name of its file."""
    run = readme_run()
    found = run["trainer"].evaluate(run["test"], metrics=[ConfusionMatrix()])["confusion"]
    return {
        "learning-curves.svg": plots.learning_curves(run["history"], metric="cost", ax=_axes(5, 3)),
        "confusion.svg": plots.confusion_matrix(found, ax=_axes(5, 4.5)),
    }


def _axes(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


if __name__ == "__main__":
    for name, ax in pictures().items():
        plots.save(ax, FOLDER / name)
