"""The arrays of a model by their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, final

from layerkit.errors import CallError
from layerkit.types import Array


@final
class Views(Mapping[str, Array]):
    """Live views by path: ``views["0.weight"][...] = w`` changes the values, and no path is added or taken away."""

    def __init__(self, views: dict[str, Array]) -> None:
        self._views = views

    def __getitem__(self, path: str) -> Array:
        return self._views[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def __repr__(self) -> str:
        return repr(self._views)

    # for a type checker it can neither be called nor written to
    if not TYPE_CHECKING:

        def __call__(self, *positional: Any, **named: Any) -> NoReturn:
            raise CallError("model.parameters and model.states are mappings, and not called: leave the brackets out")

        def __setitem__(self, path: str, value: Any) -> NoReturn:
            raise CallError(f"the array at {path!r} stays the model's: write model.parameters[{path!r}][...] = values")
