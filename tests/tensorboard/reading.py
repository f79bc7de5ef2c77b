"""Folders of events, as TensorBoard's own reader has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read(folder: Path) -> Any:
    """All of one run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance=dict.fromkeys(("scalars", "histograms", "images"), 0)).Reload()


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The charts of a run, each with its steps and values."""
    run = read(folder)
    return {tag: [(each.step, each.value) for each in run.Scalars(tag)] for tag in run.Tags()["scalars"]}


def everything(folder: Path) -> dict[str, Any]:
    """Charts, histograms and images of a run and those below it, without what the clock says."""
    found: dict[str, Any] = {}
    for part in ("", "training", "validation"):
        if not (folder / part).exists():
            continue
        run = read(folder / part)
        for tag in run.Tags()["scalars"]:
            if tag != "seconds":
                found[f"{part}:{tag}"] = [(each.step, each.value) for each in run.Scalars(tag)]
        for tag in run.Tags()["histograms"]:
            found[f"{part}:{tag}"] = [(each.step, each.histogram_value) for each in run.Histograms(tag)]
        for tag in run.Tags()["images"]:
            found[f"{part}:{tag}"] = [(each.step, each.encoded_image_string) for each in run.Images(tag)]
    return found


def comparison_of(folder: Path) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The settings of a run, and the places of the measures that are shown beside them."""
    from tensorboard.plugins.hparams import metadata

    run = read(folder)
    content = {tag: run.SummaryMetadata(tag).plugin_data.content for tag in run.PluginTagToContent("hparams")}
    start = metadata.parse_session_start_info_plugin_data(content[metadata.SESSION_START_INFO_TAG])
    experiment = metadata.parse_experiment_plugin_data(content[metadata.EXPERIMENT_TAG])
    settings = {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()}
    return settings, [(info.name.group, info.name.tag) for info in experiment.metric_infos]
