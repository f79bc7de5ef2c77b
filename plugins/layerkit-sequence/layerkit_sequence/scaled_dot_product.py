"""What all attention has in common: every query reads the values whose keys are like it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from layerkit import Context
from layerkit.types import Array


def split(rows: Array, batch: int, time: int, heads: int) -> Array:
    """``(batch · time, features)`` as a view ``(batch, heads, time, features / heads)``."""
    return rows.reshape(batch, time, heads, rows.shape[1] // heads).transpose(0, 2, 1, 3)


def read(ctx: Context, q: Array, k: Array, v: Array, left_out: Sequence[Array]) -> Array:
    """a v for each head, where a = softmax(q kᵀ / √width): ``(batch · time, features)``, kept for the way back.

    ``q`` is ``(batch, heads, time, width)``, ``k`` and ``v`` are as long as what is read from. What is True in one of
    ``left_out`` is not read; a query that reads nothing gets zeros.
    """
    scratch, saved = ctx.scratch, ctx.saved
    batch, heads, time, width = q.shape
    # products of small matrices take half as long where each lies in one piece
    queries = np.multiply(q, _scale(ctx, width), out=scratch("queries", q.shape))
    keys, values = scratch("keys", k.shape), scratch("values", v.shape)
    np.copyto(keys, k)
    np.copyto(values, v)
    scores = np.matmul(queries, keys.swapaxes(2, 3), out=scratch("attention", (batch, heads, time, k.shape[2])))
    for unread in left_out:
        np.copyto(scores, -np.inf, where=unread)
    _softmax_in_place(scores, ctx)
    found = np.matmul(scores, values, out=scratch("found", q.shape))
    rows = scratch("read", (batch * time, heads * width))
    np.copyto(split(rows, batch, time, heads), found)
    saved.queries, saved.keys, saved.values = queries, keys, values
    saved.attention, saved.found, saved.read = scores, found, rows
    return rows


def gradients(ctx: Context, grad: Array, d_q: Array, d_k: Array, d_v: Array) -> None:
    """Write into the last three what follows from the gradient with respect to what was read."""
    scratch, saved = ctx.scratch, ctx.saved
    attention, found = saved.attention, saved.found
    batch, heads, time, width = found.shape
    d_found = scratch("found gradient", found.shape)
    np.copyto(d_found, split(grad, batch, time, heads))

    of_values = np.matmul(attention.swapaxes(2, 3), d_found, out=scratch("value gradient", saved.values.shape))
    np.copyto(d_v, of_values)
    d_scores = np.matmul(d_found, saved.values.swapaxes(2, 3), out=scratch("score gradient", attention.shape))
    # Σ a ∂a of a step is also the product of what it read and of that one's gradient: a shorter sum
    along = np.multiply(d_found, found, out=scratch("along", found.shape)).reshape(-1, width)
    sums = along.dot(scratch.ones(width), scratch("sums", (len(along),)))
    np.subtract(d_scores, sums.reshape(batch, heads, time, 1), d_scores)
    np.multiply(d_scores, attention, d_scores)
    # the queries are scaled already, the keys are not
    of_queries = np.matmul(d_scores, saved.keys, out=d_found)
    np.multiply(of_queries, _scale(ctx, width), out=d_q)
    of_keys = np.matmul(d_scores.swapaxes(2, 3), saved.queries, out=of_values)
    np.copyto(d_k, of_keys)


def _scale(ctx: Context, width: int) -> Array:
    return ctx.scratch.scalar("scale", 1 / math.sqrt(width))


def _softmax_in_place(scores: Array, ctx: Context) -> None:
    """The softmax over the last axis; zeros where every score is −∞."""
    scratch = ctx.scratch
    top = scores.max(axis=-1, keepdims=True, initial=np.finfo(scores.dtype).min)
    np.subtract(scores, top, scores)
    np.exp(scores, scores)
    rows = scores.reshape(-1, scores.shape[-1])
    total = rows.dot(scratch.ones(rows.shape[1]), scratch("totals", (len(rows),)))
    # the largest score adds e⁰ = 1, so a sum below 1 is that of nothing but −∞
    np.maximum(total, 1, out=total)
    np.divide(rows, total[:, None], rows)
