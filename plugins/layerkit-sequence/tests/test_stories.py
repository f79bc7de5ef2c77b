"""The stories, the example that learns them, and what it writes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_sequence import Stories, TransformerBlock, write
from layerkit_sequence.__main__ import main
from layerkit_sequence.all_stories import all_stories
from layerkit_sequence.stories import END

from layerkit import CrossEntropy, Dense, Embedding, Examples, GradientDescent, Model, Sequential, Trainer, save
from layerkit.errors import ArgumentError
from layerkit.experiments import Experiment, Session, find

CHARACTERS = Stories.characters()


def told(data: Examples) -> list[str]:
    assert isinstance(data.y, np.ndarray)
    assert data.mask is not None
    return ["".join(CHARACTERS[token] for token in y[counts]) for y, counts in zip(data.y, data.mask, strict=True)]


def test_every_last_sentence_follows_from_the_others() -> None:
    assert len(set(all_stories())) == len(all_stories()) == 32_040
    for story in all_stories():
        words = story.replace(".", "").split()
        first = int(words[2])
        if "gives" in words:
            assert words[0] == words[6] == words[10]
            assert int(words[12]) == first + int(words[7])
        elif "eats" in words:
            assert words[0] == words[4] == words[9]
            assert words[11] == (str(first - int(words[6])) if first > int(words[6]) else "no")
        else:
            assert words[9] == (words[0] if first > int(words[6]) else words[4])


def test_splits_hold_whole_stories_none_of_them_twice() -> None:
    dataset = Stories(train=300, test=100, seed=3)
    train, test = told(dataset.load("train")), told(dataset.load("test"))
    assert len({*train, *test}) == 400
    assert {story.removesuffix(END) for story in (*train, *test)} <= set(all_stories())
    assert told(Stories(train=20, test=100, seed=3).load("test")) == test


def test_what_is_asked_for_is_the_next_character() -> None:
    data = Stories(train=50, test=1).load("train")
    assert isinstance(data.x, np.ndarray)
    assert isinstance(data.y, np.ndarray)
    np.testing.assert_array_equal(data.x[:, 1:], data.y[:, :-1])
    assert not data.x[:, 0].any()


@pytest.mark.thorough
def test_nobody_gets_more_right_than_the_documentation_says() -> None:
    next_characters: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for story in all_stories():
        for place, character in enumerate(line := story + END):
            next_characters[line[:place]][character] += 1
    right = [
        next_characters[line[:place]].most_common(1)[0][0] == character
        for line in told(Stories().load("test"))
        for place, character in enumerate(line)
    ]
    assert f"{np.mean(right):.2%}".replace("%", " %") in str(Stories.__doc__)


@pytest.mark.parametrize(("arguments", "message"), [({"train": 32_040}, "32,040 stories"), ({"test": 0}, "test")])
def test_what_there_is_not_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Stories(**arguments)


def example() -> Experiment:
    found: Any = find("sequence/stories")
    experiment: Experiment = found()
    return experiment


@pytest.mark.thorough
def test_after_a_third_of_its_training_the_example_tells_many_stories_to_their_end() -> None:
    numba = pytest.importorskip("layerkit_numba")
    session = Session(example().with_settings(epochs=2, engine=numba.NumbaEngine()))
    session.fit()
    assert session.measure()["test_accuracy"] > 0.9
    unseen = [story.removesuffix(END) for story in told(Stories().load("test"))[:300]]
    beginnings = [story[: story.index(".", story.index(".") + 1) + 1] for story in unseen]
    written = write(session.model, beginnings)
    assert np.mean([one == other for one, other in zip(written, unseen, strict=True)]) > 0.3
    free = write(session.model, [""] * 200, temperature=1.0)
    assert np.mean([text in set(all_stories()) for text in free]) > 0.1


@pytest.fixture(scope="module")
def parrot() -> Model:
    """A model that knows one text by heart: it is nothing but a table of what follows what."""
    layers = [Embedding(4, 4), Dense(4)]
    model = Sequential(layers).initialize((None,), seed=0)
    names = Examples(np.zeros((1, 1), int), np.zeros((1, 1), int), classes=(END, "a", "b", "c"))
    Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1)).fit(names, epochs=1)
    embedding, dense = layers
    embedding.table[...] = np.eye(4)
    dense.weight[...] = 50 * np.eye(4)[[1, 2, 3, 0]]
    dense.bias[...] = 0
    return model


def test_texts_are_written_to_their_ends(parrot: Model) -> None:
    assert write(parrot, ["", "a", "ab", "abc", "c"]) == ["abc", "abc", "abc", "abc", "c"]
    assert write(parrot) == ["abc"]
    assert write(parrot, []) == []
    assert write(parrot, ["a"], longest=2) == ["ab"]


def test_the_temperature_decides_how_much_is_drawn(parrot: Model) -> None:
    cold, warm = (write(parrot, [""] * 40, temperature=heat, seed=1) for heat in (0.5, 100.0))
    assert set(cold) == {"abc"}
    assert len(set(warm)) > 10
    assert warm == write(parrot, [""] * 40, temperature=100.0, seed=1)
    assert warm != write(parrot, [""] * 40, temperature=100.0, seed=2)


def test_a_model_for_one_length_writes_no_more(parrot: Model) -> None:
    fixed = Sequential([layer.copy() for layer in parrot.layers]).initialize((2,), seed=0)
    fixed.structure.parameters[...] = parrot.structure.parameters
    fixed.schema, fixed.readout = parrot.schema, parrot.readout
    assert write(fixed, ["", "b"]) == ["ab", "bc"]


def test_what_cannot_be_written_is_told(parrot: Model) -> None:
    with pytest.raises(ArgumentError, match="holds 'x', and the model knows these: 'abc'"):
        write(parrot, ["axe"])
    with pytest.raises(ArgumentError, match="room for 2"):
        write(parrot, ["abc"], longest=2)
    with pytest.raises(ArgumentError, match="list"):
        write(parrot, "ab")
    with pytest.raises(ArgumentError, match="temperature"):
        write(parrot, temperature=-1.0)
    nameless = Sequential([Embedding(4, 4), Dense(4)]).initialize((None,), seed=0)
    with pytest.raises(ArgumentError, match="classes are characters"):
        write(nameless)
    nameless.schema = parrot.schema
    with pytest.raises(ArgumentError, match="no probabilities"):
        write(nameless)
    vectors = Sequential([Dense(4)]).initialize((3, 5), seed=0)
    vectors.schema = parrot.schema
    with pytest.raises(ArgumentError, match="tokens"):
        write(vectors)


def test_the_command_writes_with_a_saved_model(
    parrot: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "parrot.safetensors"
    save(parrot, path)
    assert main([str(path), "a", "b", "--count", "2"]) == 0
    assert capsys.readouterr().out == "abc\nabc\nbc\nbc\n"
    assert main([str(path), "x"]) == 1
    assert "holds 'x'" in capsys.readouterr().err
    assert main([str(tmp_path / "none.safetensors")]) == 1
    assert "none.safetensors" in capsys.readouterr().err


def test_it_is_a_module_to_be_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "layerkit_sequence", "--help"], capture_output=True, text=True, check=True
    )
    assert "BEGINNING" in done.stdout


def test_a_causal_block_reads_no_later_step() -> None:
    model = Sequential([Embedding(40, 8), TransformerBlock(8, 2, causal=True), Dense(40)]).initialize((None,), seed=0)
    x = np.random.default_rng(0).integers(0, 40, (3, 9))
    long, short = model.predict(x), model.predict(x[:, :5])
    np.testing.assert_allclose(long[:, :5], short, rtol=1e-5, atol=1e-6)
