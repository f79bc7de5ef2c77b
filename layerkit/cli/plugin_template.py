"""The package that ``layerkit plugins new`` writes: a template shared by all kinds, and a component of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from layerkit.registry.kinds import KINDS, Kind

# Names of these files end in .txt, so that no tool takes them for files of this project. They are those of a real
# package, acme-layers, with a layer Scale: its names are replaced, in the files of one kind those of the package alone.
_TEMPLATE = Path(__file__).parent / "template"
_SUFFIX = ".txt"
_PLACES = {"gitignore": ".gitignore", "workflows/tests.yml": ".github/workflows/tests.yml"}
_USAGE = "usage.py"


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """The component that a new package has: its name in records, its class, and what it is."""

    name: str
    class_name: str
    summary: str

    @property
    def module(self) -> str:
        """The module that the class is in."""
        return self.name.replace("-", "_")


SAMPLES: Mapping[str, Sample] = {
    "layer": Sample("scale", "Scale", "One learned factor a feature."),
    "activation": Sample("softplus", "Softplus", "log(1 + exp(z)): a rectifier without a corner."),
    "cost": Sample("huber", "Huber", "Quadratic near the target, linear far from it."),
    "optimizer": Sample("rmsprop", "RMSProp", "Steps scaled by the gradient's recent size."),
    "transform": Sample("centralize", "Centralize", "Takes the mean off the gradients of weights."),
    "schedule": Sample("warmup", "Warmup", "A learning rate that rises, and then falls with the root of the steps."),
    "initializer": Sample("lecun", "Lecun", "Variance 1 / fan in."),
    "metric": Sample("mean-absolute-error", "MeanAbsoluteError", "The mean of the absolute errors."),
    "callback": Sample("stop-at", "StopAt", "Ends a fit when a measure is good enough."),
    "dataset": Sample("moons", "Moons", "Two crescents that no straight line tells apart; generated."),
    "engine": Sample("sharded", "Sharded", "Sums the gradients of each batch's pieces."),
}
"""By the kind's singular, as ``--kind`` takes it."""


def package_files(singular: str, *, name: str, namespace: str) -> Iterator[tuple[str, str]]:
    """The place and the text of each file of a package ``name`` with a component of a kind."""
    kind = next(kind for kind in KINDS.values() if kind.singular == singular)
    own = {"acme-layers": name, "acme_layers": name.replace("-", "_"), "acme": namespace}
    folder = _TEMPLATE / "kinds" / singular
    usage = _replaced((folder / f"{_USAGE}{_SUFFIX}").read_text(encoding="utf-8"), own).strip()
    every = {"USAGE": usage, **_words(kind, own["acme_layers"]), **own}
    for source, words in ((_TEMPLATE / "package", every), (folder, own)):
        for path in sorted(source.rglob(f"*{_SUFFIX}")):
            place = path.relative_to(source).as_posix().removesuffix(_SUFFIX)
            if place != _USAGE:
                text = path.read_text(encoding="utf-8")
                yield _replaced(_PLACES.get(place, place), own), _replaced(text, words)


def _words(kind: Kind, package: str) -> dict[str, str]:
    """What stands in the shared files for the layer Scale, and what is there for the kind's own component."""
    sample = SAMPLES[kind.singular]
    return {
        "acme_layers.scale": f"{package}.{sample.module}",
        "layerkit_layers": kind.hook,
        "One learned factor a feature.": sample.summary,
        "Layers": kind.name.capitalize(),
        "layers": kind.name,
        "layer": kind.singular,
        "Scale": sample.class_name,
        "SCALE": sample.module.upper(),
        "scale": sample.name,
    }


def _replaced(text: str, words: Mapping[str, str]) -> str:
    # the longest first, so that acme_layers.scale is not taken for acme_layers
    patterns = "|".join(rf"\b{re.escape(word)}" for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?:{patterns})(?!\w)", lambda found: words[found.group()], text)
