"""Objects show themselves in a notebook: as tables, in which every text is escaped."""

from __future__ import annotations

import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layerkit import Confusion, Dense, GradientDescent, History, ProgressDisplay, Quadratic, ReLU, Sequential, Trainer
from layerkit.notebook import html_table, in_notebook


def cells(page: str) -> list[str]:
    return re.findall(r"<t[dh] [^>]*>(.*?)</t[dh]>", page)


def test_a_model_is_its_summary() -> None:
    model = Sequential([Dense(3, activation=ReLU()), Dense(2)])
    assert model._repr_html_() == "<pre>Sequential([Dense(3, activation=ReLU()), Dense(2)])</pre>"
    page = model.initialize(4, seed=0)._repr_html_()
    assert cells(page)[:8] == ["path", "layer", "output shape", "parameters", "0", "Dense", "(batch, 3)", "15"]
    assert "23 trained parameters, float32" in page


def test_a_history_is_its_last_epochs() -> None:
    history = History([{"epoch": n, "cost": 1 / n, "<b>": n} for n in range(1, 13)])
    history.stop_reason = "<i>enough</i>"
    page = history._repr_html_()
    assert cells(page)[:6] == ["epoch", "cost", "&lt;b&gt;", "3", "0.3333", "3"]
    assert "the last 10 of 12 epochs; stopped: &lt;i&gt;enough&lt;/i&gt;" in page
    assert "no epochs" in History()._repr_html_()


def test_a_confusion_is_its_table() -> None:
    page = Confusion(np.array([[3, 1], [0, 4]]), ["<cat>", "dog"])._repr_html_()
    assert cells(page)[:8] == ["", "&lt;cat&gt;", "dog", "right", "&lt;cat&gt;", "3", "1", "75.00 %"]
    assert "rgba(40,120,180,0.375)" in page
    labels = Confusion(np.array([[[5, 1], [2, 3]]]), ["<x>"])._repr_html_()
    assert cells(labels)[5:] == ["&lt;x&gt;", "3", "2", "1", "5"]
    many = np.diag(np.full(40, 9))
    many[3, 5] = 2
    assert cells(Confusion(many)._repr_html_()) == ["the most frequent mistakes", "3 taken for 5: 2 of 11"]


def test_without_rows_there_is_a_table_all_the_same() -> None:
    assert cells(html_table(["a", "b"], [])) == ["a", "b"]


def test_progress_shows_itself_where_there_is_a_kernel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Any] = []
    kernel, display = ModuleType("IPython"), ModuleType("IPython.display")
    monkeypatch.setattr(kernel, "get_ipython", lambda: SimpleNamespace(kernel=object()), raising=False)
    monkeypatch.setattr(display, "HTML", str, raising=False)
    output = SimpleNamespace(update=shown.append)
    monkeypatch.setattr(display, "display", lambda first, display_id: output, raising=False)
    assert not in_notebook() or "IPython" in sys.modules
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    x = np.linspace(-1, 1, 20)[:, None]
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    trainer.fit((x, x), epochs=2, callbacks=[ProgressDisplay(columns={"epoch": "<epoch>"})])
    assert 'max="2"' in shown[0]
    assert any('value="1.0000"' in each for each in shown)
    assert shown[-1].splitlines() == ['<pre style="margin:0">&lt;epoch&gt;', "      1", "      2</pre>"]
    assert capsys.readouterr().out == ""
