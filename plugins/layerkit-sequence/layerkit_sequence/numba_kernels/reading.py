"""What all attention has in common: each query of a head reads the values whose keys are like it, and the way back.

Queries, keys and values are ``(n, steps, heads · width)``. Scores lie key by key, with as many queries side by side as
a panel has columns, a *block* of queries: so what a query needs of all keys is found for all of a block at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import compiled, exp, like, natural

from layerkit_sequence.numba_kernels.products import multiply, pack


@compiled
def weigh(
    scores: Any,
    at: int,
    panel: int,
    keys: int,
    query: int,
    causal: bool,
    scale: float,
    mask: Any,
    mask_at: int,
    masked: bool,
    tops: Any,
    totals: Any,
) -> None:
    """The softmax over ``keys`` of scores times the scale, for the queries of a block, the first of which is ``query``.

    Keys that the mask leaves out, and with ``causal`` those later than a query, weigh nothing; all do if none counts.
    """
    lowest = like(-np.inf, tops[0])
    factor, one = like(scale, tops[0]), like(1, tops[0])
    for lane in range(natural(panel)):
        tops[lane] = lowest
        totals[lane] = 0
    for key in range(keys):
        row = natural(at + key * panel)
        if masked and not mask[mask_at + key]:
            for lane in range(natural(panel)):
                scores[row + lane] = lowest
        else:
            if causal and key > query:
                for lane in range(natural(min(key - query, panel))):
                    scores[row + lane] = lowest
            for lane in range(natural(panel)):
                score = scores[row + lane]
                tops[lane] = score if score > tops[lane] else tops[lane]
    for lane in range(natural(panel)):
        tops[lane] = like(0, one) if tops[lane] == lowest else tops[lane]
    for key in range(keys):
        row = natural(at + key * panel)
        for lane in range(natural(panel)):
            weight = exp((scores[row + lane] - tops[lane]) * factor)
            scores[row + lane] = weight
            totals[lane] += weight
    for lane in range(natural(panel)):
        # the largest score adds e⁰ = 1, so a sum below 1 is that of nothing
        totals[lane] = one / (totals[lane] if totals[lane] > one else one)
    for key in range(keys):
        row = natural(at + key * panel)
        for lane in range(natural(panel)):
            scores[row + lane] *= totals[lane]


@compiled
def read_heads(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    tall_across: int,
    abreast_across: int,
    panel_across: int,
    limit_across: int,
    queries: Any,
    keys: Any,
    values: Any,
    attention: Any,
    found: Any,
    packed: Any,
    packed_values: Any,
    zeros: Any,
    tops: Any,
    totals: Any,
    mask: Any,
    masked: bool,
    causal: bool,
    scale: float,
    heads: int,
    width: int,
    steps: int,
    read: int,
    begin: int,
    end: int,
) -> None:
    """found = softmax(q kᵀ · scale) v, head by head, for the sequences from ``begin`` to ``end``.

    They have ``steps`` queries, and ``read`` keys and values. ``attention`` is ``(n, heads, blocks, read, panel)``.
    """
    features, blocks = heads * width, (steps + panel - 1) // panel
    for head in range(begin * heads, end * heads):
        sequence, first = head // heads, head % heads * width
        asks, reads = sequence * steps * features + first, sequence * read * features + first
        pack(
            panel_across, values, reads, read, width, features, 1, packed_values, 0,
            0, (width + panel_across - 1) // panel_across,
        )  # fmt: skip
        for block in range(blocks):
            query, at = block * panel, (head * blocks + block) * read * panel
            count = min(panel, steps - query)
            seen = min(read, query + count) if causal else read
            pack(panel, queries, asks + query * features, width, count, 1, features, packed, 0, 0, 1)
            multiply(
                tall, abreast, panel, limit, seen, width, panel,
                keys, reads, features, 1, packed, width, 1, zeros, 0, attention, at, panel,
            )  # fmt: skip
            weigh(attention, at, panel, seen, query, causal, scale, mask, sequence * read, masked, tops, totals)
            multiply(
                tall_across, abreast_across, panel_across, limit_across, count, seen, width,
                attention, at, 1, panel, packed_values, read, 1, zeros, 0, found, asks + query * features, features,
            )  # fmt: skip


@compiled
def spread(attention: Any, at: int, gradient: Any, panel: int, keys: int, scale: float, totals: Any) -> None:
    """∂(q kᵀ) = a (∂a − Σ a ∂a) · scale, in the place of ∂a, for the queries of a block."""
    factor = like(scale, totals[0])
    for lane in range(natural(panel)):
        totals[lane] = 0
    for key in range(keys):
        row, own = natural(at + key * panel), natural(key * panel)
        for lane in range(natural(panel)):
            totals[lane] += attention[row + lane] * gradient[own + lane]
    for key in range(keys):
        row, own = natural(at + key * panel), natural(key * panel)
        for lane in range(natural(panel)):
            weight = attention[row + lane] * factor
            gradient[own + lane] = weight * (gradient[own + lane] - totals[lane])


@compiled
def trace_heads(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    tall_across: int,
    abreast_across: int,
    panel_across: int,
    limit_across: int,
    queries: Any,
    keys: Any,
    values: Any,
    attention: Any,
    found_gradient: Any,
    query_gradient: Any,
    key_gradient: Any,
    value_gradient: Any,
    packed: Any,
    packed_keys: Any,
    packed_queries: Any,
    weights_gradient: Any,
    zeros: Any,
    totals: Any,
    causal: bool,
    scale: float,
    heads: int,
    width: int,
    steps: int,
    read: int,
    begin: int,
    end: int,
) -> None:
    """The way back through ``read_heads``: with d the gradient of what was found, ∂v = aᵀ d, ∂a = d vᵀ, and ∂q and ∂k
    from ``spread``."""
    features, blocks = heads * width, (steps + panel - 1) // panel
    across = (width + panel_across - 1) // panel_across
    for head in range(begin * heads, end * heads):
        sequence, first = head // heads, head % heads * width
        asks, reads = sequence * steps * features + first, sequence * read * features + first
        pack(panel_across, keys, reads, read, width, features, 1, packed_keys, 0, 0, across)
        for back in range(blocks):
            # the last block reads all there is: what it leaves, the others add to
            block = blocks - 1 - back
            query, at = block * panel, (head * blocks + block) * read * panel
            count = min(panel, steps - query)
            seen = min(read, query + count) if causal else read
            own = asks + query * features
            pack(panel, found_gradient, own, width, count, 1, features, packed, 0, 0, 1)
            multiply(
                tall, abreast, panel, limit, seen, width, panel,
                values, reads, features, 1, packed, width, 1, zeros, 0, weights_gradient, 0, panel,
            )  # fmt: skip
            spread(attention, at, weights_gradient, panel, seen, scale, totals)
            multiply(
                tall_across, abreast_across, panel_across, limit_across, count, seen, width, weights_gradient, 0, 1,
                panel, packed_keys, read, 1, zeros, 0, query_gradient, own, features,
            )  # fmt: skip
            pack(panel_across, queries, own, count, width, features, 1, packed_queries, 0, 0, across)
            multiply(
                tall_across, abreast_across, panel_across, limit_across, seen, count, width, weights_gradient, 0,
                panel, 1, packed_queries, count, int(back == 0), zeros, 0, key_gradient, reads, features,
            )  # fmt: skip
            pack(panel_across, found_gradient, own, count, width, features, 1, packed_queries, 0, 0, across)
            multiply(
                tall_across, abreast_across, panel_across, limit_across, seen, count, width, attention, at,
                panel, 1, packed_queries, count, int(back == 0), zeros, 0, value_gradient, reads, features,
            )  # fmt: skip
