"""Layers that stood in a package before load by the names that they had there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.reliability.anatomy import Anatomy
from layerkit import Dense, Embedding, Flatten, LayerNormalization, Sequential, load, save


def test_a_file_that_names_the_layers_as_version_0_1_did_loads(tmp_path: Path) -> None:
    pytest.importorskip("layerkit_sequence")
    path = tmp_path / "model.safetensors"
    model = Sequential([Embedding(9, 4), LayerNormalization(epsilon=1e-3), Flatten(), Dense(2)]).initialize(5, seed=0)
    save(model, path)
    anatomy = Anatomy.of(path.read_bytes())
    content = anatomy.envelope["content"]
    layers = content["model"]["architecture"]["arguments"]["layers"]
    assert [layer["$layer"] for layer in layers[:2]] == ["layerkit/embedding", "layerkit/layer-normalization"]
    for layer, name in zip(layers, ("embedding", "layer-normalization"), strict=False):
        layer["$layer"] = f"sequence/{name}"
        content["components"][f"layer sequence/{name}"] = content["components"].pop(f"layer layerkit/{name}")
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    loaded = load(path)
    assert repr(loaded) == repr(model)
    x = np.random.default_rng(0).integers(0, 9, (4, 5))
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    # saved again, they have the names of now
    save(loaded, path)
    assert "sequence/embedding" not in str(Anatomy.of(path.read_bytes()).envelope)
