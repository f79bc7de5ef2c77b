"""Checkpoints: a trainer's whole state in a file, and a trainer that goes on from it."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from layerkit.errors import ArgumentError, LayerkitError, ModelFileError, ResumeWarning
from layerkit.files.arrays import read
from layerkit.files.canonical import from_json
from layerkit.files.description import described
from layerkit.files.document import Document, opened
from layerkit.files.encoding import Encoder
from layerkit.files.environment import differences, environment
from layerkit.files.folder import checkpoints_in
from layerkit.files.header import PARAMETERS, STATES
from layerkit.files.limits import Limits
from layerkit.files.saving import model_tensors
from layerkit.files.state import REST, put_together, taken_apart
from layerkit.files.writing import write_document
from layerkit.registry.host import PluginHost, default_host

if TYPE_CHECKING:
    from layerkit.training.trainer import Trainer


def save_checkpoint(trainer: Trainer, path: str | os.PathLike[str], *, host: PluginHost | None = None) -> str:
    """Write everything that training goes on from: the model, and what optimizer, generators and callbacks remember.

    Returns:
        The digest of the file.

    Raises:
        NotBuiltError: the model has no values yet.
        ArgumentError: a callback remembers something that a file cannot hold.
        ModelFileError: the file could not be written; what was there before is as it was.
    """
    content = _description(trainer, host or default_host())
    state = trainer.state()
    tensors = model_tensors(trainer.model)
    del state["parameters"], state["states"]
    tensors |= taken_apart(state)
    content["position"] = {name: state["position"][name] for name in ("epoch", "batch", "step", "until")}
    content["environment"] = environment()
    return write_document(path, content, tensors)


def resume(trainer: Trainer, path: str | os.PathLike[str], *, host: PluginHost | None = None) -> str:
    """Let a trainer go on where the one that wrote a checkpoint was.

    The trainer is one made like the first: model, cost, optimizer, transforms. The next ``fit``, given the same data,
    settings and callbacks, goes on to the same bits as if it had never stopped, from inside an epoch too, as long as
    the machine is of the same kind, and versions and BLAS threads are the same. What is not is told by a ResumeWarning.

    Args:
        trainer: what takes the state over.
        path: a checkpoint, or a folder of them: then the newest that is sound.
        host: whose names are used; those of this process if left out.

    Returns:
        The path of the checkpoint.

    Raises:
        ModelFileError: the checkpoint is refused; the message says why.
        ArgumentError: it is that of another model, or of another kind of optimizer.
    """
    if not os.path.isdir(path):
        _resume(trainer, path, host or default_host())
        return os.fspath(path)
    found = checkpoints_in(path)
    for candidate in found:
        try:
            _resume(trainer, candidate, host or default_host())
        except ModelFileError as error:
            if candidate == found[-1]:
                raise
            warnings.warn(f"{error}. The one before is taken", ResumeWarning, stacklevel=2)
        else:
            return os.fspath(candidate)
    raise ModelFileError(f"{os.fspath(path)} holds no checkpoint to resume from")


def _resume(trainer: Trainer, path: str | os.PathLike[str], host: PluginHost) -> None:
    limits = Limits()
    with opened(path, limits) as document:
        if document.content.get("kind") != "checkpoint":
            raise ModelFileError("it holds a model, and no state of training: load it with layerkit.load")
        state = _state(document, limits)
    try:
        changes = _changes(document.content, trainer, host)
        trainer.restore(state)
    except LayerkitError:
        raise
    except Exception as error:
        # a forged checkpoint may hold anything where a trainer looks for its state
        raise ModelFileError(
            f"{os.fspath(path)} was refused: its state of training does not fit: {type(error).__name__}: {error}"
        ) from error
    if changes:
        warnings.warn(
            "the run goes on under other conditions, so its numbers may differ from those of one run: "
            f"{'; '.join(changes)}",
            ResumeWarning,
            stacklevel=3,
        )


def _state(document: Document, limits: Limits) -> Any:
    tensor = document.tensors.get(REST)
    if tensor is None or tensor.dtype != "U8" or tensor.size > limits.rest_bytes:
        raise ModelFileError("its state of training is missing, or too large")
    text = read(document, REST).tobytes()
    state = put_together(from_json(text, values=len(text), nesting=limits.nesting), lambda name: read(document, name))
    if not isinstance(state, dict):
        raise ModelFileError("its state of training is not as layerkit writes it")
    for kind, prefix in (("parameters", PARAMETERS), ("states", STATES)):
        state[kind] = {
            name.removeprefix(prefix): read(document, name) for name in document.tensors if name.startswith(prefix)
        }
    return state


def _description(trainer: Trainer, host: PluginHost) -> dict[str, Any]:
    encoder = Encoder(host, strict=False)
    content = described(trainer.model, encoder, kind="checkpoint", cost=trainer.cost)
    content["training"] = {**_parts(trainer, encoder), "seed": trainer.seed}
    return content


def _parts(trainer: Trainer, encoder: Encoder) -> dict[str, Any]:
    return {
        "engine": encoder.encode(trainer.engine),
        "metrics": [encoder.encode(metric) for metric in trainer.metrics],
        "optimizer": encoder.encode(trainer.optimizer),
        "transforms": [encoder.encode(transform) for transform in trainer.transforms],
    }


def _changes(before: dict[str, Any], trainer: Trainer, host: PluginHost) -> list[str]:
    """What of the trainer, the packages and the machine is not as it was.

    Raises:
        ArgumentError: the optimizer, a transform or the cost is another one, to which the state means nothing.
    """
    encoder = Encoder(host, strict=False)
    has = {"layers": encoder.encode(trainer.model), "cost": encoder.encode(trainer.cost), **_parts(trainer, encoder)}
    model = before["model"]
    had = {"layers": model["architecture"], "cost": model["cost"], **before["training"]}
    for part in ("optimizer", "transforms", "cost"):
        if _names(had[part]) != _names(has[part]):
            raise ArgumentError(
                f"the checkpoint is that of a trainer with the {part} {_names(had[part])}, this one has "
                f"{_names(has[part])}"
            )
    found = [f"{part}: not the same, or with other arguments" for part in has if had[part] != has[part]]
    found += differences(before["environment"], environment())
    found += differences(_versions(before["components"]), _versions(encoder.sources))
    return found


def _names(described: Any) -> list[str]:
    """The names of one component, or of a list of them."""
    several = described if isinstance(described, list) else [described]
    return [value for each in several for key, value in each.items() if key.startswith("$")]


def _versions(sources: dict[str, Any]) -> dict[str, str]:
    """The versions of the packages that components came from; layerkit's own stands with the environment."""
    named = {source["distribution"]: source["version"] for source in sources.values()}
    return {name: version for name, version in named.items() if name != "layerkit"}
