"""What an import did besides importing, as failures for the report."""

from __future__ import annotations

from typing import Any

from layerkit.registry.containment import Outcome
from layerkit.registry.diagnosis import printable
from layerkit.registry.failure import Failure, Stage
from layerkit.registry.source import PluginSource


def side_effects(
    outcome: Outcome[Any], source: PluginSource, stage: Stage, *, component: str | None = None
) -> list[Failure]:
    """Failures for what an import did besides importing: replaced parts are an error, the rest is a warning."""

    def failure(error: str, hint: str) -> Failure:
        return Failure(source.namespace, stage, error, hint, source.distribution, source.version, component)

    found = []
    if outcome.replaced:
        found.append(
            failure(
                f"it replaced parts of layerkit: {', '.join(outcome.replaced)}",
                f"uninstall {source.distribution}: a plugin adds names, it never changes what is there",
            )
        )
    if outcome.seeded:
        found.append(
            failure(
                f"its import touched the global random generator ({', '.join(outcome.seeded)}), which was set back",
                "its author should draw from the generator that components are given",
            ).as_warning()
        )
    if outcome.output.strip():
        found.append(
            failure(
                f"its import printed {printable(outcome.output.strip())!r}",
                "its author should print nothing at import",
            ).as_warning()
        )
    return found
