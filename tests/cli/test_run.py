from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.registry.installation import HEAD, Installation

SMALL = """
dataset = "digits"
layers = [
  "flatten",
  { component = "rescale", scale = 0.0625 },
  { component = "dense", units = 12, activation = "sigmoid" },
  { component = "dense", units = 10, activation = "sigmoid" },
]
cost = "quadratic"
optimizer = { component = "gradient-descent", learning_rate = 3.0 }
metrics = ["accuracy"]
training = { epochs = 2, batch_size = 20 }
"""

PROGRAM = """
import sys
import helper
print(__name__, sys.argv[1:], helper.VALUE)
sys.exit(3)
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_digits_reaches_its_target_and_shows_what_is_mistaken_for_what(layerkit: Command) -> None:
    result = layerkit("run", "digits")
    assert result.code == 0
    lines = result.out.splitlines()
    head = lines.index("  epoch     cost  test accuracy  seconds")
    assert [line.split()[0] for line in lines[head + 1 : head + 31]] == [str(epoch) for epoch in range(1, 31)]
    assert "rows: the true class, columns: taken for" in lines
    assert "taken for" in result.out
    assert "██" in result.out
    assert lines[-1] == "target reached: test accuracy at least 95.00 %"
    assert max(map(len, lines)) <= 80


def test_options_change_the_experiment(layerkit: Command, small: Path, tmp_path: Path) -> None:
    report = tmp_path / "results.json"
    result = layerkit(
        *("run", str(small), "--layers", "16,8,10", "--activation", "tanh", "--cost", "cross-entropy"),
        *("--optimizer", "adam", "--eta", "0.01", "--batch-size", "50", "--epochs", "1", "--seed", "4"),
        *("--dtype", "float64", "--engine", "numpy", "--json", str(report), "--quiet"),
    )
    assert (result.code, result.out, result.err) == (0, "", "")
    settings = json.loads(report.read_text(encoding="utf-8"))["settings"]
    assert [layer.get("units") for layer in settings["layers"]] == [None, None, 16, 8, 10]
    assert settings["layers"][3]["activation"] == {"component": "tanh"}
    assert settings["layers"][4]["activation"] is None
    assert settings["cost"] == {"component": "cross-entropy", "label_smoothing": 0.0}
    assert settings["optimizer"]["component"] == "adam"
    assert settings["optimizer"]["learning_rate"] == 0.01
    training = settings["training"]
    assert [training[name] for name in ("epochs", "batch_size", "seed", "dtype")] == [1, 50, 4, "float64"]


def test_the_json_file_is_for_programs(layerkit: Command, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    layerkit("run", str(small), "--json", str(path))
    report = json.loads(path.read_text(encoding="utf-8"))
    assert [epoch["epoch"] for epoch in report["epochs"]] == [1, 2]
    assert {"epoch", "cost", "test_accuracy", "seconds"} <= report["epochs"][0].keys()
    assert report["test_accuracy"] == report["epochs"][-1]["test_accuracy"]
    assert (report["engine"], report["blas_threads"]) == ("numpy", 1)
    assert {"layerkit", "numpy", "python"} <= report["versions"].keys()
    assert report["parameters"] == 65 * 12 + 13 * 10
    confusion = report["confusion"]
    assert sum(map(sum, confusion)) == 359
    assert sum(confusion[place][place] for place in range(10)) / 359 == pytest.approx(report["test_accuracy"])
    assert report["interrupted"] is False
    assert [other.name for other in tmp_path.iterdir() if "results" in other.name] == ["results.json"]


def test_a_learning_rate_with_its_greek_name_is_the_same(layerkit: Command, small: Path, tmp_path: Path) -> None:
    for option in ("--eta", "--learning-rate"):
        layerkit(
            "run", str(small), option, "0.5", "--epochs", "1", "--quiet", "--json", str(tmp_path / f"{option}.json")
        )
    first, second = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("--eta", "--learning-rate"))
    assert first["test_cost"] == second["test_cost"]
    assert first["settings"]["optimizer"]["learning_rate"] == 0.5


def test_auto_says_which_engine_it_chose(layerkit: Command, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    result = layerkit("run", str(small), "--engine", "auto", "--json", str(path))
    assert "seed 0, engine auto\n" in result.out
    assert "engine: numpy (chosen by auto)" in result.out
    report = json.loads(path.read_text(encoding="utf-8"))
    assert (report["engine"], report["settings"]["training"]["engine"]) == ("numpy", "auto")


def test_a_missed_target_is_a_failure_unless_options_changed_the_example(layerkit: Command, small: Path) -> None:
    small.write_text(SMALL + "[target]\ntest_accuracy = 0.9999", encoding="utf-8")
    missed = layerkit("run", str(small))
    assert missed.code == 1
    assert "missed its target: test_accuracy is 0." in missed.err
    assert "target reached" not in missed.out
    changed = layerkit("run", str(small), "--epochs", "1")
    assert (changed.code, changed.err) == (0, "")


def test_the_short_form(layerkit: Command, small: Path) -> None:
    assert layerkit("run", str(small), "--quick").code == 2
    small.write_text(SMALL + "[quick]\nepochs = 1\ntarget = { test_accuracy = 0.1 }", encoding="utf-8")
    result = layerkit("run", str(small), "--quick")
    assert result.code == 0
    assert "1 epoch," in result.out
    assert "target reached: test accuracy at least 10.00 %" in result.out


def test_a_python_file_is_a_program_with_its_own_arguments_and_exit_code(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 7", encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    result = layerkit("run", str(program), "one", "--two", "--", "--epochs", "3")
    assert (result.code, result.out) == (3, "__main__ ['one', '--two', '--epochs', '3'] 7\n")


@pytest.mark.parametrize(
    ("source", "code", "error"),
    [
        ("import sys\nsys.exit('the reason')", 1, "the reason\n"),
        ("import sys\nsys.exit()", 0, ""),
        ("raise KeyboardInterrupt", 130, "Interrupted.\n"),
        ("x = (", 1, "program.py, line 1: '(' was never closed\n"),
        ("from layerkit import Dense\n\nDense(-1)", 1, "program.py, line 3: Dense: units must be an integer"),
    ],
)
def test_how_a_python_file_ends_is_how_the_command_ends(
    layerkit: Command, tmp_path: Path, source: str, code: int, error: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(source, encoding="utf-8")
    result = layerkit("run", str(program))
    assert result.code == code
    assert error in result.err
    assert result.err.count("\n") == bool(error)


def test_options_for_experiments_are_refused_for_a_python_file(layerkit: Command) -> None:
    result = layerkit("run", "xor", "--epochs", "3", "--quiet")
    assert result.code == 2
    assert "xor is a Python file, to which --epochs and --quiet cannot be applied" in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digts"], "there is no example named 'digts'. Did you mean 'digits' or"),
        (["missing.toml"], "missing.toml: there is no such file."),
        (["digits", "--epocs", "3"], "there is no option '--epocs'. Did you mean '--epochs'"),
        (["digits", "--lr", "3"], "there is no option '--lr'. Did you mean '--learning-rate'"),
        (["digits", "--epocs=3"], "there is no option '--epocs'. Did you mean '--epochs'"),
        (["digits", "more"], "digits is an experiment, which takes options only; got 'more'"),
        (["digits", "--layers", "30;10"], "--layers must be sizes of at least 1"),
        (["digits", "--layers", "30,0"], "--layers must be sizes of at least 1"),
        (["digits", "--layers", "30"], "the data has 10 classes; got 30: write --layers 30,10 perhaps"),
        (
            ["digits", "--activation", "sigmod"],
            "--activation: there is no activation named 'sigmod'. Did you mean 'sigmoid'",
        ),
        (["digits", "--epochs", "0"], "--epochs: epochs must be an integer of at least 1, got 0"),
        (["digits", "--epochs", "x"], "Invalid value for '--epochs'"),
        (["digits", "--eta", "-1"], "--learning-rate: GradientDescent: learning_rate must be"),
        (["digits", "--data-dir", "x"], "--data-dir: the dataset Digits is not read from a folder"),
        (
            ["digits", "--json", "missing/results.json"],
            "--json: missing/results.json cannot be written: there is no folder",
        ),
        (["digits", "--json", "."], "--json: . cannot be written: it is a folder"),
        (["digits", "--quick"], "--quick: digits has no short form"),
        ([], "Missing argument 'NAME|FILE'"),
    ],
)
def test_wrong_usage_is_one_clear_message(layerkit: Command, arguments: list[str], message: str) -> None:
    result = layerkit("run", *arguments)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


def test_a_failure_is_one_clear_message_too(layerkit: Command, small: Path, tmp_path: Path) -> None:
    result = layerkit("run", "mnist", "--data-dir", str(tmp_path / "nowhere"))
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"Error: {tmp_path / 'nowhere'}: there is no such folder")
    diverged = layerkit("run", str(small), "--cost", "cross-entropy", "--activation", "relu", "--eta", "1e30")
    assert diverged.code == 1
    assert "training stopped at step" in diverged.err
    assert diverged.err.count("\n") == 1


def test_plugins_bring_examples_as_paths_and_as_functions(
    layerkit: Command, installation: Installation, tmp_path: Path
) -> None:
    hooks = HEAD + (
        "\n@hookimpl\ndef layerkit_examples():\n    return [\n"
        "        Component('file', target='{package}.things:FILE', summary='An experiment.'),\n"
        "        Component('made', target='{package}.things:made', summary='An experiment out of a function.'),\n"
        "        Component('ready', target='{package}.ready:READY', summary='An experiment as an object.'),\n"
        "        Component('program', target='{package}.things:program', summary='A function.'),\n    ]\n"
    )
    things = (
        "from pathlib import Path\nFILE = Path(__file__).with_name('own.toml')\n"
        "def made():\n    from layerkit.experiments import read_experiment\n    return read_experiment(FILE)\n"
        "def program():\n    print('ran')\n    return 5\n"
    )
    ready = "from {package}.things import made\nREADY = made()\n"
    installation.add("acme-layers", hooks=hooks, things=things, ready=ready)
    (installation.folder / "acme_layers" / "own.toml").write_text(SMALL, encoding="utf-8")

    assert "acme/file" in layerkit("examples").out
    for name in ("acme/file", "acme/made", "acme/ready"):
        result = layerkit("run", name, "--epochs", "1")
        assert result.code == 0
        assert result.out.startswith("own\n" if name == "acme/made" else f"{name}\n")
        assert "1 epoch," in result.out
    assert (layerkit("run", "acme/program").code, layerkit("run", "acme/program", "--seed", "1").code) == (5, 2)


def test_an_own_data_file_through_toml(layerkit: Command, tmp_path: Path) -> None:
    rows = "\n".join(f"{x},{2 * x + 1}" for x in range(50))
    (tmp_path / "line.csv").write_text(f"x,y\n{rows}\n", encoding="utf-8")
    (tmp_path / "line.toml").write_text(
        """
        dataset = { component = "csv", path = "line.csv", target = "y", labels = false }
        layers = [{ component = "rescale", scale = 0.02 }, { component = "dense", units = 1 }]
        cost = "quadratic"
        optimizer = { component = "adam", learning_rate = 1.0 }
        metrics = ["mean-squared-error"]
        training = { epochs = 200, batch_size = 10 }
        target = { test_mean_squared_error = 1.0 }
        """,
        encoding="utf-8",
    )
    result = layerkit("run", str(tmp_path / "line.toml"))
    assert (result.code, result.err) == (0, "")
    assert "test mean squared error" in result.out
    assert "the true class" not in result.out
    assert "target reached: test mean squared error at most 1.00000" in result.out
