"""Files of older formats: each step turns a description into that of the next format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerkit.errors import ModelFileError

FORMAT = 1
"""The format that is written. It is raised when a description changes, and then the table below gets the step."""

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""By the format that a step starts from: the description in that format to the one in the next."""


def migrated(content: dict[str, Any]) -> dict[str, Any]:
    """A description in the newest format.

    Raises:
        ModelFileError: it is in a newer format than this version of layerkit knows, or in none.
    """
    version = content.get("format")
    if type(version) is not int or version < 0:
        raise ModelFileError("its description states no format version")
    if version > FORMAT:
        raise ModelFileError(
            f"it is in format {version}, and this version of layerkit reads formats up to {FORMAT}: install a newer one"
        )
    while version < FORMAT:
        step = MIGRATIONS.get(version)
        if step is None:
            raise ModelFileError(f"it is in format {version}, which this version of layerkit no longer reads")
        version += 1
        content = {**step(content), "format": version}
    return content
