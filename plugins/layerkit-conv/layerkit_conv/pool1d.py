"""What the pools over time share: they are those of images of one column."""

from __future__ import annotations

from typing import Any, TypeAlias

from layerkit import Context, Layer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.types import Array, Shape
from layerkit_conv.arguments import Edges
from layerkit_conv.sequences import as_images, as_sequences, check_sequences, check_steps, read_edges

EdgesLike: TypeAlias = str | int | tuple[int, int]


class Pool1D(Layer):
    """A layer that runs a pool of images, made by its constructor, on sequences ``(batch, time, channels)``."""

    recordable = True
    _images: Layer

    def build(self, input_shape: Shape) -> Shape:
        channels = check_sequences(self, input_shape)
        shape = self.part("images", self._images, (input_shape[0], 1, channels))
        return (shape[0], channels)

    def connect(self, ctx: Context) -> None:
        ctx.part("images").needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.mask is not None:
            raise ShapeError(
                f"layer {ctx.path} ({type(self).__name__}): takes no mask, for a window may hold steps that count and "
                "steps that do not; let the network sum sequences up first, or cut them to one length"
            )
        return as_sequences(ctx.part("images").forward(as_images(x)))

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = ctx.part("images").backward(as_images(grad))
        return None if below is None else as_sequences(below)


def pool_options(owner: object, pool_size: Any, stride: Any, padding: Any) -> dict[str, Any]:
    """The arguments of the pool of images that is meant.

    Raises:
        ArgumentError: an argument does not have its form, or a window would hold nothing but padding.
    """
    check_steps(owner, pool_size=pool_size)
    if stride is not None:
        check_steps(owner, stride=stride)
    edges: Edges | None = read_edges(owner, padding)
    if edges is not None and max(edges) >= pool_size:
        raise ArgumentError(
            f"{type(owner).__name__}: padding must be less than pool_size at both ends, or windows would hold nothing "
            f"but padding; got padding {padding!r} with pool_size {pool_size!r}"
        )
    return {
        "pool_size": (pool_size, 1),
        "stride": (pool_size if stride is None else stride, 1),
        "padding": "same" if edges is None else (edges, (0, 0)),
    }
