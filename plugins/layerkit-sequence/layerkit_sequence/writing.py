"""A model that scores the next character writes text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerkit import Model
from layerkit.arguments import check_collection, check_instance, check_integer, check_number
from layerkit.errors import ArgumentError
from layerkit.types import Array


def write(
    model: Model, beginnings: Sequence[str] = ("",), *, temperature: float = 0.0, longest: int = 200, seed: int = 0
) -> list[str]:
    """Texts that begin as they are told to, each written on to the first sign of an end.

    The model is one that was trained on data such as ``Stories``: it takes tokens ``(batch, time)``, gives a
    probability for each character at each step, and looks at no later step. What a token stands for are its classes, of
    which the first is the end, which also stands in front. All texts are written side by side; each new character costs
    a pass over all that stands there.

    Args:
        model: what writes.
        beginnings: of the texts, one each; "" leaves all to the model.
        temperature: 0 takes the most probable character; else one is drawn, with probabilities in proportion to
            p^(1 / temperature): 1 is as the model has it.
        longest: how many characters a text may have; one that is as long is cut off.
        seed: of what is drawn.

    Raises:
        ArgumentError: a beginning holds a character that the model does not know, or is longer than the model can read;
            the model knows no characters, or gives no probabilities.
    """
    check_instance("write", "model", model, Model)
    check_collection("write", "beginnings", beginnings, str)
    check_number("write", "temperature", temperature, minimum=0)
    check_integer("write", "longest", longest, minimum=1)
    check_integer("write", "seed", seed, minimum=0)
    number = _numbers(model)
    room = _room(model, longest)
    tokens = np.zeros((len(beginnings), room + 1), np.int64)
    for row, beginning in enumerate(beginnings):
        tokens[row, 1 : len(beginning) + 1] = _read(beginning, number, room)
    lengths = np.array([len(beginning) for beginning in beginnings], np.int64)
    rng = np.random.default_rng(seed)
    writing = np.arange(len(beginnings))
    while (writing := writing[lengths[writing] < room]).size:
        upto = _width(model, int(lengths[writing].max()) + 1)
        scores = model.predict(tokens[writing, :upto])[np.arange(writing.size), lengths[writing]]
        chosen = _chosen(scores, temperature, rng)
        going_on = chosen != 0
        writing = writing[going_on]
        lengths[writing] += 1
        tokens[writing, lengths[writing]] = chosen[going_on]
    characters = list(number)
    return [
        "".join(characters[token] for token in row[1 : length + 1]) for row, length in zip(tokens, lengths, strict=True)
    ]


def _numbers(model: Model) -> dict[str, int]:
    """The token of each character."""
    classes = model.schema.classes
    if not classes or any(len(name) != 1 for name in classes):
        raise ArgumentError(
            "write: the model does not know what its outputs stand for: train it on examples whose classes are "
            "characters, the sign of an end first"
        )
    return {character: token for token, character in enumerate(classes)}


def _read(beginning: str, number: dict[str, int], room: int) -> list[int]:
    unknown = next((character for character in beginning if number.get(character, 0) == 0), None)
    if unknown is not None:
        known = "".join(list(number)[1:])
        raise ArgumentError(f"write: {beginning!r} holds {unknown!r}, and the model knows these: {known!r}")
    if len(beginning) > room:
        raise ArgumentError(f"write: {beginning!r} has {len(beginning)} characters, and there is room for {room}")
    return [number[character] for character in beginning]


def _room(model: Model, longest: int) -> int:
    """How many characters a text may have: what is asked for, or what the model can read."""
    time = _time(model)
    return longest if time is None else min(longest, time)


def _width(model: Model, needed: int) -> int:
    """How many steps the model is given: as many as are needed, or as many as it takes."""
    return _time(model) or needed


def _time(model: Model) -> int | None:
    """The number of steps that the model takes; None where it takes any."""
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 1:
        raise ArgumentError(f"write: the model must take tokens (batch, time), and takes (batch, {shape})")
    return shape[0]


def _chosen(probabilities: Array, temperature: float, rng: np.random.Generator) -> Array:
    """One token a row."""
    if not (probabilities.ndim == 2 and (probabilities >= 0).all() and np.allclose(probabilities.sum(1), 1, atol=1e-3)):
        raise ArgumentError("write: the model gives no probabilities: train it by the cost CrossEntropy")
    if temperature == 0:
        return probabilities.argmax(axis=1)
    with np.errstate(divide="ignore"):
        logs = np.log(probabilities.astype(np.float64)) / temperature
    # the largest of log p + Gumbel noise is a draw from p
    return (logs + rng.gumbel(size=logs.shape)).argmax(axis=1)
