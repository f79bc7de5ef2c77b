"""A name that was meant is suggested, also the one that another library has."""

from __future__ import annotations

import pytest

from layerkit.plugin import default_host
from layerkit.registry.kinds import KINDS
from layerkit.suggestions import nearest

NAMES = {kind: [entry.name for entry in default_host().components(kind)] for kind in KINDS}


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        ("optimizers", "sgd", "gradient-descent"),
        ("optimizers", "AdamW", "adamw"),
        ("optimizers", "adamax", "adam"),
        ("costs", "mse", "quadratic"),
        ("costs", "MSELoss", "quadratic"),
        ("costs", "mae", "absolute-error"),
        ("costs", "L1Loss", "absolute-error"),
        ("costs", "SmoothL1Loss", "huber"),
        ("costs", "KLDivLoss", "kullback-leibler"),
        ("costs", "kld", "kullback-leibler"),
        ("costs", "KLDivergence", "kullback-leibler"),
        ("costs", "PoissonNLLLoss", "poisson"),
        ("costs", "pinball_loss", "quantile"),
        ("costs", "BinaryFocalCrossentropy", "binary-focal"),
        ("costs", "MultiMarginLoss", "categorical-hinge"),
        ("costs", "CosineEmbeddingLoss", "cosine-similarity"),
        ("costs", "bce", "binary-cross-entropy"),
        ("costs", "BCEWithLogitsLoss", "binary-cross-entropy"),
        ("costs", "CrossEntropyLoss", "cross-entropy"),
        ("costs", "categorical_crossentropy", "cross-entropy"),
        ("metrics", "mse", "mean-squared-error"),
        ("metrics", "acc", "accuracy"),
        ("metrics", "auc", "roc-auc"),
        ("metrics", "f1_score", "f1"),
        ("initializers", "xavier", "glorot"),
        ("initializers", "xavier_uniform", "glorot"),
        ("initializers", "kaiming_normal", "he"),
        ("layers", "Linear", "dense"),
        ("layers", "fully-connected", "dense"),
        ("layers", "BatchNorm1d", "batch-normalization"),
        ("activations", "logistic", "sigmoid"),
        ("activations", "swish", "silu"),
        ("activations", "lrelu", "leaky-relu"),
        ("activations", "LeakyReLU", "leaky-relu"),
        ("activations", "HardSiLU", "hard-swish"),
        ("activations", "gelu_new", "gelu"),
        ("activations", "exp", "exponential"),
        ("transforms", "l2", "weight-decay"),
        ("optimizers", "gradient-decent", "gradient-descent"),
    ],
)
def test_the_fields_other_names_lead_to_ours(kind: str, name: str, wanted: str) -> None:
    assert nearest(name, NAMES[kind])[0] == wanted


def test_no_name_of_ours_is_another_name_of_something_of_its_kind() -> None:
    for names in NAMES.values():
        for name in names:
            assert nearest(name, names)[0] == name


def test_what_is_like_nothing_has_no_suggestion() -> None:
    assert nearest("zzzzzz", NAMES["layers"]) == []
    assert nearest("", NAMES["layers"]) == []
