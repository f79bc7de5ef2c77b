"""What a fit measured, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from layerkit.notebook import html_table

_SHOWN = 10


@final
class History:
    """One record an epoch: ``epoch`` (counted from 1), ``cost``, metrics and ``seconds``.

    ``cost`` is the weighted mean over the epoch's examples, each measured as it was learned from; validation figures
    are those at the end of the epoch, named ``validation_cost``, ``validation_accuracy`` and so on; ``seconds`` is the
    training time, without validation.

    >>> history = History([{"epoch": 1, "cost": 0.5}, {"epoch": 2, "cost": 0.25}])
    >>> history["cost"]
    [0.5, 0.25]
    >>> len(history), history.records[-1]["epoch"]
    (2, 2)
    """

    def __init__(self, records: list[dict[str, Any]] | None = None) -> None:
        self.records: list[dict[str, Any]] = records or []
        self.stop_reason: str | None = None
        """Why a callback stopped the fit, or None."""
        self.blas_threads: int | None = None
        """How many threads the BLAS library used, or None where no fit was made."""

    def __getitem__(self, name: str) -> list[Any]:
        try:
            return [record[name] for record in self.records]
        except KeyError:
            known = ", ".join(self.records[0]) if self.records else "nothing yet"
            raise KeyError(f"the history has no {name!r}; it has {known}") from None

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.records)

    def _repr_html_(self) -> str:
        """The last epochs as a table, for a notebook."""
        if not self.records:
            return html_table(["epoch"], [], below="no epochs")
        last = self.records[-_SHOWN:]
        names = list(dict.fromkeys(name for record in last for name in record))
        rows = [[_shown(record.get(name)) for name in names] for record in last]
        hidden = len(self) - len(last)
        below = [f"the last {len(last)} of {len(self)} epochs"] if hidden else []
        below += [f"stopped: {self.stop_reason}"] if self.stop_reason else []
        return html_table([name.replace("_", " ") for name in names], rows, below="; ".join(below))

    def __repr__(self) -> str:
        if not self.records:
            return "History(no epochs)"
        last = ", ".join(
            f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
            for name, value in self.records[-1].items()
        )
        return f"History({len(self)} epochs; last: {last})"


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
