"""Whether a trainer can take over a state: all of it is looked at before anything of it is assigned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from layerkit.arguments import check_table
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.job import Progress
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform
from layerkit.models.classes import checked_threshold, decision_of
from layerkit.models.node import Node
from layerkit.models.plan import plan
from layerkit.models.schema import Schema
from layerkit.shapes import as_shape
from layerkit.steps.target_scale import restored_readout

if TYPE_CHECKING:
    from layerkit.training.trainer import Trainer

_DTYPES = ("float32", "float64")
_LARGEST_COUNT = 2**53
_PARTS = (
    "parameters",
    "states",
    "dtype",
    "input_shape",
    "frozen",
    "updates",
    "streams",
    "position",
    "history",
    "callbacks",
    "fit",
)
_SETTINGS: dict[str, type] = {"batch_size": int, "accumulate": int, "shuffle": bool, "drop_last": bool}
_LATER_SETTINGS = ("steps_per_epoch", "class_weights", "standardize_targets")
"""What checkpoints of earlier versions do not tell."""


def require_state(state: Any, trainer: Trainer) -> None:
    """Refuse what ``Trainer.state`` of a trainer of the same parts cannot have given; changes nothing.

    Raises:
        ArgumentError: the state is of another trainer, or of none; the message names the place.
    """
    _table("", state, *_PARTS)
    if state["dtype"] not in _DTYPES:
        raise _wrong("dtype", state["dtype"], f"one of {', '.join(_DTYPES)}")
    node = _planned(state, trainer)
    shapes = _require_values(state, node)
    paths = {inner.path for inner in node.walk()}
    frozen = state["frozen"]
    if not isinstance(frozen, list) or not all(isinstance(path, str) and path in paths for path in frozen):
        raise _wrong("frozen", frozen, "a list of paths of layers")
    # checkpoints of earlier versions do not have it
    passed_over = state.get("passed_over")
    if passed_over is not None and (
        not isinstance(passed_over, list) or not all(isinstance(path, str) and path in paths for path in passed_over)
    ):
        raise _wrong("passed_over", passed_over, "None, or a list of paths of layers")
    if not isinstance(state["updates"], list) or not state["updates"]:
        raise _wrong("updates", state["updates"], "a list: of the optimizer, then of the transforms")
    if len(state["updates"]) != 1 + len(trainer.transforms):
        raise ArgumentError(
            f"the state is that of a trainer with {len(state['updates']) - 1} transforms, this one has "
            f"{len(trainer.transforms)}"
        )
    _require_memory("updates[0]", state["updates"][0], shapes, trainer.optimizer)
    for place, (transform, memory) in enumerate(zip(trainer.transforms, state["updates"][1:], strict=True), 1):
        _require_memory(f"updates[{place}]", memory, shapes, transform)
    _require_readout(state, node, trainer)
    _require_names(state, node)
    _require_streams(state["streams"])
    _require_position(state["position"])
    _require_history(state["history"])
    _require_fit(state)


def _planned(state: Mapping[str, Any], trainer: Trainer) -> Node:
    model = trainer.model
    if model.initialized:
        return model.structure.node
    try:
        return plan(model, as_shape(_as_tuples(state["input_shape"])))
    except LayerkitError as error:
        raise ArgumentError(f"the state is that of another model: {error}") from error


def _require_values(state: Mapping[str, Any], node: Node) -> dict[str, tuple[int, ...]]:
    """The shapes of the parameters, by path, of which the state holds values of all."""
    shapes: dict[str, dict[str, tuple[int, ...]]] = {"parameters": {}, "states": {}}
    for inner in node.walk():
        if inner.first:
            for kind, declared in (("parameters", inner.parameters), ("states", inner.states)):
                shapes[kind] |= {inner.join(name): each.shape for name, each in declared.items()}
    for kind, has in shapes.items():
        for path, array in _table(kind, state[kind]).items():
            if not isinstance(array, np.ndarray):
                raise _wrong(f"{kind}.{path}", array, "an array")
        had = {path: array.shape for path, array in state[kind].items()}
        if had != has:
            different = sorted(path for path in had.keys() | has.keys() if had.get(path) != has.get(path))
            raise ArgumentError(f"the state is that of another model: {kind} {different} differ")
        for path, array in state[kind].items():
            if array.dtype.name != state["dtype"]:
                raise _wrong(f"{kind}.{path}", array.dtype, f"of the dtype {state['dtype']}")
    for inner in node.walk():
        for name, declaration in inner.states.items() if inner.first else ():
            path = inner.join(name)
            declaration.require_reached(f"Trainer.restore: the state: states.{path}", state["states"][path])
    return shapes["parameters"]


def _require_memory(
    place: str, memory: Any, shapes: Mapping[str, tuple[int, ...]], owner: Optimizer | Transform
) -> None:
    """What an optimizer or a transform remembers: vectors as long as the slices, which are of this model."""
    _table(place, memory, "flat", "fills", "numbers", "slices")
    end = 0
    seen: set[str] = set()
    for each in memory["slices"] if isinstance(memory["slices"], list) else [None]:
        if not isinstance(each, list) or len(each) != 5 or not isinstance(each[0], str):
            raise _wrong(f"{place}.slices", each, "[path, start, stop, shape, tags]")
        path, start, stop, shape, tags = each
        known = shapes.get(path)
        size = math.prod(known or ())
        if known is None or path in seen or shape != list(known) or [start, stop] != [end, end + size]:
            raise _wrong(f"{place}.slices", each, "the place of a parameter of this model, behind the one before")
        if not all(type(number) is int for number in (start, stop, *shape)):
            raise _wrong(f"{place}.slices", each, "of integers")
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise _wrong(f"{place}.slices", each, "tagged by words")
        end = stop
        seen.add(path)
    flat = _table(f"{place}.flat", memory["flat"])
    for name, array in flat.items():
        if not isinstance(array, np.ndarray) or array.shape != (end,) or array.dtype.name not in _DTYPES:
            raise _wrong(f"{place}.flat.{name}", array, f"a vector of {end} floating numbers")
    if len({array.dtype for array in flat.values()}) > 1:
        raise ArgumentError(f"Trainer.restore: {place}.flat holds vectors of several dtypes")
    fills = _table(f"{place}.fills", memory["fills"])
    if fills.keys() != flat.keys() or not all(map(_is_number, fills.values())):
        raise _wrong(f"{place}.fills", fills, "a number for each vector")
    for name, array in _table(f"{place}.numbers", memory["numbers"]).items():
        if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype != np.float64:
            raise _wrong(f"{place}.numbers.{name}", array, "a vector of float64")
    # states of earlier versions have none
    slice_numbers = _table(f"{place}.slice_numbers", memory.get("slice_numbers", {}))
    for name, array in slice_numbers.items():
        if not isinstance(array, np.ndarray) or array.shape != (len(memory["slices"]),) or array.dtype != np.float64:
            raise _wrong(f"{place}.slice_numbers.{name}", array, "a float64 number for each of the slices")
    for kind, kept in (("flat", flat), ("numbers", memory["numbers"]), ("slice_numbers", slice_numbers)):
        for name, array in kept.items():
            least = owner.minima.get(name)
            if least is not None and not (array >= least).all():
                raise _wrong(f"{place}.{kind}.{name}", float(array.min()), f"at least {least:g}")
    try:
        owner.check_memory(flat, {**memory["numbers"], **slice_numbers})
    except ArgumentError as error:
        raise ArgumentError(f"Trainer.restore: the state: {place}: {error}") from error


def _require_readout(state: Mapping[str, Any], node: Node, trainer: Trainer) -> None:
    try:
        readout = restored_readout(dict(state))
        if readout is not None:
            plan(readout, node.output_shape)
    except (LayerkitError, TypeError) as error:
        raise _wrong("readout", state["readout"], f"the scale of this model's targets ({error})") from error
    if "threshold" not in state:
        return
    try:
        threshold = checked_threshold("the state", state["threshold"])
        decision_of(node, readout or trainer.cost.readout(), threshold)
    except ArgumentError as error:
        raise _wrong("threshold", state["threshold"], f"one for this model ({error})") from error


def _require_names(state: Mapping[str, Any], node: Node) -> None:
    if "schema" not in state:
        return
    try:
        Schema.of_plain(state["schema"]).require_fitting(node.input_shape)
    except ArgumentError as error:
        raise _wrong("schema", state["schema"], f"the names that this model knows ({error})") from error


def _require_streams(streams: Any) -> None:
    _table("streams", streams, "seed", "kept")
    if type(streams["seed"]) is not int or streams["seed"] < 0:
        raise _wrong("streams.seed", streams["seed"], "an integer of at least 0")
    for key, kept in _table("streams.kept", streams["kept"]).items():
        try:
            np.random.PCG64(0).state = kept
        except Exception as error:
            # NumPy checks what it is given, by errors of several kinds
            raise _wrong(f"streams.kept.{key}", kept, "the state of a generator") from error


def _require_position(position: Any) -> None:
    _table("position", position, *Progress().state())
    for name in ("epoch", "batch", "step"):
        if type(position[name]) is not int or not 0 <= position[name] < _LARGEST_COUNT:
            raise _wrong(f"position.{name}", position[name], "a count")
    for name in ("cost", "weight", "seconds"):
        if not _is_number(position[name]) or not math.isfinite(position[name]):
            raise _wrong(f"position.{name}", position[name], "a finite number")
    until = position["until"]
    if until is not None and (type(until) is not int or not position["epoch"] <= until < _LARGEST_COUNT):
        raise _wrong("position.until", until, "None, or a count of epochs that is not passed")


def _require_history(history: Any) -> None:
    if not isinstance(history, list):
        raise _wrong("history", history, "a list of records")
    for place, record in enumerate(history):
        _table(f"history[{place}]", record, "epoch", "cost", "seconds")
        if (
            _holds_array(record)
            or type(record["epoch"]) is not int
            or not (_is_number(record["cost"]) and _is_number(record["seconds"]))
        ):
            raise _wrong(f"history[{place}]", record, "of numbers")
    if any(later["epoch"] <= earlier["epoch"] for earlier, later in pairwise(history)):
        raise ArgumentError("Trainer.restore: the state's history must hold the epochs in order")


def _require_fit(state: Mapping[str, Any]) -> None:
    """What ``layerkit.training.resumption`` compares with the next fit."""
    callbacks, fit = state["callbacks"], state["fit"]
    if not isinstance(callbacks, list):
        raise _wrong("callbacks", callbacks, "a list of what each remembers")
    for place, each in enumerate(callbacks):
        _table(f"callbacks[{place}]", each)
    if fit is None:
        return
    _table("fit", fit, "settings", "data", "validation", "callbacks")
    _table("fit.settings", fit["settings"], *_SETTINGS)
    if fit["settings"].keys() - set(_LATER_SETTINGS) != _SETTINGS.keys():
        raise _wrong("fit.settings", fit["settings"], f"of {', '.join((*_SETTINGS, *_LATER_SETTINGS))}")
    steps, weights, scaled = map(fit["settings"].get, _LATER_SETTINGS)
    if steps is not None and (type(steps) is not int or steps < 1):
        raise _wrong("fit.settings.steps_per_epoch", steps, "None, or a count of at least 1")
    if not (weights is None or weights == "balanced" or (isinstance(weights, list) and all(map(_is_number, weights)))):
        raise _wrong("fit.settings.class_weights", weights, "None, 'balanced', or a list of numbers")
    if type(scaled) not in (bool, type(None)):
        raise _wrong("fit.settings.standardize_targets", scaled, "True or False")
    for name, kind in _SETTINGS.items():
        if type(fit["settings"][name]) is not kind:
            raise _wrong(f"fit.settings.{name}", fit["settings"][name], f"of the type {kind.__name__}")
    for name in ("data", "validation"):
        if fit[name] is not None:
            _table(f"fit.{name}", fit[name])
            if type(fit[name].get("rows", 0)) is not int:
                raise _wrong(f"fit.{name}.rows", fit[name]["rows"], "a count")
            for key, array in _table(f"fit.{name}.arrays", fit[name].get("arrays", {})).items():
                _table(f"fit.{name}.arrays.{key}", array)
            if _holds_array(fit[name]):
                raise _wrong(f"fit.{name}", fit[name], "what identifies data, without an array")
    until, epochs = state["position"]["until"], fit.get("epochs")
    # a checkpoint of an earlier version does not tell
    if "epochs" in fit and (type(epochs) is not int or until is None or not 0 <= epochs <= until):
        raise _wrong("fit.epochs", epochs, "how many epochs the fit has, until position.until")
    for name, value in _table("fit.asked", fit.get("asked", {})).items():
        if type(value) is not bool:
            raise _wrong(f"fit.asked.{name}", value, "True or False")
    if not isinstance(fit.get("ended"), (str, type(None))):
        raise _wrong("fit.ended", fit["ended"], "None, or why the run has come to its end")
    frozen = fit.get("frozen", [])
    if not isinstance(frozen, list) or not all(isinstance(path, str) for path in frozen):
        raise _wrong("fit.frozen", frozen, "the paths of the layers that were frozen when the run began")
    kinds = fit["callbacks"]
    if not isinstance(kinds, list) or len(kinds) != len(callbacks) or not all(isinstance(kind, str) for kind in kinds):
        raise _wrong("fit.callbacks", kinds, "the class of each callback")
    # checkpoints of earlier versions do not have these
    arguments = fit.get("arguments", [{"remembers": False, "arguments": {}}] * len(kinds))
    if not isinstance(arguments, list) or len(arguments) != len(kinds) or _holds_array(arguments):
        raise _wrong("fit.arguments", arguments, "the arguments of each callback")
    for place, each in enumerate(arguments):
        _table(f"fit.arguments[{place}]", each, "remembers", "arguments")
        _table(f"fit.arguments[{place}].arguments", each["arguments"])


def _table(place: str, value: Any, *names: str) -> dict[str, Any]:
    """``value``, which must be a dictionary with text for keys, ``names`` among them."""
    check_table("Trainer.restore", f"the state{place and f': {place}'}", value, *names)
    table: dict[str, Any] = value
    return table


def _wrong(place: str, value: Any, wanted: str) -> ArgumentError:
    found = f"an array of shape {value.shape}, {value.dtype}" if isinstance(value, np.ndarray) else f"{value!r:.200}"
    return ArgumentError(f"Trainer.restore: the state{place and f': {place}'} must be {wanted}, got {found}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _holds_array(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return isinstance(value, np.ndarray) or any(map(_holds_array, inner))


def _as_tuples(shape: Any) -> Any:
    return tuple(map(_as_tuples, shape)) if isinstance(shape, list) else shape
