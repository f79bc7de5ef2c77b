"""Write what follows from the tables of the kinds: layerkit/exported.py, layerkit/__init__.pyi, docs/reference.md and
its pictures; and, from the checks of the conformance kit, their list in docs/conformance.md.

What ``import layerkit`` offers is every built-in component, by the name of its class, and what is no component and
stands below. The table tells the package where a name is, the stub tells type checkers and editors, the page people. Of
docs/conformance.md only what stands between two marks is written.
With ``--check`` nothing is written, and the exit code is 1 where a file is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from draw_curves import FOLDER, picture_of, pictures

from layerkit.cli.details import arguments_of, documentation_of, source_of
from layerkit.plugin import ComponentEntry, PluginHost
from layerkit.registry.kinds import KINDS
from layerkit.testing.suite import Check, checks_of

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE = ROOT / "docs" / "conformance.md"
_BEGIN = "<!-- the checks, as they say of themselves: written by python scripts/make_generated_files.py -->"
_END = "<!-- the end of what is written -->"

NO_COMPONENTS = {
    "layerkit.callbacks.interruption": "Interruption",
    "layerkit.data.augmentation": "Augmentation",
    "layerkit.data.examples": "Examples",
    "layerkit.data.shuffled_stream": "Shuffled",
    "layerkit.data.split": "folds split",
    "layerkit.files.checkpoints": "resume save_checkpoint",
    "layerkit.files.models": "load save",
    "layerkit.interfaces.callback": "FitView",
    "layerkit.interfaces.context": "Context",
    "layerkit.interfaces.dataset": "Batch RandomAccess Stream",
    "layerkit.interfaces.engine": "Run",
    "layerkit.interfaces.schedule": "elapsed",
    "layerkit.interfaces.scratch": "Scratch",
    "layerkit.interfaces.update_context": "UpdateContext",
    "layerkit.metrics.confusion": "Confusion",
    "layerkit.models.model": "Model",
    "layerkit.models.schema": "Schema",
    "layerkit.training.history": "History",
    "layerkit.training.trainer": "Trainer",
}
"""What is offered beside the components and their base classes, by module."""


@cache
def host() -> PluginHost:
    """The host of the built-ins alone."""
    return PluginHost(environment={"LAYERKIT_PLUGINS": ""})


@cache
def drawn() -> dict[str, str]:
    """The pictures."""
    return pictures(host())


@cache
def exports() -> dict[str, str]:
    """Each name with the module that has it, sorted; the tables are read, and no component is imported."""
    found = {name: module for module, names in NO_COMPONENTS.items() for name in names.split()}
    for kind in KINDS.values():
        if kind.base is not None:
            places = [kind.base, *(row.target for row in import_module(kind.table).TABLE)]
            found |= {name: module for module, _, name in (place.partition(":") for place in places)}
    # as ruff sorts names: those in capitals, then classes, then functions
    return dict(sorted(found.items(), key=lambda each: (not each[0].isupper(), not each[0][0].isupper(), each[0])))


def table() -> Iterator[str]:
    """Where each name is."""
    yield '"""Where each name is that ``import layerkit`` offers; written by scripts/make_generated_files.py."""'
    yield ""
    yield "EXPORTED = {"
    yield from (f'    "{name}": "{module}",' for name, module in exports().items())
    yield "}"


def stub() -> Iterator[str]:
    """One import a name, by module."""
    yield '"""What ``import layerkit`` offers; written by scripts/make_generated_files.py."""'
    yield ""
    places = sorted((module, name) for name, module in exports().items())
    yield from (f"from {module} import {name} as {name}" for module, name in places)
    yield from ("", "__version__: str", "__all__ = [", *(f'    "{name}",' for name in exports()), "]")


def reference() -> Iterator[str]:
    """Every component by kind: its name and class, what it is, its arguments, its source, and its curve."""
    yield "# Reference"
    yield ""
    yield "Every component that comes with layerkit, by kind, with its name on the command line and in experiments."
    yield "Written by `python scripts/make_generated_files.py` from the tables of the kinds and the docstrings."
    yield "Activations are drawn with their derivative y′, schedules over six epochs."
    for kind in KINDS.values():
        yield from ("", f"## {kind.name.capitalize()}")
        for entry in host().components(kind.name):
            yield ""
            yield from _component(entry)


def _component(entry: ComponentEntry) -> Iterator[str]:
    if KINDS[entry.kind].base is None:
        yield f"- `{entry.name}`: {entry.summary}"
        return
    target = host().load(entry.kind, entry.name)
    yield from (f"### `{entry.name}`: {target.__name__}", "", documentation_of(target).partition("\n\n")[0])
    arguments = arguments_of(target)
    if arguments:
        yield from ("", "| argument | type | default | meaning |", "|---|---|---|---|")
    for argument in arguments:
        default = "required" if argument.required else f"`{argument.default!r}`"
        cells = (f"`{argument.name}`", f"`{argument.type}`", default, argument.meaning)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    if source_of(target):
        yield from ("", source_of(target))
    picture = picture_of(entry)
    if f"docs/{picture}" in drawn():
        yield from ("", f"![{target.__name__}]({picture})")


def conformance() -> Iterator[str]:
    """The page about the kit as it stands, with the list of the checks written anew."""
    before, _, rest = CONFORMANCE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    assert after, f"{CONFORMANCE} lacks a mark"
    yield before + _BEGIN
    yield from _checks("Every kind", checks_of(None))
    own: dict[str, tuple[Check, ...]] = {}
    for kind in (kind for kind in KINDS.values() if kind.base is not None):
        checks = [each for each in checks_of(kind) if each not in checks_of(None)]
        base = next((name for name, others in own.items() if set(others) <= set(checks)), None)
        own[kind.singular] = tuple(each for each in checks if base is None or each not in own[base])
        yield from _checks(kind.singular.capitalize(), own[kind.singular], base)
    yield ""
    yield _END + after.rstrip("\n")


def _checks(title: str, checks: Sequence[Check], base: str | None = None) -> Iterator[str]:
    yield from ("", f"### {title}", "")
    if base is not None:
        yield from (f"The {base} checks, and:", "")
    for each in checks:
        told = f" *Told by* {', '.join(f'`{name}`' for name in each.told_by)}." if each.told_by else ""
        yield f"- `{each.name}`: {each.summary}{' *A foundation.*' if each.foundation else ''}{told}"


GENERATED: dict[str, Callable[[], Iterator[str]]] = {
    "layerkit/exported.py": table,
    "layerkit/__init__.pyi": stub,
    "docs/reference.md": reference,
    "docs/conformance.md": conformance,
}


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; the exit code."""
    code = 0
    files = {place: "\n".join(lines()) + "\n" for place, lines in GENERATED.items()} | drawn()
    (ROOT / FOLDER).mkdir(exist_ok=True)
    curves = [path for kind in ("activation", "schedule") for path in (ROOT / FOLDER).glob(f"{kind}-*")]
    for left in sorted({f"{FOLDER}/{path.name}" for path in curves} - set(files)):
        sys.stderr.write(f"{left} is a picture of nothing that there is: remove it\n")
        code = 1
    for place, text in files.items():
        path = ROOT / place
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{place} is out of date: run python scripts/make_generated_files.py\n")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
