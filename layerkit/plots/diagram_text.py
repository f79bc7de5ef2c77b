"""A network in lines of text, with rails at the left that show what reads what."""

from __future__ import annotations

from layerkit.plots.network import Box


def as_text(name: str, boxes: list[Box]) -> str:
    """A line a box, ``●`` on the rail of its output; rails divide (``├─╮``) and meet (``├─╯``) between the lines."""
    readers = [sum(box.reads.count(place) for box in boxes) for place in range(len(boxes))]
    rails: list[int | None] = []
    """Of each rail from the left, the box whose output it carries; None where it is free."""
    rows: list[tuple[str, Box | None]] = []
    for place, box in enumerate(boxes):
        taken = _taken(rails, box.reads)
        if len(taken) > 1:
            rows.append((_joined(rails, taken, "╯"), None))
        for rail in taken:
            rails[rail] = None
        own = taken[0] if taken else _free(rails)
        rails[own] = place
        rows.append(
            (" ".join("●" if rail == own else "│" if each is not None else " " for rail, each in enumerate(rails)), box)
        )
        _shorten(rails, readers, own, place)
        if readers[place] > 1:
            ways = [own]
            for _ in range(readers[place] - 1):
                rail = _free(rails, behind=own)
                rails[rail] = place
                ways.append(rail)
            rows.append((_joined(rails, ways, "╮"), None))
    return "\n".join([f"Diagram of {name}", *_lines(rows)]) + "\n"


def _lines(rows: list[tuple[str, Box | None]]) -> list[str]:
    wide = max(len(rail.rstrip()) for rail, _ in rows)
    cells = [(box.path, box.title, box.shape, box.size) for _, box in rows if box is not None]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for rail, box in rows:
        words = () if box is None else (box.path, box.title, box.shape)
        told = "  ".join(word.ljust(width) for word, width in zip(words, widths, strict=False))
        end = "" if box is None else f"  {box.size.rjust(widths[3])}"
        lines.append(f"{rail.ljust(wide)}  {told}{end}".rstrip())
    return lines


def _taken(rails: list[int | None], reads: tuple[int, ...]) -> list[int]:
    """A rail for each box that is read."""
    found: list[int] = []
    for source in reads:
        found.append(next(rail for rail, each in enumerate(rails) if each == source and rail not in found))
    return sorted(found)


def _free(rails: list[int | None], behind: int = -1) -> int:
    """The first rail that carries nothing, right of another."""
    for rail in range(behind + 1, len(rails)):
        if rails[rail] is None:
            return rail
    rails.append(None)
    return len(rails) - 1


def _shorten(rails: list[int | None], readers: list[int], own: int, place: int) -> None:
    """Free the rail of an output that nobody reads, and forget free rails at the right."""
    if not readers[place]:
        rails[own] = None
    while rails and rails[-1] is None:
        rails.pop()


def _joined(rails: list[int | None], ways: list[int], corner: str) -> str:
    """The row in which rails divide or meet: the leftmost of ``ways`` with all others, past what is between."""
    first, last = min(ways), max(ways)
    signs = []
    for rail in range(max(len(rails), last + 1)):
        if rail == first:
            sign = "├"
        elif rail == last:
            sign = corner
        elif rail in ways:
            sign = "┴" if corner == "╯" else "┬"
        else:
            busy = rail < len(rails) and rails[rail] is not None
            sign = ("┼" if busy else "─") if first < rail < last else "│" if busy else " "
        signs.append(sign + ("─" if first <= rail < last else " "))
    return "".join(signs).rstrip()
