"""A network as text, for Mermaid, and as SVG; none of them needs matplotlib."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from layerkit import Add, Concatenate, Dense, Graph, Highway, Parallel, ReLU, Repeat, Residual, Sequential, Tanh
from layerkit.errors import ArgumentError, NotBuiltError
from layerkit.models.model import Model
from layerkit.plots import diagram
from layerkit.plots.network import boxes_of, node_of

MODELS: dict[str, Model] = {
    "chain": Sequential([Dense(3, activation=ReLU()), Dense(2)]).initialize(4),
    "residual": Sequential([Residual(Sequential([Dense(4), Tanh()])), Highway(Dense(4)), Dense(1)]).initialize(4),
    "parallel": Sequential([Parallel([Dense(2), Sequential([Dense(8), Dense(3)]), Dense(1)]), Dense(1)]).initialize(4),
    "graph": Graph(
        {
            "hidden": (Dense(8), "picture"),
            "deep": (Dense(8), "hidden"),
            "sum": (Add(), "hidden", "deep"),
            "both": (Concatenate(), "sum", "age"),
            "answer": (Dense(2), "both"),
        },
        inputs=("picture", "age"),
    ).initialize({"picture": 5, "age": 1}),
    "twice": Sequential([Repeat(Dense(4), 2), Dense(1)]).initialize(4),
}


def arrows(model: Model) -> set[tuple[str, str]]:
    """Who is read by whom, by path; inputs are in brackets."""
    boxes = boxes_of(node_of(model))
    names = [box.path if box.title != "input" else f"[{box.path}]" for box in boxes]
    return {(names[source], name) for name, box in zip(names, boxes, strict=True) for source in box.reads}


def test_the_arrows_are_those_of_the_network() -> None:
    assert arrows(MODELS["chain"]) == {("[]", "0"), ("0", "1")}
    assert arrows(MODELS["residual"]) == {
        ("[]", "0.inner.0"),
        ("0.inner.0", "0.inner.1"),
        ("0.inner.1", "0"),
        ("[]", "0"),
        ("0", "1.inner"),
        ("1.inner", "1"),
        ("0", "1"),
        ("1", "2"),
    }
    assert arrows(MODELS["parallel"]) == {
        ("[]", "0.0"),
        ("[]", "0.1.0"),
        ("0.1.0", "0.1.1"),
        ("[]", "0.2"),
        ("0.0", "0.joined"),
        ("0.1.1", "0.joined"),
        ("0.2", "0.joined"),
        ("0.joined", "1"),
    }
    assert arrows(MODELS["graph"]) == {
        ("[picture]", "hidden"),
        ("hidden", "deep"),
        ("hidden", "sum"),
        ("deep", "sum"),
        ("sum", "both"),
        ("[age]", "both"),
        ("both", "answer"),
    }


@pytest.mark.parametrize("name", MODELS)
def test_every_form_has_every_box_with_shape_and_parameters(name: str) -> None:
    model = MODELS[name]
    boxes = boxes_of(node_of(model))
    counted = sum(box.parameters or 0 for box in boxes)
    assert counted == model.structure.parameters.size
    text, mermaid, svg = diagram(model), diagram(model, "mermaid"), diagram(model, "svg")
    assert len(re.findall("●", text)) == len(re.findall(r'^  box\d+\[".*"\]$', mermaid, re.MULTILINE)) == len(boxes)
    assert len(re.findall(r"^  box\d+ --> box\d+$", mermaid, re.MULTILINE)) == sum(len(box.reads) for box in boxes)
    root = ElementTree.fromstring(svg)
    words = [element.text for element in root.findall(".//{*}text")]
    for box in boxes:
        assert box.shape in words
        assert re.search(rf"● .*{re.escape(box.title)} .*{re.escape(box.shape)}.*{re.escape(box.size)}", text)
        assert all(part in mermaid for part in (box.shape, box.size))
    assert len(root.findall(".//{*}polyline")) == sum(len(box.reads) for box in boxes)


def test_ways_divide_and_meet_in_the_text() -> None:
    assert diagram(MODELS["graph"]) == (
        "Diagram of Graph\n"
        "●      picture  input        (batch, 5)\n"
        "│ ●    age      input        (batch, 1)\n"
        "● │    hidden   Dense        (batch, 8)  48 parameters\n"
        "├─┼─╮\n"
        "● │ │  deep     Dense        (batch, 8)  72 parameters\n"
        "├─┼─╯\n"
        "● │    sum      Add          (batch, 8)\n"
        "├─╯\n"
        "●      both     Concatenate  (batch, 9)\n"
        "●      answer   Dense        (batch, 2)  20 parameters\n"
    )


def test_an_arrow_begins_below_what_it_comes_from_and_no_boxes_overlap() -> None:
    for model in MODELS.values():
        root = ElementTree.fromstring(diagram(model, "svg"))
        for line in root.findall(".//{*}polyline"):
            heights = [float(point.partition(",")[2]) for point in line.attrib["points"].split()]
            assert heights == sorted(heights)
        places = [
            tuple(float(box.attrib[name]) for name in ("x", "y", "width", "height"))
            for box in root.findall(".//{*}rect[@class='box']")
        ]
        for one, (x, y, width, _) in enumerate(places):
            assert x >= 0
            assert x + width <= float(root.attrib["width"])
            for x2, y2, width2, _ in places[one + 1 :]:
                assert y != y2 or x + width <= x2 or x2 + width2 <= x


def test_names_cannot_break_out() -> None:
    nasty = 'a"]<b>&#`'
    model = Graph({nasty: (Dense(1), "input")}).initialize(2)
    assert ElementTree.fromstring(diagram(model, "svg")).findall(".//{*}text")[-3].text == f"{nasty} Dense"
    [line] = [line for line in diagram(model, "mermaid").splitlines() if "Dense" in line]
    assert line == '  box1["a#quot;]#lt;b#gt;#amp;#35;#96; Dense<br/>(batch, 1)<br/>3 parameters"]'


def test_a_model_inside_another_is_drawn_by_itself() -> None:
    inner = Sequential([Dense(3)])
    Sequential([Dense(4), inner]).initialize(2)
    assert arrows(inner) == {("[]", "1.0")}


def test_what_has_no_shapes_yet_is_refused() -> None:
    with pytest.raises(NotBuiltError):
        diagram(Sequential([Dense(1)]))
    with pytest.raises(ArgumentError, match="format must be one of"):
        diagram(MODELS["chain"], "png")  # type: ignore[arg-type]
