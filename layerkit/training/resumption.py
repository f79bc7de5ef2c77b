"""Whether a fit goes on as the one that it resumes began."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from layerkit.errors import ArgumentError, DataError, LayerkitError, ResumeWarning
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.job import Job, Progress
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.training.fingerprint import fingerprint

if TYPE_CHECKING:
    from layerkit.training.fit import Fit
    from layerkit.training.standing import Standing

_SETTINGS = ("batch_size", "accumulate", "shuffle", "drop_last")


def identity_of_fit(
    job: Job, validation: RandomAccess | Stream | None, callbacks: Sequence[Callback]
) -> dict[str, Any]:
    """What identifies the data and the settings of a fit, for whoever resumes it: JSON-safe values."""
    return {
        "settings": {name: getattr(job, name) for name in _SETTINGS}
        | {
            "steps_per_epoch": job.stream_steps,
            "class_weights": None if job.data.class_weights is None else job.data.class_weights.told,
            "standardize_targets": job.data.targets.scale is not None,
        },
        "data": fingerprint(job.source),
        "validation": fingerprint(validation),
        "callbacks": [_kind(callback) for callback in callbacks],
        "arguments": [_told(callback) for callback in callbacks],
    }


def go_on_as_before(standing: Standing, fit: Fit, planned: int | None, until: int) -> None:
    """Let a fit take up the one that is resumed: refuse and tell what differs, restore callbacks.

    Where callbacks had ended the run, those that are as they were do so at once.

    Raises:
        ArgumentError, DataError: as ``require_same``; or a callback cannot take back what it remembered.
    """
    before, now = standing.resumed, fit.given
    assert before is not None
    require_same(before, now)
    changes = changed_callbacks(before, now)
    if changes:
        warnings.warn(
            f"the run goes on with other callbacks, as they are now: {'; '.join(changes)}", ResumeWarning, stacklevel=3
        )
    asked = before.get("asked", now["asked"])
    told = [
        f"{name}: {asked.get(name)} then, {value} now"
        for name, value in now["asked"].items()
        if asked.get(name) != value
    ]
    if told:
        warnings.warn(
            f"the run goes on otherwise than it began: {'; '.join(told)} (a scale of targets that was learned is "
            "kept, and what is measured changes)",
            ResumeWarning,
            stacklevel=3,
        )
    tell_frozen(before.get("frozen"), standing.frozen_before)
    tell_schedules(fit.job.optimizer, fit.job, planned, until)
    restore_callbacks(fit.callbacks, before["callbacks"], standing.callback_states)
    if before.get("ended") is not None and not changes:
        fit.stop(before["ended"])


def require_same(before: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse to go on where the result would not be that of one run.

    Raises:
        ArgumentError: a setting differs.
        DataError: the data differs.
    """
    way_out = "to train on in another way, begin a new fit from the model's values (layerkit.load) instead of resuming"
    for name, value in before["settings"].items():
        if now["settings"][name] != value:
            raise ArgumentError(
                f"Trainer.fit: the run that is resumed began with {name}={value!r}, and this call says "
                f"{now['settings'][name]!r}: give the same, or, {way_out}"
            )
    for name, told in (("data", "the data"), ("validation", "the validation data")):
        if now[name] != before[name]:
            raise DataError(
                f"{told} is not what the run that is resumed began with ({_difference(before[name], now[name])}): give "
                f"the same, or, {way_out}"
            )


def changed_callbacks(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The callbacks that may change the run, and are new, gone, or made with other arguments: a text for each."""
    if "arguments" not in before:
        # a checkpoint of an earlier version
        return []
    had, has = (_by_kind(given) for given in (before, now))
    changes = [f"{_short(kind)} is gone" for kind in had if not any(_moved(kind, other) for other in has)]
    for kind, arguments in has.items():
        earlier = next((had[other] for other in had if _moved(other, kind)), None)
        if earlier is None:
            changes.append(f"{_short(kind)} is new, and remembers nothing yet")
            continue
        for one, other in zip(earlier, arguments, strict=False):
            different = [name for name in other if name in one and repr(one[name]) != repr(other[name])]
            changes += [f"{_short(kind)}.{name}: {one[name]!r} then, {other[name]!r} now" for name in different]
        if len(earlier) != len(arguments):
            changes.append(f"{_short(kind)}: {len(earlier)} of them then, {len(arguments)} now")
    return changes


def beginning(before: dict[str, Any], until: int, epochs: int) -> int:
    """At which epoch a fit began that was to end at ``until``; earlier versions kept no more than that end."""
    return until - int(before.get("epochs", epochs))


def tell_length(asked: int, position: Progress) -> None:
    """Warn where a run has come further than the epochs that are asked for."""
    if (asked, 0) < (position.epoch, position.batch):
        warnings.warn(
            f"the run that is resumed has come to epoch {position.epoch}, batch {position.batch}, and {asked} epochs "
            "are asked for: nothing is trained, and what it has learned is kept",
            ResumeWarning,
            stacklevel=4,
        )


def tell_order(had: Sequence[str], has: Sequence[str]) -> None:
    """Warn where the parameters lay in another order, as an earlier version left them after a layer was unfrozen."""
    if had != has and sorted(had) == sorted(has):
        warnings.warn(
            "the parameters lie in another order now than in the run that is resumed, whose layers were unfrozen under "
            "an earlier version: sums over all of them are rounded otherwise, so its numbers may differ",
            ResumeWarning,
            stacklevel=5,
        )


def tell_frozen(had: Sequence[str] | None, has: Sequence[str]) -> None:
    """Warn where other layers are frozen, by hand, than when the run began; earlier versions did not tell."""
    if had is None or set(had) == set(has):
        return
    changes = [
        f"layer {path} {'was not, and is now' if path in has else 'was, and is not now'}"
        for path in sorted(set(had) ^ set(has))
    ]
    warnings.warn(
        f"other layers are frozen than when the run that is resumed began ({'; '.join(changes)}): it goes on with "
        "those that were frozen where it stopped; freeze or unfreeze layers after resuming",
        ResumeWarning,
        stacklevel=4,
    )


def tell_schedules(optimizer: Optimizer, job: Job, planned: int | None, until: int) -> None:
    """Warn of a schedule that is as long as the fit was to be, where the fit is to end elsewhere now."""
    if planned is None or planned == until:
        return
    batches = job.batches_per_epoch
    steps = None if batches is None else -(-batches // job.accumulate)
    for schedule in _schedules(optimizer):
        end = planned if schedule.config.get("unit", "epoch") == "epoch" else steps and planned * steps
        if end in _lengths(schedule, end or 0):
            warnings.warn(
                f"the fit was to end at epoch {planned} and ends at epoch {until} now; the schedule {schedule!r} is as "
                "long as it was, so the learning rates are not those of one run: change its length, too, or make sure "
                "that this is meant",
                ResumeWarning,
                stacklevel=4,
            )


def _lengths(schedule: Schedule, most: int) -> set[int]:
    """Where a schedule ends, or a period of it does, up to ``most``: one behind a warm-up begins where that ends."""
    config = schedule.config
    found = {config["length"]} if "length" in config else set()
    if "length" in config:
        inner = (each for each in config.values() if isinstance(each, Schedule))
        found |= {config["length"] + length for each in inner for length in _lengths(each, most)}
    period, end = config.get("period"), 0
    while period is not None and end < most:
        end += period
        found.add(end)
        period *= config.get("growth", 1)
    return found


def _schedules(component: Configurable) -> Iterator[Schedule]:
    for value in component.config.values():
        for inner in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(inner, Schedule):
                yield inner
            if isinstance(inner, Configurable):
                yield from _schedules(inner)


def goes_on(left: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether a fit can take up the epoch in which another was stopped: its batches must be the same."""
    return all(left[name] == now[name] for name in ("settings", "data"))


def restore_callbacks(callbacks: Sequence[Callback], kinds: Sequence[str], states: Sequence[dict[str, Any]]) -> None:
    """Give each callback the state of the next one of its class.

    Raises:
        ArgumentError: one cannot take it; then all are as they were.
    """
    given: list[tuple[Callback, dict[str, Any]]] = []
    waiting = list(zip(kinds, states, strict=False))
    for callback in callbacks:
        kind = _kind(callback)
        # a checkpoint may be older than the module that a class stands in now
        found = next((entry for same in (str.__eq__, _moved) for entry in waiting if same(entry[0], kind)), None)
        if found is not None:
            waiting.remove(found)
            given.append((callback, found[1]))
    before = [callback.state() for callback, _ in given]
    for place, (callback, state) in enumerate(given):
        try:
            callback.restore(state)
        except Exception as error:
            # anybody may have written the state, and a callback may look for anything in it
            for (earlier, _), had in zip(given[:place], before, strict=False):
                earlier.restore(had)
            reason = str(error) if isinstance(error, LayerkitError) else f"{type(error).__name__}: {error}"
            raise ArgumentError(
                f"Trainer.fit: {type(callback).__name__} cannot take back what it remembered: {reason:.400}"
            ) from error


def _by_kind(given: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The arguments of each class of callbacks that may change the run."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, each in zip(given["callbacks"], given["arguments"], strict=True):
        if each["remembers"]:
            found.setdefault(kind, []).append(each["arguments"])
    return found


def _told(callback: Callback) -> dict[str, Any]:
    """What of a callback is compared: numbers and words, and not where it writes to."""
    stored = vars(callback)
    try:
        names = list(arguments_of(type(callback)))
    except ArgumentError:
        # a callback of one's own may take what has no name
        names = []
    arguments = {
        name: stored[name]
        for name in names
        if name != "path" and isinstance(stored.get(name, ...), (bool, int, float, str, type(None)))
    }
    remembers = callback.changes_training and type(callback).state is not Callback.state
    return {"remembers": remembers, "arguments": arguments}


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]


def _kind(callback: Callback) -> str:
    return f"{type(callback).__module__}.{type(callback).__qualname__}"


def _moved(before: str, now: str) -> bool:
    """Whether two classes have one name, and stand in one package."""
    return all(part(before, ".")[end] == part(now, ".")[end] for part, end in ((str.partition, 0), (str.rpartition, 2)))


def _difference(before: Any, now: Any) -> str:
    if before is None or now is None:
        return "there was none" if before is None else "there is none now"
    for key in ("source", "rows", "augmentation"):
        if before.get(key) != now.get(key):
            return f"{key}: {before.get(key)} then, {now.get(key)} now"
    had, has = before.get("arrays", {}), now.get("arrays", {})
    for name in [*had, *has]:
        one, other = had.get(name, {}), has.get(name, {})
        for key in ("shape", "dtype"):
            if one.get(key) != other.get(key):
                return f"{name} had the {key} {one.get(key)}, and has {other.get(key)} now"
        if one != other:
            return f"the contents of {name} differ"
    return "it differs"
