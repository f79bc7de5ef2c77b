"""A model's memory is laid out, then filled, then installed in the layers: each on its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import BatchNormalization, Constant, Dense, Sequential, Sigmoid
from layerkit.engines import Structure
from layerkit.errors import ShapeError
from layerkit.initializers.zeros import Zeros
from layerkit.models.plan import plan

FLOAT = np.dtype(np.float32)


def network() -> Sequential:
    frozen = Dense(3, activation=Sigmoid()).freeze()
    return Sequential([frozen, BatchNormalization(), Dense(2, bias_initializer=Constant(0.5))])


def test_laying_out_gives_places_draws_nothing_and_touches_no_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network()
    node = plan(model, (4,))
    before = [dict(layer.__dict__) for layer in model]
    monkeypatch.setattr(Zeros, "initialize", lambda *_: pytest.fail("an initializer was run"))
    structure = Structure(node, FLOAT)
    assert [dict(layer.__dict__) for layer in model] == before
    assert not model.initialized
    # what is trained comes first
    assert [(entry.path, entry.start, entry.stop) for entry in structure.entries] == [
        ("1.scale", 0, 3),
        ("1.shift", 3, 6),
        ("2.weight", 6, 12),
        ("2.bias", 12, 14),
        ("0.weight", 14, 26),
        ("0.bias", 26, 29),
    ]
    assert (structure.trainable, structure.parameters.size, structure.states.size) == (14, 29, 6)
    assert not structure.gradient.any()


def test_values_are_in_the_vectors_before_layers_have_them() -> None:
    model = network()
    structure = Structure(plan(model, (4,)), FLOAT).draw(0)
    assert not model.initialized
    structure.install()
    assert model.structure is structure
    same = network().initialize(4, seed=0).structure
    assert structure.parameters.tobytes() == same.parameters.tobytes()
    assert structure.states.tobytes() == same.states.tobytes()
    assert np.shares_memory(model.parameters["2.bias"], structure.parameters)
    assert structure.version == 1


def test_values_that_were_written_into_the_vectors_are_the_layers() -> None:
    model = network()
    structure = Structure(plan(model, (4,)), FLOAT)
    for vector in (structure.parameters, structure.states):
        vector[...] = np.arange(vector.size)
    structure.install()
    assert model.parameters["2.bias"].tolist() == [12, 13]
    assert model.states["1.mean"].tolist() == [0, 1, 2]


def test_an_initializer_that_fails_leaves_the_layers_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Sequential([Dense(3), Dense(2)]).initialize(4, seed=0)
    before = model.structure.parameters.copy()

    def wrong(*_: Any) -> Any:
        return np.zeros(7)

    monkeypatch.setattr(Zeros, "initialize", wrong)
    with pytest.raises(ShapeError, match=r"Zeros gave shape \(7,\) for '0\.bias', which needs \(3,\)"):
        model.initialize(4, seed=1, rebuild=True)
    assert (model.structure.parameters == before).all()
    assert np.shares_memory(model.parameters["0.weight"], model.structure.parameters)
