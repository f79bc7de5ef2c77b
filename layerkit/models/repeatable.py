"""The functions of NumPy that can be repeated: what they give has the same shape whatever numbers they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _functions(names: str, module: Any = np) -> frozenset[Callable[..., Any]]:
    # older and newer versions of NumPy lack some of them
    return frozenset(getattr(module, name) for name in names.split() if hasattr(module, name))


VIEW_METHODS = ("reshape", "ravel", "transpose", "swapaxes", "squeeze", "diagonal")
RESULT_METHODS = (
    *("astype", "copy", "flatten", "take", "repeat", "choose", "round", "clip", "conj", "conjugate", "cumsum"),
    *("cumprod", "argsort", "argmax", "argmin", "argpartition", "trace", "searchsorted", "mean", "var", "std"),
)
IN_PLACE_METHODS = ("fill", "sort", "partition", "put")

VIEWS = _functions(
    "reshape ravel transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis squeeze expand_dims broadcast_to "
    "broadcast_arrays atleast_1d atleast_2d atleast_3d split array_split hsplit vsplit dsplit unstack flip fliplr "
    "flipud rot90 diagonal real"
)
VIEWS |= _functions("sliding_window_view", np.lib.stride_tricks) | _functions(" ".join(VIEW_METHODS), np.ndarray)
"""Those that may show the memory that they are given in another form."""

IN_PLACE = _functions("copyto putmask place put put_along_axis fill_diagonal") | _functions(
    " ".join(IN_PLACE_METHODS), np.ndarray
)
"""Those that change their first argument, and give nothing."""

FORM = _functions("shape ndim size result_type can_cast common_type iscomplexobj isrealobj may_share_memory")
"""Those that ask about form and type alone."""

SHAPED_BY_ARGUMENTS = (
    _functions("repeat tile pad broadcast_to reshape linspace expand_dims split array_split roll")
    | _functions("repeat reshape", np.ndarray)
    | _functions("matrix_power", np.linalg)
)
"""Those whose arguments after the first must be Python's."""

REPEATABLE = (
    VIEWS
    | IN_PLACE
    | _functions(
        "sum prod mean average std var max amax min amin any all cumsum cumprod cumulative_sum cumulative_prod median "
        "quantile percentile nansum nanprod nanmean nanstd nanvar nanmax nanmin nanmedian ptp clip round around fix "
        "nan_to_num diff gradient trapezoid dot vdot inner outer tensordot einsum kron cross concatenate concat stack "
        "hstack vstack dstack column_stack block tile repeat pad roll append where take take_along_axis choose select "
        "sort argsort partition argpartition argmax argmin nanargmax nanargmin lexsort searchsorted digitize interp "
        "convolve correlate tril triu trace diag diagflat copy zeros_like ones_like empty_like full_like linspace sinc "
        "i0 angle imag isclose isposinf isneginf unwrap meshgrid corrcoef cov vander"
    )
    | _functions(
        "inv solve det slogdet norm matrix_norm vector_norm cholesky qr svd eigh eigvalsh pinv matrix_power multi_dot "
        "matmul cross outer tensordot trace diagonal",
        np.linalg,
    )
    | _functions("fft ifft rfft irfft fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn fftshift ifftshift", np.fft)
)
"""All that can be repeated."""
