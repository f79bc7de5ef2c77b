"""One seeded bug: the component that has it, the check that must catch it, and a word that its report must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from layerkit.testing import Report, check


@final
@dataclass(frozen=True, slots=True)
class Bug:
    component: type
    check: str
    word: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.component.__name__}: {self.check}"

    def report(self, **options: Any) -> Report:
        """What the kit says of the component."""
        return check(self.component, **{**self.options, **options})
