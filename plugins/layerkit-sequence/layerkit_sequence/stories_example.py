"""The example ``sequence/stories``."""

from __future__ import annotations

from layerkit import Accuracy, Adam, ClipNorm, CosineDecay, CrossEntropy, Dense, Embedding, LayerNormalization
from layerkit.experiments import Experiment
from layerkit_sequence.positional_encoding import PositionalEncoding
from layerkit_sequence.stories import Stories
from layerkit_sequence.transformer_block import TransformerBlock

_EPOCHS = 6
_FEATURES = 64


def experiment() -> Experiment:
    """A Transformer that learns to tell stories, a character at a time, and to end those that it has never seen.

    What it learned writes: ``layerkit_sequence.write(model, ["Ada has 3 figs. Ben gives Ada 4 figs."])``.
    """
    return Experiment(
        name="sequence/stories",
        summary="A Transformer learns to write short stories, a character at a time.",
        dataset=Stories(),
        layers=[
            Embedding(len(Stories.characters()), _FEATURES),
            PositionalEncoding(),
            TransformerBlock(_FEATURES, 4, hidden=128, causal=True),
            TransformerBlock(_FEATURES, 4, hidden=128, causal=True),
            LayerNormalization(),
            Dense(len(Stories.characters())),
        ],
        cost=CrossEntropy(),
        optimizer=Adam(CosineDecay(0.004, length=_EPOCHS)),
        metrics=[Accuracy()],
        transforms=[ClipNorm(1.0)],
        epochs=_EPOCHS,
        batch_size=64,
        target={"test_accuracy": 0.915},
        quick={"epochs": 1, "training_examples": 1500, "target": {"test_accuracy": 0.6}},
    )
