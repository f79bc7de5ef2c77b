"""What went wrong with a plugin, as a record that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

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

    def as_warning(self) -> Failure:
        """The same, as something that costs the plugin nothing."""
        return replace(self, severity="warning")
