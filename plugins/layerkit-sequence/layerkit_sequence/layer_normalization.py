"""Layer normalisation, which has moved to layerkit: what was written for version 0.1 finds it here."""

from layerkit import LayerNormalization

__all__ = ["LayerNormalization"]
