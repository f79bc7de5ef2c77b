"""How much memory of its own this process holds."""

from __future__ import annotations

from pathlib import Path


def anonymous_mebibytes() -> float | None:
    """Anonymous resident memory in MiB, as Linux counts it; ``None`` elsewhere."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    for line in status.read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return None
