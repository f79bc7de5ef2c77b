"""Python files as programs."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from traceback import extract_tb

from layerkit.errors import LayerkitError


def run_script(path: Path, arguments: Sequence[str]) -> int:
    """Run a file as ``python FILE ARGUMENTS`` would; its exit code.

    Raises:
        LayerkitError: the file is no Python, or ended by an error of layerkit's own; file and line are named. Other
            errors come with Python's traceback, for whoever wrote the file.
    """
    before = sys.argv[:], sys.path[:]
    sys.argv[:] = [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as ended:
        return _exit_code(ended)
    except SyntaxError as error:
        if error.filename != str(path):
            raise
        raise LayerkitError(f"{path}, line {error.lineno}: {error.msg}") from error
    except LayerkitError as error:
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
        raise LayerkitError(f"{path}, line {lines[-1] if lines else 1}: {error}") from error
    finally:
        sys.argv[:], sys.path[:] = before
    return 0


def _exit_code(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    print(ended.code, file=sys.stderr)
    return 1
