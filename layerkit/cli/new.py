"""``layerkit plugins new``: writes a plugin package that is ready to be installed and tested."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from layerkit.errors import ArgumentError
from layerkit.suggestions import did_you_mean
from layerkit.terminal import do_without_output

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_OURS = "layerkit"


def new_plugin(
    name: Annotated[str, typer.Argument(help="The package's name, such as acme-layers.")],
    kind: Annotated[
        str, typer.Option(help="What it brings: layer, activation, cost, optimizer, callback, any kind.")
    ] = "layer",
    directory: Annotated[
        Path | None, typer.Option(help="Where to write it; by default a folder of the package's name.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(help="The prefix of its components; by default the name's first word.")
    ] = None,
) -> None:
    """Write a new plugin: a package with one component of a kind, its tests, and the files to publish it."""
    do_without_output()
    namespace = namespace or default_namespace(name)
    folder = Path(name) if directory is None else directory
    files = write_plugin(name, namespace, folder, kind=kind)
    print(f"{folder} holds a plugin with the namespace {namespace!r}:")
    for path in files:
        print(f"  {path}")
    print(f"\nNext:\n  cd {folder}\n  pip install -e '.[dev]'\n  pytest\n  layerkit plugins check {namespace}")


def write_plugin(name: str, namespace: str, folder: Path, *, kind: str = "layer") -> list[str]:
    """Write the package, and return the files' places in it.

    Raises:
        ArgumentError: there is no such kind, a name cannot be used, or the folder holds something already.
    """
    from layerkit.cli.plugin_template import package_files

    singular = _singular(kind)
    _check(name, namespace)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArgumentError(f"{folder} is there already, and not empty: give another place with --directory")
    written = []
    for place, text in package_files(singular, name=name, namespace=namespace):
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(place)
    return sorted(written)


def default_namespace(name: str) -> str:
    """The first word of a package's name, or the second where the first is ``layerkit``.

    >>> default_namespace("acme-layers"), default_namespace("layerkit-conv")
    ('acme', 'conv')
    """
    words = name.split("-")
    return words[1] if words[0] == _OURS and len(words) > 1 else words[0]


def _singular(kind: str) -> str:
    """The singular of a kind that a package can be written for; the plural will do."""
    from layerkit.cli.plugin_template import SAMPLES
    from layerkit.registry.kinds import KINDS

    plural = {each.name: each.singular for each in KINDS.values()}
    singular = plural.get(kind, kind)
    if singular not in SAMPLES:
        told = did_you_mean(kind, [*SAMPLES, *plural])
        raise ArgumentError(f"--kind: no package is written for {kind!r}.{told} The kinds: {', '.join(SAMPLES)}")
    return singular


def _check(name: str, namespace: str) -> None:
    for what, value in (("name", name), ("namespace", namespace)):
        if not _NAME.fullmatch(value):
            raise ArgumentError(
                f"the {what} must be lowercase words of letters and digits, joined by hyphens, such as "
                f"{'acme-layers' if what == 'name' else 'acme'}; got {value!r}"
            )
    package = name.replace("-", "_")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package == _OURS:
        raise ArgumentError(f"the name {name!r} would hide Python's or layerkit's own {package!r}: choose another")
    if namespace == _OURS:
        raise ArgumentError(f"the namespace {_OURS!r} is layerkit's own: give another one with --namespace")
