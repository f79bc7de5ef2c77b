"""Honest configurations: what a component of each kind may be made with, and what the kit is told of it then."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import layerkit
from layerkit import Activation, Initializer, Layer, Schedule, Sequential
from layerkit.types import Shape

Options = dict[str, Any]
Drawn = tuple[str, Options]
Arguments = st.SearchStrategy[dict[str, Any]]

JOINS = ("Add", "Average", "Concatenate", "Multiply")
AROUND_ONE = ("Bidirectional", "Graph", "Highway", "Parallel", "Repeat", "TiedDense", "TimeDistributed")
LENGTHS = st.integers(1, 5)
DECAYS = st.floats(0, 0.9)
LONG_DECAYS = st.floats(0.5, 0.999)
SMALL = st.floats(1e-8, 1e-3)
LEARNING_RATES = st.floats(0.01, 1)
UNITS = st.sampled_from(["step", "epoch"])
SHARES = st.floats(0.05, 0.9)
SHAPES = st.lists(LENGTHS, min_size=1, max_size=3).map(tuple)


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, width=32)


def among(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def given(**strategies: st.SearchStrategy[Any]) -> Arguments:
    return st.fixed_dictionaries(strategies)


NONE = given()


def adam(low: float = 0.0) -> Arguments:
    return given(learning_rate=number(low, 5), beta1=DECAYS, beta2=LONG_DECAYS, epsilon=SMALL)


FREE = ("Identity", "LogSoftmax", "Mish", "ReLU", "ReLU6", "SELU", "SiLU", "Softplus", "Softsign")
BOUNDED = ("HardSigmoid", "HardSwish", "HardTanh", "Sigmoid", "Softmax", "Tanh")
ACTIVATIONS: dict[str, Arguments] = {
    **dict.fromkeys((*FREE, *BOUNDED), NONE),
    **dict.fromkeys(("CELU", "ELU"), given(alpha=number(0.125, 2))),
    "GELU": given(approximate=st.booleans()),
    "LeakyReLU": given(negative_slope=number(0.125, 0.875)),
    "PReLU": given(shared=st.booleans()),
    "Unstandardize": given(mean=number(-3, 3), deviation=number(0.125, 3)),
}

INITIALIZERS: dict[str, Arguments] = {
    **dict.fromkeys(("Glorot", "He", "LeCun", "Zeros"), NONE),
    "Constant": given(value=number(-3, 3)),
    "IdentityMatrix": given(gain=number(-3, 3)),
    "Normal": given(deviation=st.floats(0, 3), mean=number(-3, 3)),
    "Orthogonal": given(gain=number(0.125, 3)),
    "Sparse": given(zeros=SHARES, deviation=st.floats(0.01, 3)),
    "TruncatedNormal": given(deviation=st.floats(0.01, 3), mean=number(-3, 3)),
    "Uniform": given(low=number(-3, 0), high=number(0.125, 3)),
    "VarianceScaling": given(
        scale=number(0.125, 3),
        mode=among("fan_in", "fan_out", "fan_average"),
        distribution=among("normal", "truncated-normal", "uniform"),
    ),
}

SCHEDULES: dict[str, Arguments] = {
    "ConstantRate": given(value=number(0, 3)),
    "CosineDecay": given(initial=LEARNING_RATES, length=LENGTHS, final=st.floats(0, 0.01), unit=UNITS),
    "CosineRestarts": given(initial=LEARNING_RATES, period=LENGTHS, growth=st.integers(1, 3), unit=UNITS),
    "ExponentialDecay": given(initial=LEARNING_RATES, factor=SHARES, unit=UNITS),
    "InverseSquareRoot": given(initial=LEARNING_RATES, after=LENGTHS, unit=UNITS),
    "OneCycle": given(peak=LEARNING_RATES, length=LENGTHS, rise=SHARES, divide=number(1, 30), unit=UNITS),
    "Piecewise": st.lists(LEARNING_RATES, min_size=1, max_size=4).map(
        lambda rates: {"rates": rates, "boundaries": list(range(2, 2 * len(rates), 2))}
    ),
    "PolynomialDecay": given(initial=LEARNING_RATES, length=LENGTHS, power=number(0.5, 3), unit=UNITS),
    "StepDecay": given(initial=LEARNING_RATES, every=LENGTHS, factor=SHARES, unit=UNITS),
}


def made(table: dict[str, Arguments]) -> st.SearchStrategy[Any]:
    """A component of a table, with arguments."""
    return st.sampled_from(sorted(table)).flatmap(
        lambda name: table[name].map(lambda arguments: getattr(layerkit, name)(**arguments))
    )


ANY_ACTIVATION: st.SearchStrategy[Activation] = made(ACTIVATIONS)
ANY_INITIALIZER: st.SearchStrategy[Initializer] = made(INITIALIZERS)
ANY_SCHEDULE: st.SearchStrategy[Schedule] = made(SCHEDULES)
SCHEDULES["WarmUp"] = given(then=LEARNING_RATES | ANY_SCHEDULE, length=LENGTHS, unit=UNITS)

ONLY_ALONE: dict[str, Arguments] = {"Exponential": NONE}
"""Activations that are not drawn as parts: one behind another, they leave the numbers that there are."""

OPTIMIZERS: dict[str, Arguments] = {
    **dict.fromkeys(("Adam", "AMSGrad", "Nadam"), adam()),
    "Adadelta": given(learning_rate=LEARNING_RATES, rho=DECAYS, epsilon=SMALL),
    "Adagrad": given(learning_rate=LEARNING_RATES, epsilon=SMALL),
    "AdamW": given(learning_rate=LEARNING_RATES | ANY_SCHEDULE, beta1=DECAYS, weight_decay=st.floats(0, 0.5)),
    "GradientDescent": given(learning_rate=number(0, 5), momentum=DECAYS).flatmap(
        lambda arguments: (st.booleans() if arguments["momentum"] else st.just(False)).map(
            lambda nesterov: {**arguments, "nesterov": nesterov}
        )
    ),
    "LBFGS": given(learning_rate=st.floats(0.1, 1), memory=LENGTHS, evaluations=st.integers(2, 20)),
    "Lion": given(learning_rate=LEARNING_RATES, beta1=DECAYS, beta2=LONG_DECAYS),
    "Muon": given(learning_rate=LEARNING_RATES, momentum=DECAYS, nesterov=st.booleans(), iterations=LENGTHS),
    "RMSProp": given(learning_rate=LEARNING_RATES, rho=DECAYS, momentum=DECAYS, centered=st.booleans()),
}

TRANSFORMS: dict[str, Arguments] = {
    "CenteredGradient": NONE,
    "ExponentialAverage": given(decay=SHARES, warm_up=st.booleans()),
    "ClipNorm": given(limit=st.floats(1e-3, 2)),
    "ClipValue": given(limit=st.floats(1e-3, 2)),
    "GradientNoise": given(deviation=st.floats(1e-3, 1), decay=DECAYS),
    "Lookahead": given(period=LENGTHS, alpha=SHARES),
    "MaxNorm": given(limit=st.floats(0.1, 2.5)),
    **dict.fromkeys(("L1Penalty", "L2Penalty", "WeightDecay"), given(rate=st.floats(0.01, 1))),
}

LAYERS: dict[str, Arguments] = {
    "BatchNormalization": given(momentum=DECAYS, epsilon=st.floats(1e-5, 0.1)),
    "Dense": given(
        units=LENGTHS,
        activation=st.none() | ANY_ACTIVATION,
        initializer=st.none() | ANY_INITIALIZER.filter(lambda each: not isinstance(each, layerkit.Zeros)),
        use_bias=st.booleans(),
    ),
    **dict.fromkeys(("AlphaDropout", "Dropout", "GaussianDropout", "SpatialDropout"), given(rate=SHARES)),
    **dict.fromkeys(("Bias", "Scale"), given(initializer=st.none() | among(layerkit.Normal(0.5), layerkit.He()))),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), given(epsilon=st.floats(1e-5, 0.1))),
    "Flatten": NONE,
    "GaussianNoise": given(deviation=st.floats(0.05, 1)),
    "Maxout": given(units=LENGTHS, pieces=st.integers(1, 3), use_bias=st.booleans()),
    "Rescale": given(scale=number(-3, 3), offset=number(-3, 3)),
    "Standardize": NONE,
}

ERRORS = ("MeanAbsoluteError", "MeanSquaredError", "R2", "RootMeanSquaredError")
OF_CLASSES = ("Accuracy", "BalancedAccuracy", "BinaryAccuracy", "ConfusionMatrix", "MatthewsCorrelation")
METRICS: dict[str, Arguments] = {
    **dict.fromkeys((*ERRORS, *OF_CLASSES, "BrierScore", "LogLoss"), NONE),
    "CalibrationError": given(bins=st.integers(2, 20)),
    "RocAuc": st.sampled_from([{}, {"average": "weighted"}, {"average": "micro"}, {"multi_class": "ovo"}]),
    "TopKAccuracy": given(k=st.integers(1, 2)),
    **dict.fromkeys(("F1", "Precision", "Recall"), given(average=among("auto", "macro", "micro", "weighted"))),
}

DISTANCES = ("AbsoluteError", "CosineSimilarity", "LogCosh", "Quadratic")
COSTS: dict[str, Arguments] = {
    **dict.fromkeys((*DISTANCES, "CategoricalHinge", "Hinge", "KullbackLeibler", "Poisson", "SquaredHinge"), NONE),
    **dict.fromkeys(("BinaryCrossEntropy", "CrossEntropy"), given(label_smoothing=st.floats(0, 0.5))),
    **dict.fromkeys(("BinaryFocal", "Focal"), given(gamma=st.just(0.0) | st.floats(0.5, 3))),
    "Huber": given(delta=number(0.125, 3)),
    "Quantile": given(quantiles=SHARES),
}

CLASSES = ("one-hot", "labels")
TARGETS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Accuracy", "BalancedAccuracy", "MatthewsCorrelation", "TopKAccuracy"), CLASSES),
    **dict.fromkeys(("BinaryAccuracy", "Hinge", "SquaredHinge"), ("multi-hot",)),
    **dict.fromkeys(("BinaryCrossEntropy", "BinaryFocal"), ("unit", "multi-hot")),
    **dict.fromkeys(("CrossEntropy", "Focal", "KullbackLeibler"), ("one-hot", "probabilities")),
    **dict.fromkeys(("ConfusionMatrix", "F1", "Precision", "Recall"), (*CLASSES, "multi-hot")),
    **dict.fromkeys(("BrierScore", "CalibrationError", "LogLoss"), (*CLASSES, "multi-hot")),
    "CategoricalHinge": ("one-hot",),
    "Poisson": ("unit",),
}
"""The forms of targets that a cost or a metric takes, where these are not numbers like its predictions."""


def named(table: dict[str, Arguments]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.sampled_from(sorted(table)).flatmap(lambda name: table[name].map(lambda arguments: (name, arguments)))


@st.composite
def layers(draw: st.DrawFn) -> Drawn:
    name, arguments = draw(named({**LAYERS, **ACTIVATIONS, **ONLY_ALONE}))
    shape: Shape = draw(SHAPES)
    if name != "Flatten" and len(shape) > 1 and draw(st.booleans()):
        shape = (None, *shape[1:])
    options: Options = {"arguments": arguments, "input_shapes": [shape]}
    return name, options | ({"keeps_mean": False} if name == "AlphaDropout" else {})


@st.composite
def reshapes(draw: st.DrawFn) -> Drawn:
    shape = draw(SHAPES)
    return "Reshape", {"arguments": {"shape": shape[::-1]}, "input_shapes": [shape]}


@st.composite
def grouped(draw: st.DrawFn) -> Drawn:
    groups, behind = draw(LENGTHS), draw(st.lists(LENGTHS, max_size=2))
    arguments = {"groups": groups, "epsilon": draw(st.floats(1e-5, 0.1))}
    return "GroupNormalization", {"arguments": arguments, "input_shapes": [(*behind, groups * draw(LENGTHS))]}


@st.composite
def embeddings(draw: st.DrawFn) -> Drawn:
    count = draw(LENGTHS)
    return "Embedding", {
        "arguments": {"count": count, "width": draw(LENGTHS)},
        "input_shapes": [tuple(draw(st.lists(LENGTHS, max_size=2)))],
        "inputs": lambda rng, shape: rng.integers(0, count, shape),
    }


@st.composite
def joins(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from(JOINS))
    return name, {"input_shapes": [(draw(SHAPES),) * draw(st.integers(2, 3))]}


@st.composite
def around_one(draw: st.DrawFn) -> Drawn:
    """Containers of a dense layer."""
    name, width = draw(st.sampled_from(AROUND_ONE)), draw(LENGTHS)
    inside = layerkit.Dense(width, activation=draw(ANY_ACTIVATION))
    arguments: dict[str, Any] = {"layer": inside}
    shape: Shape = (width,)
    if name == "Repeat":
        arguments |= {"times": draw(st.integers(1, 3)), "tied": draw(st.booleans())}
    elif name in ("Bidirectional", "TimeDistributed"):
        shape = (draw(st.none() | LENGTHS), draw(LENGTHS))
    elif name == "TiedDense":
        arguments |= {"units": draw(LENGTHS), "activation": draw(st.none() | ANY_ACTIVATION)}
    elif name == "Parallel":
        other = layerkit.Dense(width, activation=draw(ANY_ACTIVATION))
        join = draw(st.sampled_from(JOINS))
        arguments = {"branches": draw(among([inside, other], {"a": inside, "b": other})), "join": None}
        arguments["join"] = draw(st.none() | st.just(getattr(layerkit, join)()))
        one = draw(SHAPES)
        shape = (one, one) if isinstance(arguments["branches"], dict) else one
    elif name == "Graph":
        nodes = {"hidden": (inside, "input"), "sum": (layerkit.Add(), "hidden", "input")}
        arguments = {"nodes": nodes, "output": draw(st.none() | st.just("sum"))}
    return name, {"arguments": arguments, "input_shapes": [shape]}


@st.composite
def containers(draw: st.DrawFn) -> Drawn:
    width = draw(LENGTHS)
    inside: list[Layer] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["dense", "activation", "dropout", "normalised"]))
        if kind == "dense":
            inside.append(layerkit.Dense(width, activation=draw(ANY_ACTIVATION)))
        elif kind == "activation":
            inside.append(draw(ANY_ACTIVATION))
        elif kind == "dropout":
            inside.append(layerkit.Dropout(draw(SHARES)))
        else:
            inside.append(layerkit.BatchNormalization())
    if draw(st.booleans()):
        arguments: dict[str, Any] = {"layer": Sequential(inside)}
        return "Residual", {"arguments": arguments, "input_shapes": [(width,)], "keeps_mean": False}
    return "Sequential", {"arguments": {"layers": inside}, "input_shapes": [(2, width)], "keeps_mean": False}


@st.composite
def updates(draw: st.DrawFn) -> Drawn:
    name, arguments = draw(named({**OPTIMIZERS, **TRANSFORMS}))
    return name, {"arguments": arguments, "learning_rate": draw(st.floats(0.01, 0.1))}


@st.composite
def rates_and_values(draw: st.DrawFn) -> Drawn:
    name, arguments = draw(named({**SCHEDULES, **INITIALIZERS}))
    options: Options = {"arguments": arguments}
    if name in ("Normal", "TruncatedNormal"):
        options["variance"] = lambda fan_in, fan_out: arguments["deviation"] ** 2
        options["mean"] = arguments["mean"]
    elif name == "Constant":
        options["variance"], options["mean"] = (lambda fan_in, fan_out: 0.0), arguments["value"]
    return name, options


@st.composite
def measures(draw: st.DrawFn) -> Drawn:
    name, arguments = draw(named({**COSTS, **METRICS}))
    low = draw(number(-5, 0))
    options: Options = {"arguments": arguments, "prediction_range": (low, low + draw(number(0.5, 5)))}
    shape = tuple(draw(st.lists(st.integers(2, 5), min_size=1, max_size=2)))
    if name in TARGETS:
        options["targets"] = draw(st.sampled_from(TARGETS[name]))
    if name == "RocAuc":
        kinds = [((1,), "labels"), ((2, 1), "labels"), ((2,), "one-hot"), ((4,), "labels"), ((3,), "one-hot")]
        kinds += [((3,), "multi-hot")] if arguments.get("multi_class") != "ovo" else []
        shape, options["targets"] = draw(st.sampled_from(kinds))
    if options.get("targets") == "multi-hot" or name in ("RocAuc", "BrierScore", "CalibrationError", "LogLoss"):
        options["prediction_range"] = (0.0, 1.0)
    return name, {**options, "input_shapes": [shape]}


_OFTEN = (layers, updates, rates_and_values, measures)
_NOW_AND_THEN = (around_one, containers, embeddings, grouped, joins, reshapes)
CONFIGURATIONS = st.one_of(*(kind() for kind in (*_OFTEN, *_OFTEN, *_OFTEN, *_NOW_AND_THEN)))
DRAWN = {
    "activations": {*ACTIVATIONS, *ONLY_ALONE},
    "costs": set(COSTS),
    "initializers": set(INITIALIZERS),
    "layers": {*LAYERS, *JOINS, *AROUND_ONE, "Embedding", "GroupNormalization", "Reshape", "Residual", "Sequential"},
    "metrics": set(METRICS),
    "optimizers": set(OPTIMIZERS),
    "schedules": set(SCHEDULES),
    "transforms": set(TRANSFORMS),
}
"""The classes that are drawn, by kind; callbacks, datasets and engines are slow to check, and are not."""
