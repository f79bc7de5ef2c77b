"""What all pictures share: the axes to draw on, styles that need no colour, and the file at the end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from layerkit.arguments import check_choice, check_path
from layerkit.atomic import not_written, write_atomically
from layerkit.errors import ArgumentError, LayerkitError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Format: TypeAlias = Literal["svg", "png"]
FORMATS = ("svg", "png")
_DOTS_PER_INCH = 150

LINES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "|||", "+++", "**")
"""What tells lines, points and areas apart where colour does not."""

PALETTE = "viridis"
"""Its lightness rises evenly, so it says the same in grey, and to those who see other colours."""


def require_matplotlib(picture: str) -> None:
    """Refuse to draw where matplotlib is missing.

    Raises:
        MissingExtraError: it is.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f'{picture} is drawn by matplotlib, which is not installed: pip install "layerkit[plot]"'
        ) from error


def axes_for(picture: str, ax: Axes | None, *, size: tuple[float, float] | None = None) -> Axes:
    """The axes that were given, or those of a new figure of ``size`` inches, which pyplot knows nothing of.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: ``ax`` is no Axes.
    """
    require_matplotlib(picture)
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if ax is None:
        return Figure(figsize=size, layout="constrained").subplots()
    if not isinstance(ax, Axes):
        raise ArgumentError(
            f"{picture}: ax must be one matplotlib Axes, such as plt.subplots()[1], or None for a new figure, got "
            f"{type(ax).__name__}"
        )
    return ax


def reading_on(colour: Any) -> str:
    """Black or white, whichever can be read on a colour: their contrast is at least 4.5, by WCAG's measure."""
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # both have the same contrast where (L + 0.05)² = 0.05 · 1.05
    return "black" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "white"


_LONGEST = 30


def cut(name: str) -> str:
    """The name of a class; what is long is cut, for it would leave no room."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def plain(text: str) -> str:
    """Text of others, such as the name of a class, shown as it is: matplotlib takes ``$`` for a formula and leaves out
    of legends what begins with ``_``, and SVG has no control characters."""
    told = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text).replace("$", r"\$")
    return f"\N{ZERO WIDTH SPACE}{told}" if told.startswith("_") else told


def each_of(styles: Sequence[str], place: int) -> str:
    """The style at a place, from the beginning again after the last."""
    return styles[place % len(styles)]


def rendered(ax: Axes, format: Format = "svg") -> bytes:
    """The whole figure that ``ax`` belongs to, as the bytes of a file: ``"svg"`` or ``"png"``.

    The same drawing gives the same bytes; the text of an SVG stays text.

    Raises:
        ArgumentError: the format is none of these.
    """
    import io

    check_choice("rendered", "format", format, FORMATS)
    require_matplotlib("rendered")
    from matplotlib import rc_context

    figure = ax.figure
    # a part of a figure knows the one that it is part of
    while figure.figure is not figure:
        figure = figure.figure
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "layerkit", "svg.fonttype": "none"}):
        # without a date, and without the version of who drew it
        metadata = {"Date": None, "Creator": None} if format == "svg" else {"Software": None}
        figure.savefig(buffer, format=format, dpi=_DOTS_PER_INCH, metadata=metadata)
    return buffer.getvalue()


def save(ax: Axes, path: str | os.PathLike[str]) -> None:
    """Write the whole figure that ``ax`` belongs to: whole or not at all, as SVG or PNG by the ending of ``path``.

    Raises:
        ArgumentError: the ending is neither ``.svg`` nor ``.png``.
        LayerkitError: it cannot be written.
    """
    check_path("save", "path", path)
    ending = os.path.splitext(os.fspath(path))[1].lower().removeprefix(".")
    if ending not in FORMATS:
        raise ArgumentError(f"save: a picture's file ends in .svg or .png, got {os.fspath(path)}")
    content = rendered(ax, "svg" if ending == "svg" else "png")
    try:
        write_atomically(path, [content])
    except OSError as error:
        raise LayerkitError(not_written(path, error)) from error
