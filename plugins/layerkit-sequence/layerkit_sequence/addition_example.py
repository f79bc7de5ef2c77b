"""The example ``sequence/addition``."""

from __future__ import annotations

from layerkit import Accuracy, Adam, ClipNorm, CosineDecay, CrossEntropy, Dense, Embedding
from layerkit.experiments import Experiment
from layerkit_sequence.addition import CHARACTERS, Addition
from layerkit_sequence.exact_match import ExactMatch
from layerkit_sequence.gru import GRU

_EPOCHS = 6


def experiment() -> Experiment:
    """A GRU that reads ``123+456=``, a character at a time, and then writes the sum from its last digit on.

    While it writes it reads blanks: all that it knows of the numbers is in its state. The sums of the test were never
    seen in training, and an answer counts when every digit is right.
    """
    return Experiment(
        name="sequence/addition",
        summary="A GRU learns to add two numbers of three digits, written as characters.",
        dataset=Addition(),
        layers=[Embedding(len(CHARACTERS), 16), GRU(128), Dense(len(CHARACTERS))],
        cost=CrossEntropy(),
        optimizer=Adam(CosineDecay(0.012, length=_EPOCHS)),
        metrics=[Accuracy(), ExactMatch()],
        transforms=[ClipNorm(1.0)],
        epochs=_EPOCHS,
        batch_size=64,
        target={"test_exact_match": 0.99},
        quick={"epochs": 1, "training_examples": 30_000, "target": {"test_accuracy": 0.8}},
    )
