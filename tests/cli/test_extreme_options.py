"""Options and experiments that ask for far too much: one error each, before memory is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

EXPERIMENT = """
dataset = "digits"
layers = ["flatten", {layer}, {{ component = "dense", units = 10 }}]
cost = "cross-entropy"
optimizer = {{ component = "adam" }}
{more}
[training]
epochs = 1
batch_size = {batch}
"""
DENSE = '{{ component = "dense", units = {} }}'


def nested(depth: int) -> str:
    layer = '"relu"'
    for _ in range(depth):
        layer = f'{{ component = "residual", layer = {layer} }}'
    return layer


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ("1000000000000,10", "would need 558,793.5 GiB of memory"),
        (f"{10**30},10", r"would need 5.6e+23 GiB of memory"),
        (f"1{'0' * 5000},10", "--layers must be sizes"),
    ],
)
def test_layers_that_no_machine_holds(sizes: str, told: str, layerkit: Command) -> None:
    result = layerkit("run", "digits", "--quiet", "--epochs", "1", "--layers", sizes)
    assert result.code in (1, 2)
    assert told in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("option", ["--batch-size", "--epochs", "--seed"])
def test_an_integer_of_thousands_of_digits(option: str, layerkit: Command) -> None:
    result = layerkit("run", "digits", "--quiet", option, f"1{'0' * 5000}")
    assert result.code == 2
    assert option in result.err


@pytest.mark.parametrize("size", [10**6, 10**18, 10**30])
def test_a_batch_is_never_larger_than_the_data(size: int, layerkit: Command) -> None:
    result = layerkit("run", "digits", "--quiet", "--epochs", "1", "--layers", "10", "--batch-size", str(size))
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"layer": DENSE.format(10**9)}, "would need 558.8 GiB of memory"),
        ({"layer": DENSE.format(10**30)}, "would need 5.6e+23 GiB of memory"),
        ({"layer": DENSE.format(f"1{'0' * 5000}")}, "not a TOML file: Exceeds the limit"),
        ({"layer": nested(2000)}, "not a TOML file: maximum recursion depth"),
        (
            {"layer": '"relu"', "more": 'callbacks = [{ component = "csv-log", path = "a\\u0000b" }]'},
            "no file can have",
        ),
        ({"layer": '"relu"', "more": f'callbacks = [{{ component = "csv-log", path = "{"n" * 300}" }}]'}, "too long"),
    ],
)
def test_an_experiment_that_asks_for_too_much(
    parts: dict[str, str], told: str, layerkit: Command, tmp_path: Path
) -> None:
    path = tmp_path / "much.toml"
    path.write_text(EXPERIMENT.format(**{"more": "", "batch": 10, **parts}))
    result = layerkit("run", str(path), "--quiet")
    assert result.code in (1, 2)
    assert told in result.err
    assert result.err.count("Error:") == 1


def test_two_hundred_nested_residuals_are_a_network(layerkit: Command, tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(EXPERIMENT.format(layer=nested(200), more="", batch=10**18))
    assert layerkit("run", str(path), "--quiet").code == 0
    result = layerkit("run", str(path), "--save", str(tmp_path / "deep.safetensors"))
    # told before it is trained that it is too deep for a file
    assert "the model cannot be saved" in result.err
    assert "nested more than the 128 levels" in result.err
    assert result.out == ""


@pytest.mark.parametrize("command", [("run", "NAME"), ("inspect", "NAME"), ("predict", "NAME", "digits")])
def test_names_that_are_too_long_to_be_looked_for(command: tuple[str, ...], layerkit: Command) -> None:
    result = layerkit(*(part.replace("NAME", f"{'n' * 300}.toml") for part in command))
    assert result.code in (1, 2)
    assert "too long" in result.err
