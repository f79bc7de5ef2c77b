"""Counts what a reader of layerkit meets: files that a use runs through, frames on the way to a layer, lines by folder.

Run from the top of a tree: ``python scripts/measure_structure.py``, or ``… TREE`` for another one, an older commit's
say. It uses public names alone, so it runs on any version, and two of its tables can be compared. Each use is made once
before it is watched, so what is imported on the way does not count.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent).resolve()
PACKAGE = ROOT / "layerkit"


def touched(use: Callable[[], Any]) -> set[str]:
    """The package's files in which a call is made while ``use`` runs."""
    use()
    found: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            found.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        use()
    finally:
        sys.setprofile(None)
    return {str(Path(name).relative_to(PACKAGE)) for name in found if name.startswith(f"{PACKAGE}/")}


def frames_between(use: Callable[[], Any], first: str, last: str) -> list[str]:
    """The calls that lead from the function ``first`` to ``last`` (qualified names), both included, the first time."""
    path: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if path or event != "call" or frame.f_code.co_qualname != last:
            return
        step: FrameType | None = frame
        while step is not None:
            path.insert(0, f"{Path(step.f_code.co_filename).name}:{step.f_code.co_qualname}")
            if step.f_code.co_qualname == first:
                return
            step = step.f_back
        path.clear()

    sys.setprofile(note)
    try:
        use()
    finally:
        sys.setprofile(None)
    return path


def lines(files: list[Path]) -> int:
    """Lines of Python, empty ones and comments included."""
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def uses(folder: Path) -> dict[str, Callable[[], Any]]:
    """A training, a file written and read, and an experiment read from TOML and made ready, each by public names."""
    import numpy as np

    import layerkit
    from layerkit import Dense, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
    from layerkit.experiments import Session, read_experiment

    x = np.random.default_rng(0).random((200, 20)).astype("float32")
    y = np.arange(200) % 3
    model = Sequential([Dense(8, activation=Sigmoid()), Dense(3, activation=Sigmoid())]).initialize(20, seed=0)
    path = folder / "model.safetensors"
    example = ROOT / "examples" / "digits.toml"

    def fit() -> None:
        Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1.0), seed=0).fit((x, y), epochs=2, batch_size=10)

    return {
        "fit": fit,
        "save": lambda: layerkit.save(model, path),
        "load": lambda: layerkit.load(path),
        "read TOML": lambda: read_experiment(example),
        "run TOML": lambda: Session(read_experiment(example).quickened()).fit(),
    }


def component_files() -> list[Path]:
    """The files that hold the built-in components."""
    from layerkit.plugin import PluginHost

    entries = PluginHost(distributions=list, environment={}).components()
    modules = {entry.target.partition(":")[0] for entry in entries if entry.kind != "examples"}
    return sorted(ROOT / f"{module.replace('.', '/')}.py" for module in modules)


def main() -> None:
    """Print the tables."""
    sys.path.insert(0, str(ROOT))
    assert threading.active_count() == 1
    write = sys.stdout.write
    with tempfile.TemporaryDirectory() as folder:
        found = uses(Path(folder))
        write("files that a use runs through\n")
        for name, use in found.items():
            write(f"  {name:<10} {len(touched(use)):>4}\n")
        way = frames_between(found["fit"], "Trainer.fit", "Dense.forward")
    write(
        f"from Trainer.fit to Dense.forward: {len(way)} frames in {len({step.split(':')[0] for step in way})} files\n"
    )
    for step in way:
        write(f"  {step}\n")
    by_folder: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for file in sorted(PACKAGE.rglob("*.py")):
        folder_name = file.relative_to(PACKAGE).parts[0] if file.parent != PACKAGE else "."
        by_folder[folder_name] += lines([file])
        files[folder_name] += 1
    write("folder          files  lines\n")
    for name, count in sorted(by_folder.items()):
        write(f"  {name:<14} {files[name]:>4} {count:>6}\n")
    total, components = sum(by_folder.values()), lines(component_files())
    write(f"all: {sum(files.values())} files, {total} lines, {total - components} without the components' own files\n")


if __name__ == "__main__":
    main()
