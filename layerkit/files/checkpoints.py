"""Checkpoints: a trainer's whole state in a file, and a trainer that goes on from it."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from layerkit.arguments import check_path, check_table
from layerkit.calls import explained
from layerkit.config.codec import Encoder
from layerkit.config.marked import MARKED, short
from layerkit.config.paths import ABSENT, Difference, differences
from layerkit.errors import ArgumentError, LayerkitError, ModelFileError, ResumeWarning
from layerkit.files.architecture import description_of
from layerkit.files.environment import environment
from layerkit.files.format.document import Document, opened
from layerkit.files.format.tensors import write_document
from layerkit.files.limits import Limits
from layerkit.files.models import DTYPES, compare_tensors, model_tensors
from layerkit.files.training_state import OF_THE_MODEL, read_state, tensors_of_state
from layerkit.models.plan import plan
from layerkit.registry.host import PluginHost, default_host
from layerkit.shapes import as_shape
from layerkit.training.state_check import require_state

if TYPE_CHECKING:
    from layerkit.training.trainer import Trainer

BEST = "best.safetensors"
_NAME = re.compile(r"step-(\d{9,})\.safetensors")
Result = TypeVar("Result")
_TOLD_CHANGES = 8


@explained
def save_checkpoint(trainer: Trainer, path: str | os.PathLike[str], *, host: PluginHost | None = None) -> str:
    """Write everything that training goes on from: the model, and what optimizer, generators and callbacks remember.

    Returns:
        The digest of the file.

    Raises:
        NotBuiltError: the model has no values yet.
        ArgumentError: a callback remembers something that a file cannot hold.
        LayerkitError: this thread is in the middle of a step; or another one is at the same for a minute.
        ModelFileError: the file could not be written, or not be read again; what was there before is as it was.
    """
    check_path("save_checkpoint", "path", path)
    # other threads may train, or lay the model out anew
    content, state = trainer.at_rest(lambda: (_description(trainer, host or default_host()), trainer.state()))
    tensors = model_tensors(state["parameters"], state["states"])
    # these stand with the model
    apart = ("parameters", "states", *OF_THE_MODEL)
    remembered = {part: value for part, value in state.items() if part not in apart}
    try:
        require_state(state, trainer)
        tensors |= tensors_of_state(remembered)
    except (ArgumentError, ModelFileError):
        _require_savable_callbacks(state)
        raise
    content["position"] = {name: state["position"][name] for name in ("epoch", "batch", "step", "until")}
    content["environment"] = environment()
    return write_document(path, content, tensors)


def _require_savable_callbacks(state: dict[str, Any]) -> None:
    for kind, remembered in zip(state["fit"]["callbacks"] if state["fit"] else (), state["callbacks"], strict=True):
        try:
            check_table("a checkpoint", "the state", remembered)
            tensors_of_state({"remembered": remembered})
        except (ArgumentError, ModelFileError) as error:
            name = kind.rpartition(".")[2]
            raise type(error)(f"{name}: what {name}.state() gives cannot be written to a checkpoint: {error}") from None


@explained
def resume(trainer: Trainer, path: str | os.PathLike[str], *, host: PluginHost | None = None) -> str:
    """Let a trainer go on where the one that wrote a checkpoint was.

    The trainer is one made like the first: model, cost, optimizer, transforms. The next ``fit``, given the same data,
    settings and callbacks, goes on to the same bits as if it had never stopped, from inside an epoch too, as long as
    the machine is of the same kind, and versions and BLAS threads are the same. What is not is told by a ResumeWarning.

    Args:
        trainer: what takes the state over.
        path: a checkpoint, or a folder of them: then the newest that is sound. Those that are newer and refused are set
            aside: renamed to ``….damaged``, which a ResumeWarning tells.
        host: whose names are used; those of this process if left out.

    Returns:
        The path of the checkpoint.

    Raises:
        ModelFileError: the checkpoint is refused; the message says why.
        ArgumentError: it is that of another model, or of another kind of optimizer.
    """
    check_path("resume", "path", path)
    if not os.path.isdir(path):
        _resume(trainer, path, host or default_host())
        return os.fspath(path)
    found = checkpoints_in(path)
    refused: dict[Path, ModelFileError] = {}
    for candidate in found:
        try:
            _resume(trainer, candidate, host or default_host())
        except ModelFileError as error:
            refused[candidate] = error
        else:
            for newer, reason in refused.items():
                warnings.warn(f"{reason}. The one before is taken; {set_aside(newer)}", ResumeWarning, stacklevel=3)
            return os.fspath(candidate)
    reasons = "".join(f": {reason}" if len(refused) == 1 else f"\n{reason}" for reason in refused.values())
    # a full disk may have left it alone
    best = Path(path) / BEST
    other = f"; it holds {best}, which is that of the best epoch: name it to go on from there" if best.is_file() else ""
    raise ModelFileError(f"{os.fspath(path)} holds no checkpoint to resume from{reasons}{other}")


def checkpoint_name(step: int) -> str:
    """The name of the checkpoint after so many steps.

    >>> checkpoint_name(1200)
    'step-000001200.safetensors'
    """
    return f"step-{step:09}.safetensors"


def is_best(path: Path) -> bool:
    """Whether it has the name of a run's best checkpoint: in a folder, or beside a single file."""
    return path.name == BEST or path.name.endswith(f".{BEST}")


def step_of(path: Path) -> int | None:
    """After how many steps a checkpoint was written, by its name; None for other files."""
    found = _NAME.fullmatch(path.name)
    return None if found is None else int(found[1])


def checkpoints_in(folder: str | os.PathLike[str]) -> list[Path]:
    """The checkpoints in a folder, the newest first.

    Raises:
        ModelFileError: the folder cannot be listed.
    """
    try:
        found = [(step, path) for path in Path(folder).iterdir() if (step := step_of(path)) is not None]
    except OSError as error:
        raise ModelFileError(f"{os.fspath(folder)} could not be read: {error.strerror or error}") from error
    return [path for _, path in sorted(found, reverse=True)]


def set_aside(checkpoint: Path) -> str:
    """Rename a checkpoint that is refused, so that it counts no more; returns what to say of it."""
    first = checkpoint.with_name(f"{checkpoint.name}.damaged")
    places = chain([first], (first.with_name(f"{first.name}.{number}") for number in count(2)))
    # what has such a name already may be all that is left of another one
    aside = next(place for place in places if not os.path.lexists(place))
    try:
        checkpoint.rename(aside)
    except OSError as error:
        return f"it could not be set aside as {aside.name}: {error.strerror or error}"
    return f"it was set aside as {aside.name}"


def _resume(trainer: Trainer, path: str | os.PathLike[str], host: PluginHost) -> None:
    limits = Limits()
    with opened(path, limits) as document:
        if document.content.get("kind") != "checkpoint":
            raise ModelFileError("it holds a model, and no state of training: load it with layerkit.load")
        # the header is judged before the arrays, which may be large, are read
        changes = _judged(lambda: _changes(document.content, trainer, host))
        _judged(lambda: _require_arrays(document, trainer))
        state = read_state(document, limits, lambda state: require_state(state, trainer))
    trainer.restore(state)
    if changes:
        warnings.warn(
            "the run goes on under other conditions, so its numbers may differ from those of one run: "
            f"{'; '.join(changes)}",
            ResumeWarning,
            stacklevel=4,
        )


def _judged(judge: Callable[[], Result]) -> Result:
    try:
        return judge()
    except LayerkitError:
        raise
    except Exception as error:
        # a forged checkpoint may hold anything where a trainer looks for its parts
        raise ModelFileError(f"its state of training does not fit: {type(error).__name__}: {error}") from error


def _require_arrays(document: Document, trainer: Trainer) -> None:
    """Refuse arrays that are not those of the trainer's model."""
    section = document.content["model"]
    model = trainer.model
    try:
        node = model.structure.node if model.initialized else plan(model, as_shape(section["input_shape"]))
        compare_tensors(document.tensors, node, DTYPES[section["dtype"]], checkpoint=True)
    except LayerkitError as error:
        raise ArgumentError(f"the checkpoint is that of another model: {error}") from error


def _description(trainer: Trainer, host: PluginHost) -> dict[str, Any]:
    encoder = Encoder(host, MARKED, strict=False)
    content = description_of(trainer.model, encoder, kind="checkpoint", cost=trainer.cost)
    content["training"] = {
        **_parts(trainer, encoder),
        "seed": trainer.seed,
        "set_by_callbacks": trainer.set_by_callbacks,
    }
    return content


def _parts(trainer: Trainer, encoder: Encoder) -> dict[str, Any]:
    return {
        "engine": encoder.encode(trainer.engine),
        "metrics": encoder.encode(list(trainer.metrics)),
        "optimizer": encoder.encode(trainer.optimizer),
        "transforms": encoder.encode(list(trainer.transforms)),
    }


def _changes(before: dict[str, Any], trainer: Trainer, host: PluginHost) -> list[str]:
    """What of the trainer, the packages and the machine is not as it was, each as ``path: then, now``.

    Raises:
        ArgumentError: the optimizer, a transform or the cost is another one, to which the state means nothing.
    """
    encoder = Encoder(host, MARKED, strict=False)
    has = _parts(trainer, encoder)
    had = {part: before["training"][part] for part in has}
    has |= {"model": encoder.encode(trainer.model), "cost": encoder.encode(trainer.cost)}
    had |= {"model": before["model"]["architecture"], "cost": before["model"]["cost"]}
    for part in ("optimizer", "transforms", "cost"):
        if _component_names(had[part]) != _component_names(has[part]):
            raise ArgumentError(
                f"the checkpoint is that of a trainer with the {part} {_component_names(had[part])}, this one has "
                f"{_component_names(has[part])}"
            )
    changed = [part for part in has if had[part] != has[part]]
    model, section = trainer.model, before["model"]
    threshold = list(model.threshold) if isinstance(model.threshold, tuple) else model.threshold
    names = model.schema.plain()
    kept = [
        f"{name}: {then!r} then, {now!r} now, and the first is kept"
        for name, then, now, asked in (
            ("seed", before["training"]["seed"], trainer.seed, not trainer.seed_drawn),
            # of a model without values, float32 may be nobody's choice
            ("dtype", section["dtype"], model.dtype.name, model.initialized or model.dtype.name != "float32"),
            ("threshold", section["threshold"], threshold, threshold != 0.5),
            *((f"schema.{name}", section["schema"][name], now, now is not None) for name, now in names.items()),
        )
        if asked and then != now
    ]
    # files of version 0.1 have no such list, and a forged one may have anything
    expected = before["training"].get("set_by_callbacks")
    expected = expected if isinstance(expected, list) else []
    differing = differences({part: had[part] for part in changed}, {part: has[part] for part in changed}, host=host)
    found = [
        *kept,
        *(change for change in _outermost(differing) if change.path not in expected),
        *differences(
            {**_versions(before["components"]), **before["environment"]},
            {**_versions(encoder.sources), **environment()},
        ),
    ]
    told = [short(str(change)) for change in found[:_TOLD_CHANGES]]
    return [*told, f"and {len(found) - _TOLD_CHANGES} more"] if len(found) > _TOLD_CHANGES else told


def _outermost(changes: list[Difference]) -> list[Difference]:
    """Without the arguments that a component has, or had, because it is another one."""
    replaced = {change.path for change in changes}
    return [
        change for change in changes if not (ABSENT in (change.had, change.has) and replaced & _beginnings(change.path))
    ]


def _beginnings(path: str) -> set[str]:
    names = path.split(".")
    return {".".join(names[:count]) for count in range(1, len(names))}


def _component_names(described: Any) -> list[str]:
    """The names of one component, or of a list of them."""
    several = described if isinstance(described, list) else [described]
    return [value for each in several for key, value in each.items() if key.startswith("$")]


def _versions(sources: dict[str, Any]) -> dict[str, str]:
    """The versions of the packages that components came from; layerkit's own stands with the environment."""
    named = {source["distribution"]: source["version"] for source in sources.values()}
    return {name: version for name, version in named.items() if name != "layerkit"}
