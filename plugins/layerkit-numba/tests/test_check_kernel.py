"""The checks of kernels: each fault is told by the check that is meant for it, and what ships passes them all."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import layerkit_numba
import pytest
from layerkit_numba.interface import MAKERS, target_of
from layerkit_numba.testing import check_kernel

from layerkit import (
    CELU,
    ELU,
    GELU,
    SELU,
    AbsoluteError,
    Activation,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Add,
    AlphaDropout,
    AMSGrad,
    Average,
    BatchNormalization,
    Bias,
    Bidirectional,
    BinaryCrossEntropy,
    BinaryFocal,
    CategoricalHinge,
    CenteredGradient,
    ClipNorm,
    ClipValue,
    Concatenate,
    CosineSimilarity,
    CrossEntropy,
    Dense,
    Dropout,
    Embedding,
    Exponential,
    ExponentialAverage,
    Flatten,
    Focal,
    GaussianDropout,
    GaussianNoise,
    GradientDescent,
    GradientNoise,
    Graph,
    GroupNormalization,
    HardSigmoid,
    HardSwish,
    HardTanh,
    Highway,
    Hinge,
    Huber,
    Identity,
    KullbackLeibler,
    L1Penalty,
    L2Penalty,
    LayerNormalization,
    LeakyReLU,
    Lion,
    LogCosh,
    LogSoftmax,
    Lookahead,
    MaxNorm,
    Maxout,
    Mish,
    Multiply,
    Muon,
    Nadam,
    Parallel,
    Poisson,
    PReLU,
    Quadratic,
    Quantile,
    ReLU,
    ReLU6,
    Repeat,
    Rescale,
    Reshape,
    Residual,
    RMSNormalization,
    RMSProp,
    Scale,
    Sequential,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    SpatialDropout,
    SquaredHinge,
    Standardize,
    Tanh,
    TiedDense,
    TimeDistributed,
    WeightDecay,
)
from layerkit.errors import ArgumentError, EngineError

PACKAGES = str(Path(__file__).parent / "packages")
sys.path.insert(0, PACKAGES)
try:
    faulty: Any = importlib.import_module("acme_faulty_kernels")
finally:
    sys.path.remove(PACKAGES)


QUICKLY = sorted({fault.check for fault in faulty.FAULTS})[::2]
"""The checks of which the quick form tries one fault each."""


def at_length(fault: Any) -> bool:
    """Whether a fault is left to what is tried at length."""
    return fault.check not in QUICKLY or next(each for each in faulty.FAULTS if each.check == fault.check) is not fault


THOROUGH = pytest.mark.thorough


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[THOROUGH] if at_length(fault) else []) for fault in faulty.FAULTS],
    ids=lambda fault: fault.component.__name__,
)
def test_a_fault_is_told_once_by_the_check_for_it(fault: Any) -> None:
    report = check_kernel(fault.component, **fault.options)
    assert [failure.check for failure in report.failures] == [fault.check], str(report)
    assert not report.ok


SHIPPED: list[tuple[Any, dict[str, Any]]] = [
    (Dense, {"arguments": {"units": 3}}),
    (Dense, {"arguments": {"units": 19, "activation": Tanh(), "use_bias": False}, "input_shapes": [(None, 3), (33,)]}),
    (Flatten, {"input_shapes": [(4,), (2, 1, 3)]}),
    (Reshape, {"arguments": {"shape": (2, 3)}, "input_shapes": [(6,), (3, 2)]}),
    (Dropout, {"arguments": {"rate": 0.4}}),
    (BatchNormalization, {"arguments": {"momentum": 0.5, "epsilon": 1e-3}}),
    (Residual, {"arguments": {"layer": Sequential([Dense(4), ReLU()])}, "input_shapes": [(4,), (2, 4)]}),
    (Residual, {"arguments": {"layer": Dropout(0.3)}, "input_shapes": [(3, 5)]}),
    (Rescale, {"arguments": {"scale": 0.5, "offset": -1.0}}),
    (Standardize, {"input_shapes": [(4,), (2, 3, 2)]}),
    *((kind, {"input_shapes": [(5,), (2, 4)]}) for kind in (LayerNormalization, RMSNormalization, Scale, Bias)),
    (GaussianNoise, {"arguments": {"deviation": 0.3}}),
    *((kind, {"arguments": {"rate": 0.3}}) for kind in (GaussianDropout, AlphaDropout)),
    (SpatialDropout, {"arguments": {"rate": 0.3}, "input_shapes": [(3, 4), (2, 3, 4)]}),
    (
        TimeDistributed,
        {
            "arguments": {"layer": Sequential([Flatten(), Dense(3, activation=Tanh()), GroupNormalization(1)])},
            "input_shapes": [(3, 2, 2), (2, 4)],
        },
    ),
    (
        TimeDistributed,
        {
            "arguments": {"layer": Sequential([Residual(BatchNormalization()), Dropout(0.3)])},
            "input_shapes": [(3, 4)],
            "waived": {"masks": "what couples rows is refused under masks"},
        },
    ),
    (Bidirectional, {"arguments": {"layer": Dense(3, activation=Tanh())}, "input_shapes": [(3, 2), (4, 2, 2)]}),
    (
        Bidirectional,
        {
            "arguments": {"layer": TimeDistributed(TimeDistributed(Dense(3))), "join": Add()},
            "input_shapes": [(4, 2, 2)],
        },
    ),
    (Bidirectional, {"arguments": {"layer": Flatten(), "join": Multiply()}, "input_shapes": [(3, 2)]}),
    (GroupNormalization, {"arguments": {"groups": 2}, "input_shapes": [(4,), (3, 6), (2, 3, 4)]}),
    (Maxout, {"arguments": {"units": 3, "pieces": 3}, "input_shapes": [(4,), (2, 3)]}),
    (Maxout, {"arguments": {"units": 2, "use_bias": False}, "input_shapes": [(24,)]}),
    (Highway, {"arguments": {"layer": Sequential([Dense(4, activation=Tanh())])}, "input_shapes": [(4,), (2, 4)]}),
    (Highway, {"arguments": {"layer": Dropout(0.3)}, "input_shapes": [(4,)]}),
    (TiedDense, {"arguments": {"layer": Embedding(5, 4)}, "input_shapes": [(4,), (2, 4)]}),
    (
        TiedDense,
        {
            "arguments": {"layer": Dense(4, activation=PReLU()), "units": 6, "activation": Sigmoid()},
            "input_shapes": [(2, 4)],
        },
    ),
    (TiedDense, {"arguments": {"layer": Dense(4), "units": 3, "use_bias": False}, "input_shapes": [(4,)]}),
    (
        Embedding,
        {
            "arguments": {"count": 7, "width": 5},
            "input_shapes": [(4,), (2, 3)],
            "inputs": lambda rng, shape: rng.integers(0, 7, shape),
        },
    ),
    (
        Sequential,
        {
            "arguments": {"layers": [Dense(4, activation=Tanh()), Dropout(0.3), BatchNormalization(), Dense(4)]},
            "input_shapes": [(3, 2)],
        },
    ),
    *((kind, {"input_shapes": [((4,), (4,)), ((2, 3),) * 4]}) for kind in (Add, Average, Multiply)),
    (Concatenate, {"input_shapes": [((4,), (2,)), ((2, 3), (2, 1), (2, 3))]}),
    (Concatenate, {"arguments": {"axis": 1}, "input_shapes": [((2, 3), (1, 3))]}),
    (
        Parallel,
        {
            "arguments": {"branches": {"a": Sequential([Dense(3), BatchNormalization()]), "b": Dropout(0.3)}},
            "input_shapes": [((2, 4), (2, 3))],
        },
    ),
    (
        Parallel,
        {
            "arguments": {"branches": [Dense(4, activation=Tanh()), Tanh(), Dense(4), Identity()], "join": Average()},
            "input_shapes": [(3, 4)],
        },
    ),
    (
        Graph,
        {
            "arguments": {
                "nodes": {
                    "hidden": (Dense(4, activation=Tanh()), "input"),
                    "gate: how much": (Dense(4, activation=Sigmoid()), "hidden"),
                    "gated": (Multiply(), "hidden", "gate: how much"),
                    "skipped": (Add(), "gated", "hidden", "input"),
                    "output": (Dense(3), "skipped"),
                }
            },
            "input_shapes": [(4,), (2, 4)],
        },
    ),
    (
        Repeat,
        {"arguments": {"layer": Residual(Dense(4, activation=Tanh())), "times": 3}, "input_shapes": [(2, 4)]},
    ),
    (
        Repeat,
        {"arguments": {"layer": Dense(4, activation=Tanh()), "times": 3, "tied": True}, "input_shapes": [(2, 4)]},
    ),
    *((kind, {}) for kind in (Identity, Sigmoid, Tanh, ReLU, Softmax, LogSoftmax)),
    *((kind, {}) for kind in (ReLU6, HardSigmoid, HardSwish, HardTanh, Exponential, Softplus, Softsign)),
    *((kind, {}) for kind in (PReLU, SELU, GELU, SiLU, Mish)),
    (PReLU, {"arguments": {"shared": True}}),
    (GELU, {"arguments": {"approximate": True}}),
    (LeakyReLU, {"arguments": {"negative_slope": 0.2}}),
    (ELU, {"arguments": {"alpha": 0.7}}),
    (CELU, {"arguments": {"alpha": 0.7}}),
    *((kind, {"input_shapes": [(3,), (2, 4)]}) for kind in (AbsoluteError, Huber, LogCosh, Poisson, CosineSimilarity)),
    (Quantile, {"arguments": {"quantiles": 0.2}, "input_shapes": [(3,), (2, 4)]}),
    (Quantile, {"arguments": {"quantiles": [0.1, 0.5, 0.9]}, "input_shapes": [(3,), (2, 6)]}),
    *((kind, {"targets": "multi-hot", "input_shapes": [(1,), (2, 4)]}) for kind in (BinaryFocal, Hinge, SquaredHinge)),
    *((kind, {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]}) for kind in (Focal, CategoricalHinge)),
    (KullbackLeibler, {"targets": "probabilities", "input_shapes": [(3,), (2, 4)]}),
    (CrossEntropy, {"arguments": {"label_smoothing": 0.1}, "targets": "one-hot", "input_shapes": [(3,), (2, 4)]}),
    (BinaryCrossEntropy, {"arguments": {"label_smoothing": 0.1}, "targets": "multi-hot", "input_shapes": [(2, 4)]}),
    (Quadratic, {"input_shapes": [(3,), (2, 4)]}),
    (CrossEntropy, {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]}),
    (BinaryCrossEntropy, {"targets": "multi-hot", "input_shapes": [(1,), (2, 4)], "prediction_range": (-30.0, 30.0)}),
    (GradientDescent, {"arguments": {"learning_rate": 0.1}}),
    (GradientDescent, {"arguments": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}}),
    *((kind, {}) for kind in (Adam, AMSGrad, Nadam, Lion, Adagrad, Adadelta, RMSProp)),
    (AdamW, {"arguments": {"weight_decay": 0.1}}),
    (RMSProp, {"arguments": {"centered": True, "momentum": 0.9}}),
    (Muon, {}),
    (Muon, {"arguments": {"momentum": 0.5, "nesterov": False, "iterations": 3}}),
    (ClipNorm, {"arguments": {"limit": 0.1}}),
    (WeightDecay, {"arguments": {"rate": 0.1}}),
    (L1Penalty, {"arguments": {"rate": 0.1}}),
    (L2Penalty, {"arguments": {"rate": 0.1}}),
    (ClipValue, {"arguments": {"limit": 0.3}}),
    (MaxNorm, {"arguments": {"limit": 0.5}}),
    *((kind, {}) for kind in (CenteredGradient, Lookahead)),
    (ExponentialAverage, {"arguments": {"decay": 0.8}}),
    (ExponentialAverage, {"arguments": {"decay": 0.8, "warm_up": True}}),
    (GradientNoise, {"arguments": {"deviation": 0.3, "decay": 3.0}}),
]


QUICK = (Rescale, Tanh, CrossEntropy, ClipNorm)
"""One of each kind, small: the others are checked at length."""


@pytest.mark.parametrize(
    ("component", "options"),
    [pytest.param(*each, marks=[] if each[0] in QUICK else [THOROUGH]) for each in SHIPPED],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_ships_passes(component: Any, options: dict[str, Any]) -> None:
    report = check_kernel(component, **options)
    assert report.ok, str(report)


def test_a_component_without_a_kernel_is_said_to_have_none() -> None:
    class Bare(Activation):
        def forward(self, x: Any, ctx: Any) -> Any:
            return x

        def backward(self, grad: Any, ctx: Any) -> Any:
            return grad

    report = check_kernel(Bare)
    assert [failure.check for failure in report.failures] == ["kernel-made"]
    assert "no kernel for Bare" in report.failures[0].found


def test_a_maker_that_refuses_a_case_as_the_engine_may_is_not_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(part: Any) -> Any:
        raise EngineError("there is no kernel for tanh of this")

    monkeypatch.setitem(MAKERS, target_of(Tanh), refusing)
    report = check_kernel(Tanh)
    assert report.ok, str(report)
    assert report.ran == ("kernel-made",)
    assert "no kernel for tanh of this" in report.skipped[0].reason


def test_checks_are_chosen_and_waived_by_name() -> None:
    report = check_kernel(Tanh, input_shapes=[(3,)], checks=["values", "masks"], waived={"masks": "no time"})
    assert (report.ran, [note.check for note in report.waived]) == (("values",), ["masks"])
    with pytest.raises(ArgumentError, match=r"no check 'nothing'.*values"):
        check_kernel(Tanh, checks=["nothing"])
    with pytest.raises(ArgumentError, match="no kind that has kernels"):
        check_kernel(dict)


def test_the_page_about_kernels_names_every_check_and_every_name_of_the_interface() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "kernels.md").read_text(encoding="utf-8")
    modules = [importlib.import_module(f"layerkit_numba.testing.{kind}_checks") for kind in ("layer", "cost", "update")]
    names = {check.__name__.replace("_", "-") for module in modules for check in module.CHECKS}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
    assert [name for name in layerkit_numba.__all__ if name not in page and name not in ("NumbaEngine", "Part")] == []
