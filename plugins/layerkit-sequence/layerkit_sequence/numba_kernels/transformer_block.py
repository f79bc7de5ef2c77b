"""The block of a Transformer: its parts, one after the other."""

from __future__ import annotations

from layerkit_numba import LayerKernel, Part, kernel


@kernel("layerkit_sequence.transformer_block:TransformerBlock")
def _transformer_block(part: Part) -> LayerKernel:
    return LayerKernel(view=True, then=("attention", "network"))
