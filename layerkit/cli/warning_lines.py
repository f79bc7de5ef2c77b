"""Warnings of layerkit's own as people read them on a terminal: one line each, as errors are."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def warnings_as_lines(*own: type[Warning]) -> Iterator[None]:
    """Print warnings of these categories as one line each; all others are shown as before."""
    with warnings.catch_warnings():
        for category in own:
            warnings.simplefilter("always", category)
        shown = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: object = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, own):
                print(f"Warning: {message}", file=sys.stderr)
            else:
                shown(message, category, filename, lineno)

        warnings.showwarning = show
        yield
