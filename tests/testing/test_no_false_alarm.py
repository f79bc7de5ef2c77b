"""No false alarm: whatever a sound component is made with, and whatever its shapes, every check passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerkit import (
    Accuracy,
    Activation,
    Adam,
    BatchNormalization,
    ClipNorm,
    Constant,
    ConstantRate,
    CosineDecay,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    Glorot,
    GradientDescent,
    He,
    Identity,
    Layer,
    MeanSquaredError,
    Normal,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Standardize,
    StepDecay,
    Tanh,
    WeightDecay,
)
from layerkit.testing import check

Drawn = tuple[type, dict[str, Any]]

ACTIVATIONS: st.SearchStrategy[Callable[[], Activation]] = st.sampled_from([Sigmoid, Tanh, ReLU, Softmax, Identity])
INITIALIZERS = st.sampled_from([None, Glorot(), He(), Normal(0.7), Constant(0.3)])
LENGTHS = st.integers(1, 5)
UNITS = st.sampled_from(["step", "epoch"])
RATES = st.floats(0, 0.9)


def small(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, width=32)


@st.composite
def dense(draw: st.DrawFn) -> Drawn:
    activation = draw(st.none() | ACTIVATIONS)
    arguments = {
        "units": draw(LENGTHS),
        "activation": activation and activation(),
        "initializer": draw(INITIALIZERS),
        "use_bias": draw(st.booleans()),
    }
    shape = draw(st.lists(LENGTHS, min_size=1, max_size=3))
    varying = len(shape) > 1 and draw(st.booleans())
    return Dense, {"arguments": arguments, "input_shapes": [(None, *shape[1:]) if varying else tuple(shape)]}


@st.composite
def shaped(draw: st.DrawFn) -> Drawn:
    shape = tuple(draw(st.lists(LENGTHS, min_size=1, max_size=3)))
    kind = draw(st.sampled_from([Flatten, Rescale, Dropout, BatchNormalization, Reshape, Standardize]))
    arguments: dict[str, Any] = {}
    if kind is Rescale:
        arguments = {"scale": draw(small(-3, 3)), "offset": draw(small(-3, 3))}
    elif kind is Dropout:
        arguments = {"rate": draw(st.floats(0.05, 0.9))}
    elif kind is BatchNormalization:
        arguments = {"momentum": draw(RATES), "epsilon": draw(st.floats(1e-5, 0.1))}
    elif kind is Reshape:
        arguments = {"shape": shape[::-1]}
    return kind, {"arguments": arguments, "input_shapes": [shape]}


@st.composite
def containers(draw: st.DrawFn) -> Drawn:
    width = draw(LENGTHS)
    layers: list[Layer] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["dense", "activation", "dropout", "normalised"]))
        if kind == "dense":
            layers.append(Dense(width, activation=draw(ACTIVATIONS)()))
        elif kind == "activation":
            layers.append(draw(ACTIVATIONS)())
        elif kind == "dropout":
            layers.append(Dropout(draw(st.floats(0.05, 0.7))))
        else:
            layers.append(BatchNormalization())
    if draw(st.booleans()):
        return Residual, {"arguments": {"layer": Sequential(layers)}, "input_shapes": [(width,)], "keeps_mean": False}
    return Sequential, {"arguments": {"layers": layers}, "input_shapes": [(2, width)], "keeps_mean": False}


@st.composite
def updates(draw: st.DrawFn) -> Drawn:
    kind = draw(st.sampled_from([GradientDescent, Adam, ClipNorm, WeightDecay]))
    arguments: dict[str, Any] = {"rate": draw(st.floats(0.01, 1))}
    if kind is GradientDescent:
        momentum = draw(st.just(0.0) | st.floats(0.1, 0.9))
        nesterov = momentum > 0 and draw(st.booleans())
        arguments = {"learning_rate": draw(small(0, 5)), "momentum": momentum, "nesterov": nesterov}
    elif kind is Adam:
        arguments = {"learning_rate": draw(small(0, 5)), "beta1": draw(RATES), "beta2": draw(st.floats(0.5, 0.999))}
    elif kind is ClipNorm:
        arguments = {"limit": draw(st.floats(1e-3, 2))}
    return kind, {"arguments": arguments, "learning_rate": draw(st.floats(0.01, 0.1))}


@st.composite
def numbers(draw: st.DrawFn) -> Drawn:
    deviation, value = draw(st.floats(0, 3)), draw(small(-3, 3))
    options: list[Drawn] = [
        (ConstantRate, {"arguments": {"value": abs(value)}}),
        (StepDecay, {"arguments": {"initial": 1.0, "every": draw(LENGTHS), "factor": 0.5, "unit": draw(UNITS)}}),
        (CosineDecay, {"arguments": {"initial": 1.0, "length": draw(LENGTHS), "unit": draw(UNITS)}}),
        (
            Normal,
            {
                "arguments": {"deviation": deviation, "mean": value},
                "variance": lambda fan_in, fan_out: deviation**2,
                "mean": value,
            },
        ),
        (Constant, {"arguments": {"value": value}, "variance": lambda fan_in, fan_out: 0, "mean": value}),
    ]
    return draw(st.sampled_from(options))


@st.composite
def measures(draw: st.DrawFn) -> Drawn:
    shape = tuple(draw(st.lists(st.integers(2, 5), min_size=1, max_size=2)))
    low = draw(small(-5, 0))
    options: dict[str, Any] = {"input_shapes": [shape], "prediction_range": (low, low + draw(small(0.5, 5)))}
    kind = draw(st.sampled_from([Quadratic, CrossEntropy, Accuracy, MeanSquaredError]))
    if kind is CrossEntropy:
        options["targets"] = draw(st.sampled_from(["one-hot", "probabilities"]))
    elif kind is Accuracy:
        options["targets"] = draw(st.sampled_from(["one-hot", "labels"]))
    return kind, options


@settings(max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(dense(), shaped(), containers(), updates(), numbers(), measures()))
def test_a_sound_component_passes_whatever_its_arguments_and_shapes(drawn: Drawn) -> None:
    component, options = drawn
    report = check(component, **options)
    assert report.ok, str(report)
