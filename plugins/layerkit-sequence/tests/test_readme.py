"""The README's Python runs, and does what the text says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


def test_the_code_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    accuracy, *shapes = capsys.readouterr().out.splitlines()
    assert float(accuracy) > 0.99
    assert shapes == ["(2, 2)", "(2, 2)", "(2, 7, 100)", "(2, 2)"]
