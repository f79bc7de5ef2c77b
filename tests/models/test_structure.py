"""A model's values lie in flat vectors, layers hold views, and everything has its path."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import BatchNormalization, Constant, Dense, Normal, Residual, Sequential, Sigmoid, Zeros
from layerkit.errors import ArgumentError, NotBuiltError, ShapeError
from tests.models.custom import Branches, Scale


def network() -> Sequential:
    inner = Sequential([Dense(4, activation=Sigmoid()), BatchNormalization(), Dense(3)])
    return Sequential([Residual(inner), Branches(Dense(3), Scale()), Dense(1)])


def test_parameters_have_paths_made_of_the_names_of_parts() -> None:
    model = Sequential([Residual(Sequential([Dense(3), BatchNormalization()])), Branches(Dense(3), Scale())])
    model.initialize(3, seed=0)
    assert list(model.parameters) == [
        "0.inner.0.weight", "0.inner.0.bias", "0.inner.1.scale", "0.inner.1.shift",
        "1.left_branch.weight", "1.left_branch.bias", "1.right_branch.factor",
    ]  # fmt: skip
    assert list(model.states) == ["0.inner.1.mean", "0.inner.1.variance"]
    assert model.parameters["0.inner.0.weight"].shape == (3, 3)


def test_all_parameters_are_views_of_one_vector() -> None:
    model = Sequential([Dense(4, activation=Sigmoid()), Dense(3)]).initialize(5, seed=0)
    vector = model.structure.parameters
    assert vector.flags.c_contiguous
    assert vector.size == sum(array.size for array in model.parameters.values()) == 5 * 4 + 4 + 4 * 3 + 3
    vector[...] = np.arange(vector.size)
    seen = np.concatenate([array.ravel() for array in model.parameters.values()])
    np.testing.assert_array_equal(seen, np.arange(vector.size))
    dense = model[0]
    assert isinstance(dense, Dense)
    assert np.shares_memory(dense.weight, vector)
    model.parameters["0.weight"][...] = 7
    assert (dense.weight == 7).all()
    assert model.structure.gradient.shape == vector.shape


def test_what_is_written_into_parameters_is_what_predict_uses() -> None:
    model = Sequential([Dense(1)]).initialize(2, seed=0)
    model.predict(np.zeros((1, 2)))
    model.parameters["0.weight"][...] = [[2.0], [3.0]]
    model.parameters["0.bias"][...] = 1
    assert model.predict(np.array([[10.0, 100.0]]))[0, 0] == 321


def test_parameters_cannot_be_replaced_or_added() -> None:
    parameters = Sequential([Dense(1)]).initialize(2).parameters
    with pytest.raises(TypeError):
        parameters["0.weight"] = np.zeros((2, 1))  # type: ignore[index]


def test_states_are_read_only_on_the_layer() -> None:
    layer = BatchNormalization()
    Sequential([layer]).initialize(3)
    with pytest.raises(ValueError, match="read-only"):
        layer.mean[...] = 1


def test_the_parameters_of_an_inner_model_are_its_own_alone() -> None:
    inner = Sequential([Dense(2)])
    outer = Sequential([Dense(3), inner]).initialize(4)
    assert list(inner.parameters) == ["1.0.weight", "1.0.bias"]
    assert inner.input_shape == (3,)
    assert outer.output_shape == (2,)
    np.testing.assert_array_equal(inner.predict(np.zeros((1, 3))), np.zeros((1, 2)))


def test_before_initialization_there_are_no_values() -> None:
    model = Sequential([Dense(2)])
    assert not model.initialized
    for use in (lambda: model.parameters, lambda: model.predict(np.zeros((1, 2))), model.summary):
        with pytest.raises(NotBuiltError, match="initialize"):
            use()
    dense = Dense(2)
    with pytest.raises(NotBuiltError, match="Dense has no 'weight'"):
        _ = dense.weight
    with pytest.raises(NotBuiltError, match="build"):
        dense.parameter("weight", (2,), Zeros())


def test_an_attribute_that_never_was_is_an_ordinary_attribute_error() -> None:
    dense = Dense(2)
    Sequential([dense]).initialize(3)
    with pytest.raises(AttributeError, match="wieght"):
        _ = dense.wieght
    assert not hasattr(dense, "wieght")


def test_first_values_depend_on_the_seed_and_the_path_alone() -> None:
    short = Sequential([Dense(4)]).initialize(3, seed=5)
    long = Sequential([Dense(4), Dense(2)]).initialize(3, seed=5)
    np.testing.assert_array_equal(short.parameters["0.weight"], long.parameters["0.weight"])
    other = Sequential([Dense(4)]).initialize(3, seed=6)
    assert not np.array_equal(short.parameters["0.weight"], other.parameters["0.weight"])
    assert not np.array_equal(long.parameters["0.weight"][:, :2], long.parameters["1.weight"][:3])


def test_initializers_get_the_layers_fans() -> None:
    seen = []

    class Spy(Normal):  # type: ignore[misc]
        def initialize(self, shape, rng, dtype, fan_in, fan_out):  # type: ignore[no-untyped-def]
            seen.append((shape, fan_in, fan_out, dtype))
            return super().initialize(shape, rng, dtype, fan_in, fan_out)

    Sequential([Dense(4, initializer=Spy())]).initialize(3, dtype="float64")
    assert seen == [((3, 4), 3, 4, np.dtype("float64"))]


def test_values_are_kept_unless_new_ones_are_asked_for() -> None:
    model = Sequential([Dense(2, bias_initializer=Constant(1.0))]).initialize(3, seed=0)
    model.parameters["0.bias"][...] = 5
    model.initialize(3)
    assert (model.parameters["0.bias"] == 5).all()
    model.initialize(3, seed=1, rebuild=True)
    assert (model.parameters["0.bias"] == 1).all()


def test_another_shape_needs_a_rebuild() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    with pytest.raises(ShapeError, match=r"0\.weight.*\(3, 2\).*\(4, 2\).*rebuild") as caught:
        model.initialize(4)
    assert "Dense" in str(caught.value)
    assert model.predict(np.zeros((1, 3))).shape == (1, 2), "nothing changed"
    assert model.initialize(4, rebuild=True).predict(np.zeros((1, 4))).shape == (1, 2)


@pytest.mark.parametrize("dtype", ["float16", "int64", "complex128"])
def test_a_dtype_is_float32_or_float64(dtype: str) -> None:
    with pytest.raises(ArgumentError, match=f"float32 or float64, got {dtype}"):
        Sequential([Dense(2)]).initialize(3, dtype=dtype)


def test_astype_carries_the_values_over() -> None:
    model = network().initialize(3, seed=0)
    x = np.random.default_rng(0).normal(size=(4, 3))
    assert model.dtype == model.predict(x).dtype == np.float32
    before = {path: array.copy() for path, array in {**model.parameters, **model.states}.items()}
    single = model.predict(x)
    assert model.astype("float64") is model
    assert model.dtype == model.predict(x).dtype == np.float64
    for path, array in {**model.parameters, **model.states}.items():
        assert array.dtype == np.float64
        np.testing.assert_array_equal(array, before[path])
    np.testing.assert_allclose(model.predict(x), single, rtol=1e-5, atol=1e-6)


def test_float_input_is_cast_at_the_boundary() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(model.predict(x), model.predict(x.astype(np.float32)))
    np.testing.assert_array_equal(model.predict(x.tolist()), model.predict(x))


def test_summary_lists_layers_shapes_and_parameters() -> None:
    shared = Dense(3)
    model = Sequential([shared, shared, BatchNormalization(), Residual(Dense(3, activation=Sigmoid()))])
    model.initialize((None, 3))
    shared.freeze()
    text = model.summary()
    assert "(batch, any, 3)" in text
    assert "Dense (frozen)" in text
    assert "shared" in text
    assert "3.inner.function" in text
    assert text.splitlines()[-1] == "18 trained parameters, 12 frozen, 6 values of untrained state, float32"
    assert all(line == line.rstrip() for line in text.splitlines())


def test_repr_is_what_one_would_write() -> None:
    model = Sequential([Dense(30, activation=Sigmoid()), BatchNormalization(momentum=0.5), Dense(10, use_bias=False)])
    text = "Sequential([Dense(30, activation=Sigmoid()), BatchNormalization(momentum=0.5), Dense(10, use_bias=False)])"
    assert repr(model) == text
    again = eval(text, {"Sequential": Sequential, "Dense": Dense, "Sigmoid": Sigmoid,
                        "BatchNormalization": BatchNormalization})  # fmt: skip
    assert repr(again) == text
