"""The history as JSON lines."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, final

from layerkit.callbacks.history_log import HistoryLog


@final
class JsonLines(HistoryLog):
    """Writes each epoch's record as one line of JSON, as soon as it is there.

    The file holds the trainer's whole history: it is begun anew with the epochs that are done already, so a fit that is
    resumed leaves no line twice. Numbers that are not finite become ``null``.

    Args:
        path: the file; the log that it held is replaced.

    Raises:
        ArgumentError: the file cannot be written, holds anything but such a log, or another log writes it; told before
            the first step.
    """

    first_bytes = b'{"epoch":'

    def whole(self, records: Sequence[dict[str, Any]]) -> list[str]:
        return list(map(self.line, records))

    def line(self, record: dict[str, Any]) -> str:
        return json.dumps(
            {
                name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in record.items()
            }
        )
