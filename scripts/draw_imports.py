"""Draws who imports whom inside layerkit, for docs/architecture.md, from the import statements themselves.

Run from the top of the tree: ``python scripts/draw_imports.py`` writes the picture into the page; with ``--check`` it
only says whether the page holds what it would write. Imports for type checkers and inside functions count like any
other. What follows from other arrows is left out: where A leads to B and B to C, there is no arrow from A to C.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "layerkit"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- imports: scripts/draw_imports.py -->\n", "<!-- end of imports -->\n"

GROUPS = {
    "layers, activations, costs, …": (
        "layers activations costs optimizers transforms schedules initializers metrics callbacks datasets"
    ),
    "errors, types, arguments, …": (
        "constants errors familiar_arguments types arguments shapes random_streams memory terminal notebook lazy "
        "atomic leftovers"
    ),
}
"""Folders and modules that are drawn as one box."""


def box_of(module: str) -> str | None:
    """The box of a module, ``layerkit.models.plan``; None for the package itself and for what is not its own."""
    package, _, rest = module.partition(".")
    if package != PACKAGE.name or not rest:
        return None
    parts = rest.split(".")
    if parts[-1] == "table":
        return "tables"
    return next((title for title, members in GROUPS.items() if parts[0] in members.split()), parts[0])


def imports_of(file: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # ``from layerkit.cli import plugins`` names a module or something in one
            for alias in node.names:
                inner = PACKAGE.parent.joinpath(*node.module.split("."), f"{alias.name}.py")
                yield f"{node.module}.{alias.name}" if inner.exists() else node.module


def arrows() -> dict[str, set[str]]:
    """For each box, the boxes that it imports."""
    found: dict[str, set[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        box = box_of(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
        if box is not None:
            targets = found.setdefault(box, set())
            targets |= {target for name in imports_of(file) if (target := box_of(name)) not in (None, box)}
    return found


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows that do not follow from others.

    Raises:
        graphlib.CycleError: boxes import each other in a circle.
    """
    below: dict[str, set[str]] = {}
    for box in TopologicalSorter(graph).static_order():
        below[box] = graph[box].union(*(below[target] for target in graph[box]))
    return {
        box: {target for target in targets if not any(target in below[other] for other in targets)}
        for box, targets in graph.items()
    }


def picture() -> str:
    """The picture as Mermaid, from the top down."""
    graph = arrows()
    # sorted, for the order of a set differs from run to run
    order = list(TopologicalSorter({box: sorted(graph[box]) for box in sorted(graph)}).static_order())[::-1]
    names = {box: f"box{place}" for place, box in enumerate(sorted(graph))}
    lines = [f'  {names[box]}["{box}"]' for box in order]
    few = reduced(graph)
    lines += [f"  {names[box]} --> {names[target]}" for box in order for target in sorted(few[box])]
    return "\n".join(["```mermaid", "graph TD", *lines, "```", ""])


def main() -> int:
    """Write the page, or say whether it is up to date."""
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.stderr.write(f"{PAGE.relative_to(ROOT)} has no place for the picture, between {BEGIN!r} and {END!r}\n")
        return 2
    wanted = f"{before}{begin}{picture()}{end}{after}"
    if "--check" in sys.argv:
        if wanted != page:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not up to date: run python scripts/draw_imports.py\n")
        return int(wanted != page)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
