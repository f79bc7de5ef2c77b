"""The embedding, which has moved to layerkit: what was written for version 0.1 finds it here."""

from layerkit import Embedding

__all__ = ["Embedding"]
