"""What is said to people: the record of a failure, and errors of foreign code on one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from layerkit.registry.containment import contained

_LENGTH = 600
_MACHINERY = ("importlib", "/pluggy/", "/layerkit/registry/", "/layerkit/lazy.py")
"""Files that stand between layerkit and the plugin's code."""

Stage: TypeAlias = Literal["discover", "filter", "import", "api", "register", "hook", "target"]
"""Where it happened: reading the metadata, the allow and deny lists, importing the hook module, its API version,
registering its hooks, calling them, or importing the target of one component."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one plugin.

    A failure of severity ``"error"`` at the stage ``"target"`` costs the plugin that component, at any other the whole
    plugin; a ``"warning"`` costs nothing. ``component`` is set at the stage ``"target"``.
    """

    namespace: str
    stage: Stage
    error: str
    hint: str
    distribution: str | None = None
    version: str | None = None
    component: str | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """One line: who, where, what, and what to do."""
        verb = "failed" if self.severity == "error" else "gave a warning"
        stop = "" if self.error.endswith("?") else "."
        return f"{self.subject} {verb} (stage {self.stage}): {self.error}{stop} What to do: {self.hint}"

    @property
    def subject(self) -> str:
        """The component or the plugin, with the distribution that it comes from."""
        name = self.component or (f"plugin {self.namespace}" if self.namespace else "plugin")
        if self.distribution is None:
            return name
        return f"{name} ({' '.join(filter(None, (self.distribution, self.version)))})"


def describe(error: BaseException) -> str:
    """The error on one line, with the place in the plugin's code that raised it."""
    name = contained(lambda: f"{type(error).__name__}").value or "an error without a name"
    text = contained(lambda: " ".join(str(error).split())).value
    if text is None:
        text = "(its message cannot be shown)"
    if issubclass(type(error), SystemExit):
        message = f"it tried to end the program (SystemExit: {text})"
    else:
        message = f"{name}: {text}" if text else name
    return printable(message[:_LENGTH] + (contained(_place, error).value or ""))


def _place(error: BaseException) -> str:
    from traceback import extract_tb

    files = [(frame.filename.replace("\\", "/"), frame.lineno) for frame in extract_tb(error.__traceback__)]
    own = [place for place in files if not any(part in place[0] for part in _MACHINERY)]
    return f" ({'/'.join(own[-1][0].split('/')[-2:])}, line {own[-1][1]})" if own else ""


def advice(error: BaseException, module: str, distribution: str) -> str:
    """What to do about an error at the import of ``module``."""
    return contained(_import_advice, error, module, distribution).value or (
        f"update {distribution} or tell its author; LAYERKIT_PLUGINS_DENY leaves it out meanwhile"
    )


def _import_advice(error: BaseException, module: str, distribution: str) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name
        if f"{module}.".startswith(f"{missing}."):
            return f"reinstall {distribution}: it announces the module {module!r} and does not bring it"
        package = missing.partition(".")[0]
        if package == module.partition(".")[0]:
            return f"reinstall {distribution}: its module {missing!r} is missing"
        return (
            f"install the package that provides {package!r} (`pip install {package}`, if it bears the same name), "
            f"or reinstall {distribution} with its dependencies"
        )
    if isinstance(error, ImportError):
        return f"{distribution} and a package that it imports do not fit together: update both"
    return ""


def printable(text: str) -> str:
    """Foreign text made safe for a terminal: control characters are spelled out."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def shown(name: str) -> str:
    """A name as it was given, cut where it is so long that it must come from a damaged file."""
    return repr(name if len(name) <= 80 else f"{name[:80]}…")
