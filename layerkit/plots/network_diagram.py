"""A network as boxes and arrows: in text, for Mermaid, or as SVG."""

from __future__ import annotations

from typing import Literal

from layerkit.arguments import check_choice, check_instance
from layerkit.models.model import Model
from layerkit.plots.diagram_svg import as_svg
from layerkit.plots.diagram_text import as_text
from layerkit.plots.network import Box, boxes_of, node_of


def diagram(model: Model, format: Literal["text", "mermaid", "svg"] = "text") -> str:
    """A model's layers with their shapes and how many parameters they have, and which reads which.

    Branches, graphs and ways around layers are drawn as they are; a layer with other parts is one box. It needs no
    matplotlib.

    Args:
        model: with known shapes, as after ``initialize`` or ``fit``.
        format: ``"text"``, lines and boxes of characters; ``"mermaid"``, a flowchart that web pages such as GitHub's
            draw; ``"svg"``, an image that adapts to dark ground.

    Raises:
        ArgumentError: the format is none of these.
        NotBuiltError: the model has no values yet.

    >>> from layerkit import Dense, ReLU, Residual, Sequential
    >>> model = Sequential([Dense(3, activation=ReLU()), Residual(Dense(3)), Dense(2)]).initialize(4)
    >>> print(diagram(model))
    Diagram of Sequential
    ●             input        (batch, 4)
    ●    0        Dense, ReLU  (batch, 3)  15 parameters
    ├─╮
    ● │  1.inner  Dense        (batch, 3)  12 parameters
    ├─╯
    ●    1        Residual: +  (batch, 3)
    ●    2        Dense        (batch, 2)   8 parameters
    <BLANKLINE>
    """
    check_instance("diagram", "model", model, Model)
    check_choice("diagram", "format", format, ("text", "mermaid", "svg"))
    forms = {"text": as_text, "mermaid": as_mermaid, "svg": as_svg}
    return forms[format](type(model).__name__, boxes_of(node_of(model)))


def as_mermaid(name: str, boxes: list[Box]) -> str:
    """A flowchart from top to bottom; ``name`` is its title."""
    lines = [f"---\ntitle: {name}\n---\nflowchart TD"]
    for place, box in enumerate(boxes):
        words = [" ".join(filter(None, (box.path, box.title))), box.shape, box.size]
        text = "<br/>".join(_escaped(each) for each in words if each)
        lines.append(f'  box{place}["{text}"]')
    lines += [f"  box{source} --> box{place}" for place, box in enumerate(boxes) for source in box.reads]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """With the codes that Mermaid has for signs of its own."""
    codes = {"#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "`": "#96;"}
    return "".join(codes.get(sign, sign) if sign.isprintable() else " " for sign in text)
