"""The progress of a fit in a notebook: one output that changes."""

from __future__ import annotations

from html import escape
from typing import Any, final


@final
class NotebookProgress:
    """A bar below what is printed so far; at the end the text alone stays. Needs IPython, which notebooks have."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html = HTML
        self._lines: list[str] = []
        self._bar = ""
        self._first: int | None = None
        self._output: Any = display(HTML(""), display_id=True)

    def show(self, epoch: int, epochs: int, batch: int, batches: int | None, cost: str) -> None:
        """Draw: ``epoch`` of ``epochs`` are done, and ``batch`` of the next one's ``batches`` (None: not known)."""
        if self._first is None:
            self._first = epoch
        done = epoch - self._first + (batch / batches if batches else 0)
        told = escape(f"epoch {min(epoch + 1, epochs)}/{epochs}  {cost}".strip())
        self._bar = f'<progress value="{done:.4f}" max="{epochs - self._first}"></progress> {told}'
        self._update()

    def print(self, line: str) -> None:
        """Add a line above the bar."""
        self._lines.append(line)
        self._update()

    def close(self) -> None:
        """Take the bar away."""
        self._bar = ""
        self._update()

    def _update(self) -> None:
        lines = escape("\n".join(self._lines))
        self._output.update(self._html(f'<pre style="margin:0">{lines}</pre>{self._bar}'))
