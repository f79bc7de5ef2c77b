"""A search as one HTML page that works without a network: Optuna's own plots, the best ones' curves, the confusion."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from layerkit.tuning.needed import quiet_optuna, require
from layerkit.tuning.outcome import FinalRun
from layerkit.tuning.result import Result, median_run

_BEST = 8
_HEIGHT = 480
_NAME = 130
"""Pixels for each name below a picture, at least, such as those of parallel coordinates."""
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ddd}"
    ".wide{overflow-x:auto}td,th{overflow-wrap:anywhere}.wide td,.wide th{overflow-wrap:normal}"
)
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)


def report_html(result: Result) -> str:
    """The page. It holds the script that draws, some 4 MiB, so it needs nothing else.

    Raises:
        SearchError: plotly is not installed.
    """
    require("plotly", "a report of a search", 'pip install "layerkit[tune]"')
    from plotly.offline import get_plotlyjs

    sections = [_summary(result), *(_section(title, figure) for title, figure in _figures(result)), _trials(result)]
    title = f"{escape(result.name)}: search for hyperparameters"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style>'
        f"<script>{get_plotlyjs()}</script></head><body><h1>{title}</h1>{''.join(sections)}</body></html>\n"
    )


def _figures(result: Result) -> Iterator[tuple[str, Any]]:
    with quiet_optuna() as optuna:
        plots: Any = optuna.visualization
        study = result.study
        varied = _varied(study)
        name = result.objective.name
        yield "History", plots.plot_optimization_history(study, target_name=name)
        if len(varied) > 1:
            yield "Parallel coordinates", plots.plot_parallel_coordinate(study, params=varied, target_name=name)
        if varied and sum(trial.state.name == "COMPLETE" for trial in study.trials) > 2:
            always = [each for each in varied if all(each in trial.params for trial in study.trials)]
            if len(always) > 1:
                evaluator = optuna.importance.PedAnovaImportanceEvaluator()
                yield "Importance", plots.plot_param_importances(study, evaluator=evaluator, params=always)
            yield "Slices", plots.plot_slice(study, params=varied, target_name=name)
    yield "Learning curves of the best", _curves(result)
    run = median_run(result.finals, result.objective.name)
    if run is not None and run.confusion is not None:
        yield "Confusion on the test data, with the median seed", _confusion(run)


def _varied(study: Any) -> list[str]:
    """What was drawn with more than one value in complete trials."""
    values: dict[str, set[str]] = {}
    for trial in study.trials:
        if trial.state.name == "COMPLETE":
            for name, value in trial.params.items():
                values.setdefault(name, set()).add(repr(value))
    return [name for name, several in values.items() if len(several) > 1]


def _curves(result: Result) -> Any:
    from plotly.graph_objects import Figure, Scatter

    complete = [each for each in result.outcomes if each.state == "complete" and each.value is not None]
    sign = 1 if result.objective.minimised else -1
    best = sorted(complete, key=lambda each: (sign * (each.value or 0.0), each.number))[:_BEST]
    lines = [
        Scatter(x=list(range(1, len(each.curve) + 1)), y=list(each.curve), name=f"trial {each.number}") for each in best
    ]
    figure = Figure(lines)
    figure.update_layout(xaxis_title="epoch", yaxis_title=result.objective.measure.replace("_", " "))
    return figure


def _confusion(run: FinalRun) -> Any:
    from plotly.graph_objects import Figure, Heatmap

    names = [f"{name} " for name in run.classes]
    figure = Figure(Heatmap(z=run.confusion, x=names, y=names, text=run.confusion, texttemplate="%{text}"))
    figure.update_layout(xaxis_title="predicted", yaxis_title="true")
    figure.update_yaxes(autorange="reversed")
    return figure


def _section(title: str, figure: Any) -> str:
    figure.update_layout(title=None, height=_HEIGHT)
    drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True})
    least = len(figure.layout.xaxis.ticktext or ()) * _NAME
    return f'<h2>{escape(title)}</h2><div class="wide"><div style="min-width:{least}px">{drawn}</div></div>'


def _summary(result: Result) -> str:
    name = escape(result.objective.name.replace("_", " "))
    rows = {"trials": str(len(result.outcomes))}
    if result.best is not None and result.best.value is not None:
        rows["best"] = f"trial {result.best.number}, validation {name} {result.best.value:.4g}"
    if result.median is not None and result.spread is not None:
        low, high = result.spread
        rows[f"test {name}"] = (
            f"{result.median:.4g} in the median of {len(result.figures)} seeds, {low:.4g} to {high:.4g}"
        )
    rows |= {escape(parameter): escape(str(value)) for parameter, value in result.best_params.items()}
    return f"<table>{''.join(f'<tr><th>{head}</th><td>{told}</td></tr>' for head, told in rows.items())}</table>"


def _trials(result: Result) -> str:
    rows = []
    for outcome in result.outcomes:
        drawn = ", ".join(f"{name}={value}" for name, value in result.params[outcome.number].items())
        value = "" if outcome.value is None else f"{outcome.value:.4g}"
        cells = (str(outcome.number), outcome.state, value, f"{outcome.seconds:.1f}", outcome.reason or drawn)
        rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    head = "<tr><th>trial</th><th>ended</th><th>value</th><th>seconds</th><th>choice</th></tr>"
    return f'<h2>Trials</h2><div class="wide"><table>{head}{"".join(rows)}</table></div>'
