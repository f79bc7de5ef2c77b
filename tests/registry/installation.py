"""Distributions installed for a test: a folder on ``sys.path`` with modules and ``.dist-info`` metadata."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from pathlib import Path

from layerkit.plugin import PluginHost, default_host

HEAD = """
from layerkit.plugin import Component, hookimpl

layerkit_api = (1, 0)
"""

HOOKS = (
    HEAD
    + """
@hookimpl
def layerkit_schedules():
    return [Component("ramp", target="{package}.ramp:Ramp", summary="A straight line.")]
"""
)

RAMP = '''
from layerkit.interfaces.schedule import Schedule


class Ramp(Schedule):
    """A straight line."""

    def __init__(self, slope, *, start=0.0):
        self.slope = slope
        self.start = start

    def rate(self, step, ctx):
        return self.start + self.slope * step
'''


class Installation:
    """A folder in which distributions are installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        distribution: str,
        *,
        version: str = "1.2",
        namespace: str = "acme",
        package: str | None = None,
        hooks: str = HOOKS,
        entry_points: str | None = None,
        **modules: str,
    ) -> str:
        """Install a distribution; the name of its package is returned.

        ``hooks`` is the source of its hook module, ``modules`` are those of the others; ``{package}`` in them stands
        for the package's name. ``entry_points`` replaces the text of ``entry_points.txt``.
        """
        package = package or distribution.replace("-", "_")
        sources = {"__init__": "", "hooks": hooks, "ramp": RAMP, **modules}
        (self.folder / package).mkdir(exist_ok=True)
        for name, source in sources.items():
            (self.folder / package / f"{name}.py").write_text(source.replace("{package}", package))
        metadata = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (metadata / "entry_points.txt").write_text(
            f"[layerkit]\n{namespace} = {package}.hooks\n" if entry_points is None else entry_points
        )
        files = [f"{package}/{name}.py,," for name in sources]
        files += [f"{metadata.name}/{name},," for name in ("METADATA", "RECORD", "entry_points.txt")]
        (metadata / "RECORD").write_text("\n".join(files) + "\n")
        importlib.invalidate_caches()
        return package

    def distributions(self) -> list[Distribution]:
        """What is installed here."""
        return list(distributions(path=[str(self.folder)]))

    def host(self, **environment: str) -> PluginHost:
        """A host that sees this folder alone, and these environment variables."""
        return PluginHost(distributions=self.distributions, environment=environment)

    def imported(self) -> set[str]:
        """The modules of this folder that have been imported."""
        return {
            name
            for name, module in sys.modules.items()
            if str(self.folder) in (getattr(module, "__file__", None) or "")
        }


@contextmanager
def installation_in(folder: Path) -> Iterator[Installation]:
    """An empty installation on ``sys.path``; afterwards its modules are forgotten."""
    # the host of the process looks around before, or who asks for it here leaves one that knows this installation
    default_host().components()
    installation = Installation(folder)
    sys.path.insert(0, str(folder))
    try:
        yield installation
    finally:
        sys.path.remove(str(folder))
        for name in installation.imported():
            del sys.modules[name]
        importlib.invalidate_caches()
