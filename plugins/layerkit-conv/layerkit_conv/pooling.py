"""The arguments that pooling layers have in common."""

from __future__ import annotations

from layerkit.errors import ArgumentError
from layerkit_conv.arguments import PaddingLike, Pair, read_padding, read_pair
from layerkit_conv.windows import Windows


def read_pool(owner: object, pool_size: Pair, stride: Pair | None, padding: PaddingLike) -> Windows:
    """The windows that are meant; without a stride they lie side by side.

    Raises:
        ArgumentError: an argument does not have its form, or a window would hold nothing but padding.
    """
    size = read_pair(owner, "pool_size", pool_size, minimum=1)
    edges = read_padding(owner, padding)
    if edges is not None and any(side >= size[axis] for axis in (0, 1) for side in edges[axis]):
        raise ArgumentError(
            f"{type(owner).__name__}: padding must be less than pool_size on each side, or windows would hold nothing "
            f"but padding; got padding {padding!r} with pool_size {pool_size!r}"
        )
    return Windows(size, size if stride is None else read_pair(owner, "stride", stride, minimum=1), padding=edges)
