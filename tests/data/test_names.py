"""What is taken for names of columns, targets and classes, and what is not."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    BinaryCrossEntropy,
    CrossEntropy,
    CsvFile,
    Dense,
    Examples,
    Quadratic,
    Schema,
    Sequential,
    Trainer,
    split,
)
from layerkit.data.class_names import labels_of_numbers, places_of
from layerkit.errors import ArgumentError, DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
KIND = np.array(["ant", "bee", "cow"])[np.c_[X, -X.sum(1)].argmax(1)]


_make: Any = enum.Enum
Animal = _make("Animal", {"CAT": "cat", "COW": "cow", "CATERPILLAR": "caterpillar"}, type=str)
"""Words that print otherwise than they are."""


def classifier(outputs: int = 3, **options: Any) -> Trainer:
    cost = BinaryCrossEntropy() if outputs == 1 else CrossEntropy()
    model = Sequential([Dense(outputs)])
    return Trainer(model, cost=cost, optimizer=Adam(0.1), metrics=[Accuracy()], seed=0, **options)


NO_NAMES: list[Any] = [
    {"a", "b"},
    frozenset("ab"),
    {"a": 0, "b": 1},
    "ab",
    b"ab",
    iter("ab"),
    3,
    [],
    [None, "a"],
    [["a"]],
]


@pytest.mark.parametrize("given", NO_NAMES)
@pytest.mark.parametrize("what", ["classes", "names", "target_name"])
def test_what_has_no_order_or_is_no_name_is_refused(given: Any, what: str) -> None:
    if what == "target_name" and given == "ab":
        return
    with pytest.raises(ArgumentError, match=f"Examples: {what} must be a list of names"):
        Examples(X, np.zeros(60, int), **{what: given})


@pytest.mark.parametrize("given", [*NO_NAMES, ["a", "a"]])
@pytest.mark.parametrize("what", ["columns", "classes", "target"])
def test_a_schema_holds_different_names(given: Any, what: str) -> None:
    if what == "target" and given == "ab":
        return
    with pytest.raises(ArgumentError, match=f"Schema: {what} must be"):
        Schema(**{what: given})


def test_classes_are_different_names() -> None:
    with pytest.raises(ArgumentError, match="classes must be different names"):
        Examples(X, np.zeros(60, int), classes=["a", "a"])
    with pytest.raises(ArgumentError, match="classes must be different names"):
        Examples(X, np.zeros(60, int), classes=[1, "1"])  # type: ignore[list-item]


@pytest.mark.parametrize("labels", ["no", 0, 1, "False", np.True_])
def test_labels_is_a_boolean(labels: Any) -> None:
    with pytest.raises(ArgumentError, match="Examples: labels must be True or False"):
        Examples(X, np.zeros(60, int), labels=labels)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (np.array(["a", "b"]), ("a", "b")),
        (np.array([3, 8]), ("3", "8")),
        ([True, False], ("True", "False")),
        (range(2), ("0", "1")),
        ([Animal.CAT, Animal.COW], ("cat", "cow")),
        (np.array([1.0, 2.5]), ("1.0", "2.5")),
    ],
)
def test_names_may_come_in_any_ordered_form(given: Any, names: tuple[str, str]) -> None:
    examples = Examples(X, np.zeros(60, int), classes=given, names=given)
    assert (examples.classes, examples.names) == (names, names)
    assert all(type(name) is str for found in (examples.classes, examples.names) for name in found or ())
    assert Schema(columns=given, classes=given, target=given) == Schema(columns=names, classes=names, target=names)


def test_labels_beyond_the_classes_are_refused() -> None:
    with pytest.raises(DataError, match=r"label 2 in row 1 .* 2 classes"):
        Examples(X[:3], [0, 2, 1], classes=("a", "b"))


@pytest.mark.parametrize("make", [list, tuple, lambda words: np.array(words, object)])
def test_members_of_an_enumeration_are_their_values(make: Any) -> None:
    words = make([Animal.CATERPILLAR, Animal.CAT, Animal.COW, Animal.CAT])
    examples = Examples(X[:4], words)
    assert examples.classes == ("cat", "caterpillar", "cow")
    np.testing.assert_array_equal(examples.y, [1, 0, 2, 0])
    assert all(type(name) is str for name in examples.classes)
    named = Examples(X[:4], words, classes=list(Animal))
    np.testing.assert_array_equal(named.y, [2, 0, 1, 0])
    frame = pytest.importorskip("pandas").DataFrame({"a": [1.0, 2, 3, 4], "kind": np.array(list(words), object)})
    read = Examples(frame, "kind")
    assert read.classes == examples.classes
    np.testing.assert_array_equal(read.y, examples.y)


def test_members_of_an_enumeration_share_out_a_split() -> None:
    strata = [Animal.CAT, Animal.CATERPILLAR] * 30
    _, test = split((X, X[:, 0]), test_fraction=0.5, stratify=strata)
    assert len(test) == 30


@pytest.mark.parametrize("classes", [("True", "False"), ("false", "true"), ("0", "1"), ("1", "0"), ("FALSE", "TRUE")])
def test_booleans_are_what_they_are_called(classes: tuple[str, str]) -> None:
    truths = RNG.random(60) < 0.5
    yes = next(place for place, name in enumerate(classes) if name.lower() in ("true", "1"))
    wanted = np.where(truths, yes, 1 - yes)
    for given in (truths, truths[:, np.newaxis], truths.tolist()):
        np.testing.assert_array_equal(Examples(X, given, classes=classes).y, wanted)
    trainer = classifier(2)
    trainer.fit(Examples(X, wanted, classes=classes), epochs=5)
    for given in (truths, truths[:, np.newaxis]):
        assert trainer.evaluate((X, given)) == trainer.evaluate((X, wanted))
        assert trainer.evaluate(lambda given=given: iter([(X, given)])) == trainer.evaluate((X, wanted))


def test_booleans_go_by_place_where_no_class_is_called_so() -> None:
    truths = RNG.random(60) < 0.5
    for classes in (("no", "yes"), ("3", "8")):
        np.testing.assert_array_equal(Examples(X, truths, classes=classes).y, truths)
        assert labels_of_numbers(truths, classes) is None
    rows = RNG.random((60, 2)) < 0.5
    np.testing.assert_array_equal(Examples(X, rows, classes=("True", "False")).y, rows)


def test_truths_are_found_however_they_are_written() -> None:
    assert places_of(["TRUE", "0", "1.0", "false", "yes"], ["True", "False"]) == [0, 1, 0, 1, -1]
    assert places_of(["True", "1"], ["True", "a"]) == [0, -1]
    assert places_of(["True"], ["1", "0"]) == [-1]


def test_words_for_a_model_without_names_must_all_occur() -> None:
    labels = np.unique(KIND, return_inverse=True)[1]
    some = labels > 0
    trainer = classifier()
    trainer.fit((X, labels), epochs=20)
    measured = trainer.evaluate((X[some], labels[some]))
    assert measured["accuracy"] > 0.9
    for use in (
        trainer.evaluate,
        trainer.tune_threshold,
        lambda data: trainer.fit(data, epochs=1),
        lambda data: trainer.fit((X, labels), epochs=1, validation=data),
        lambda data: classifier().fit((X, labels), epochs=1, validation=data),
    ):
        with pytest.raises(DataError, match=r"words, of which 2 occur .'bee', 'cow'., but the model tells 3 classes"):
            use((X[some], KIND[some]))
    assert trainer.evaluate((X, KIND)) == trainer.evaluate((X, labels))
    named = Examples(X[some], KIND[some], classes=("ant", "bee", "cow"))
    assert trainer.evaluate(named) == measured
    trainer.model.schema = Schema(classes=("ant", "bee", "cow"))
    assert trainer.evaluate((X[some], KIND[some])) == measured


def test_one_word_alone_does_not_tell_a_yes() -> None:
    trainer = classifier(1)
    trainer.fit((X, (X[:, 0] > 0) * 1), epochs=5)
    yes = X[:, 0] > 0
    with pytest.raises(DataError, match=r"1 occur .'yes'., but the model tells 2 classes"):
        trainer.evaluate((X[yes], np.full(yes.sum(), "yes")))


def test_the_words_of_a_table_must_all_occur_too(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,kind\n" + "".join(f"{a},{b},{('bee', 'cow')[a > 0]}\n" for a, b in X.tolist()))
    trainer = classifier()
    trainer.fit((X, np.unique(KIND, return_inverse=True)[1]), epochs=1)
    with pytest.raises(DataError, match="of which 2 occur"):
        trainer.evaluate(CsvFile(path))
    assert trainer.evaluate(CsvFile(path, classes=["ant", "bee", "cow"]))


def test_streams_of_words_are_labels_of_the_classes_that_are_known() -> None:
    def stream() -> Any:
        return iter([(X[:7], KIND[:7]), (X[7:8], KIND[7:8].astype(object)), (X[8:], KIND[8:, np.newaxis])])

    trainer, other = classifier(), classifier()
    for each in (trainer, other):
        each.model.initialize(2, seed=0)
    with pytest.raises(DataError, match=r"say first which there are, with model.schema = Schema\(classes="):
        trainer.fit(stream, epochs=1)
    trainer.model.schema = Schema(classes=("cow", "ant", "bee"))
    trainer.fit(stream, epochs=3, class_weights={"ant": 1, "bee": 2, "cow": 3})
    labels = np.array([["cow", "ant", "bee"].index(word) for word in KIND])
    pieces = [(X[:7], labels[:7]), (X[7:8], labels[7:8]), (X[8:], labels[8:])]
    other.fit(lambda: iter(pieces), epochs=3, class_weights={1: 1, 2: 2, 0: 3})
    np.testing.assert_array_equal(trainer.model.structure.parameters, other.model.structure.parameters)
    assert trainer.evaluate(stream) == pytest.approx(other.evaluate((X, labels)))
    with pytest.raises(DataError, match="'dog', which is none of the classes"):
        trainer.evaluate(lambda: iter([(X[:1], np.array(["dog"]))]))


def test_a_text_names_a_column_only_beside_a_frame() -> None:
    frame = pytest.importorskip("pandas").DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": KIND, "w": np.ones(60)})
    with pytest.raises(DataError, match="y is the text 'kind': only beside a DataFrame"):
        Examples(X, "kind")
    for name in ("weights", "mask"):
        given: Any = {name: "w"}
        with pytest.raises(DataError, match=rf"{name} is the text 'w': give the column itself, {name}=frame\['w'\]"):
            Examples(frame[["a", "b", "kind"]], "kind", **given)
        with pytest.raises(DataError, match=f"{name} is the text 'w'"):
            classifier().fit((frame[["a", "b", "kind"]], "kind"), epochs=1, **given)
    with pytest.raises(DataError, match="no column 'Kind' to be the target; its columns are 'a', 'b', 'kind'"):
        Examples(frame[["a", "b", "kind"]], "Kind")


@pytest.mark.parametrize("make", [list, tuple, np.array])
def test_several_columns_are_named_by_a_list(make: Any) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": X[:, 0], "t1": X[:, 1], 7: X[:, 0] * 2, "t2": -X[:, 1]})
    examples = Examples(frame, make(["t2", "t1"]))
    assert (examples.names, examples.target_name) == (("a", "7"), ("t2", "t1"))
    np.testing.assert_array_equal(examples.y, np.c_[-X[:, 1], X[:, 1]])
    assert Examples(frame, frame.columns[[3, 1]]).target_name == ("t2", "t1")
    assert Examples(frame, make(["t2"])).target_name == "t2"
    with pytest.raises(DataError, match="no column 't3' to be the target"):
        Examples(frame, make(["t1", "t3"]))
    assert Examples(frame.rename(columns={"a": 0, "t1": 1}), [7, 1]).target_name == ("7", "1")
    # as many numbers as there are rows are the targets, and as many words may be either
    np.testing.assert_array_equal(Examples(frame[:2], [1, 7]).y, [1, 7])
    with pytest.raises(DataError, match="are names of columns, and as many as there are rows"):
        Examples(frame[:2], make(["t1", "t2"]))
    assert Examples(frame[:2], make(["t1", "word"])).classes == ("t1", "word")


def test_a_word_in_a_short_batch_is_a_target_also_where_a_column_is_called_so() -> None:
    frame = pytest.importorskip("pandas").DataFrame({"ant": X[:, 0], "bee": X[:, 1]})
    trainer = classifier()
    trainer.model.schema = Schema(classes=("ant", "bee", "cow"))
    trainer.fit((frame, KIND), epochs=1)
    single = [(frame[row : row + 1], KIND[row : row + 1]) for row in range(60)]
    assert trainer.evaluate(lambda: iter(single)) == pytest.approx(trainer.evaluate((frame, KIND)))


def test_targets_in_a_frame_are_matched_by_name() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["u", "v"])
    rows = pandas.get_dummies(pandas.Series(KIND))
    trainer = classifier()
    trainer.fit((frame, rows), epochs=10)
    assert trainer.model.schema == Schema(
        columns=("u", "v"), target=("ant", "bee", "cow"), classes=("ant", "bee", "cow")
    )
    wanted = trainer.evaluate((frame, rows))
    for given in (rows[["cow", "ant", "bee"]], rows.astype(float)[["bee", "ant", "cow"]], pandas.Series(KIND)):
        assert trainer.evaluate((frame, given)) == pytest.approx(wanted)
    whole = pandas.concat([rows[["cow"]], frame, rows[["ant", "bee"]]], axis=1)
    assert set(trainer.model.classify(whole)) <= {"ant", "bee", "cow"}
    with pytest.raises(DataError, match=r"its columns of targets by name .*lacks 'cow'.* has a column of 0"):
        trainer.evaluate((frame, rows[["ant", "bee"]]))
    with pytest.raises(DataError, match="has, beside those, 'dog'"):
        trainer.evaluate((frame, rows.rename(columns={"cow": "dog"})))
    # columns that nobody named go by position
    assert trainer.evaluate((frame, rows.set_axis(range(3), axis=1))) == wanted
    words = classifier()
    words.fit((frame, pandas.Series(KIND)), epochs=1)
    assert words.evaluate((frame, rows[["cow", "ant", "bee"]])) == pytest.approx(words.evaluate((frame, KIND)))
    with pytest.raises(DataError, match="has a column for each of 'k_ant', 'k_bee', 'k_cow': call the columns"):
        words.evaluate((frame, rows.add_prefix("k_")))


def test_classes_beside_a_frame_of_targets_say_the_order_or_name_anew() -> None:
    pandas = pytest.importorskip("pandas")
    rows = pandas.get_dummies(pandas.Series(KIND))
    turned = Examples(X, rows[["cow", "ant", "bee"]], classes=("ant", "bee", "cow"))
    np.testing.assert_array_equal(turned.y, rows.to_numpy())
    assert turned.target_name == turned.classes == ("ant", "bee", "cow")
    anew = Examples(X, rows, classes=("A", "B", "C"))
    trainer = classifier()
    trainer.fit(anew, epochs=5)
    assert trainer.model.schema == Schema(target=("ant", "bee", "cow"), classes=("A", "B", "C"))
    other = Examples(X, rows[["cow", "ant", "bee"]], classes=("C", "A", "B"))
    classes = rows.set_axis(["A", "B", "C"], axis=1)
    assert trainer.evaluate((X, classes[["B", "C", "A"]])) == trainer.evaluate(anew)
    assert trainer.evaluate(other) == trainer.evaluate(anew) == trainer.evaluate((X, rows[["bee", "cow", "ant"]]))
    for wrong in (("ant", "bee", "dog"), ("ant", "bee")):
        with pytest.raises(DataError, match="classes name others"):
            Examples(X, rows, classes=wrong)


def test_numbers_in_several_columns_are_matched_and_are_no_classes() -> None:
    pandas = pytest.importorskip("pandas")
    targets = pandas.DataFrame(X * 10, columns=["p", "q"])
    trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=Adam(0.1), standardize_targets=True, seed=0)
    trainer.fit((X, targets), epochs=5, validation=(X, targets[["q", "p"]]))
    assert trainer.model.schema == Schema(target=("p", "q"))
    wanted = trainer.evaluate((X, targets))
    assert trainer.evaluate((X, targets[["q", "p"]])) == wanted
    assert trainer.history["validation_cost"][-1] == wanted["cost"]
    assert trainer.evaluate(Examples(X, X[:, ::-1] * 10, target_name=["q", "p"])) == wanted
    with pytest.raises(DataError, match="target_name has a name for each column of y"):
        Examples(X, X[:, 0], target_name=["q", "p"])


@pytest.mark.parametrize("names", [("-1", "1"), ("10", "9"), ("1", "2", "3")])
def test_weights_of_classes_that_are_called_by_numbers_go_by_name(names: tuple[str, ...]) -> None:
    labels = RNG.integers(0, len(names), 60)
    data = Examples(X, labels, classes=names)
    keys = {int(name): 1.0 + place for place, name in enumerate(names)}
    costs = [
        classifier(len(names)).fit(data, epochs=1, batch_size=60, **more)["cost"]
        for more in (
            {"class_weights": keys},
            {"class_weights": {str(key): weight for key, weight in keys.items()}},
            {"class_weights": {f"{key}.0": weight for key, weight in keys.items()}},
            {"class_weights": dict(enumerate(keys.values()))},
            {"weights": 1.0 + labels},
        )
    ]
    assert costs == [pytest.approx(costs[0])] * 5
    with pytest.raises(ArgumentError, match="class_weights name 7, which is no class"):
        classifier(len(names)).fit(data, epochs=1, class_weights={**keys, 7: 1.0})


def test_a_weight_that_may_be_by_name_or_by_place_is_asked_about() -> None:
    trainer = classifier(2)
    trainer.model.schema = Schema(classes=("1", "0"))
    labels = RNG.integers(0, 2, 60)
    with pytest.raises(ArgumentError, match="a number may be a name or a place: write the names as text"):
        trainer.fit((X, labels), epochs=1, class_weights={0: 1.0, 1: 9.0})
    found = trainer.fit((X, labels), epochs=1, batch_size=60, class_weights={"0": 1.0, "1": 9.0})
    plain = classifier(2).fit((X, labels), epochs=1, batch_size=60, class_weights={1: 1.0, 0: 9.0})
    assert found["cost"] == plain["cost"]
