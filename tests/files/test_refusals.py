"""Whatever is wrong with a file: one kind of error, which says why."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from layerkit.errors import ArgumentError, ModelFileError
from layerkit.files.checkpoints import save_checkpoint
from layerkit.files.inspection import inspect
from layerkit.files.limits import Limits
from tests.files.forging import architecture, sound_file
from tests.registry.installation import HEAD, Installation, installation_in


def content(anatomy: Anatomy) -> dict[str, Any]:
    found: dict[str, Any] = anatomy.envelope["content"]
    return found


def first_layer(anatomy: Anatomy) -> dict[str, Any]:
    found: dict[str, Any] = architecture(anatomy)["layers"][0]
    return found


def rename_tensor(anatomy: Anatomy) -> None:
    for table in (anatomy.header, content(anatomy)["tensors"]):
        table["parameters/0.wheight"] = table.pop("parameters/0.weight")


def add_tensor(anatomy: Anatomy) -> None:
    end = len(anatomy.data)
    anatomy.data += bytes(4)
    anatomy.header["parameters/9.weight"] = {"dtype": "F32", "shape": [1], "data_offsets": [end, end + 4]}
    content(anatomy)["tensors"]["parameters/9.weight"] = {"dtype": "F32", "shape": [1], "sha256": ""}


def double_precision(anatomy: Anatomy) -> None:
    content(anatomy)["model"]["dtype"] = "float64"


def nested(anatomy: Anatomy) -> None:
    layers = architecture(anatomy)["layers"]
    for _ in range(200):
        layers[0] = {"$layer": "layerkit/residual", "arguments": {"layer": layers[0]}}


def doubled(anatomy: Anatomy) -> None:
    layer: Any = {"$activation": "layerkit/relu", "arguments": {}}
    for level in range(25):
        layer = {"$layer": "layerkit/sequential", "arguments": {"layers": [layer, {"$again": level}]}}
    architecture(anatomy)["layers"].insert(0, layer)


def changed(path: str, value: Any) -> Callable[[Anatomy], None]:
    """Put a value at a place in the content, such as ``"model.dtype"``."""

    def change(anatomy: Anatomy) -> None:
        table = content(anatomy)
        *before, last = path.split(".")
        for name in before:
            table = table[name]
        table[last] = value

    return change


def layer_argument(name: str, value: Any) -> Callable[[Anatomy], None]:
    def change(anatomy: Anatomy) -> None:
        first_layer(anatomy)["arguments"][name] = value

    return change


def named(name: Any, mark: str = "$layer") -> Callable[[Anatomy], None]:
    def change(anatomy: Anatomy) -> None:
        architecture(anatomy)["layers"][0] = {mark: name, "arguments": {}}

    return change


SIGNED: list[tuple[Callable[[Anatomy], None], str]] = [
    (rename_tensor, r"lacks the array 'parameters/0.weight' of shape \(3, 4\)"),
    (add_tensor, "'parameters/9.weight', for which its architecture has no place"),
    (double_precision, "needs .* F64"),
    (layer_argument("units", 5), r"'parameters/0.weight' has the shape \(3, 4\) .* needs \(3, 5\)"),
    (layer_argument("units", 10**18), "its architecture needs"),
    (layer_argument("units", 10**39), "its architecture needs"),
    (layer_argument("units", -1), "dense .* refuses its arguments: .* units must be an integer of at least 1"),
    (layer_argument("units", "many"), "units must be an integer"),
    (layer_argument("colour", "red"), "no longer takes 'colour'"),
    (nested, "nested more than the 128 levels"),
    (doubled, "more than the 20,000 places"),
    (named("os:system"), "names a component 'os:system'"),
    (named("os.path/join"), "names a component 'os.path/join'"),
    (named("layerkit.layers.dense:Dense"), "names a component"),
    (named("layerkit/dennse"), "layer layerkit/dennse cannot be used: there is no layer named .* 'dense'"),
    (named("layerkit/adam", "$optimizer"), "describes no part of a model"),
    (named("layerkit/csv", "$dataset"), "describes no part of a model"),
    (named("os.system", "$unregistered"), r"registered under no name.*layerkit\.resume"),
    (named("layerkit/relu", "$layer"), "cannot be used: there is no layer named"),
    (changed("model.architecture", {"$activation": "layerkit/relu", "arguments": {}}), "is no model, but ReLU"),
    (changed("model.readout", {"$initializer": "layerkit/he", "arguments": {}}), "its readout is no activation"),
    (changed("model.cost", {"$activation": "layerkit/relu", "arguments": {}}), "its cost no cost"),
    (changed("model.input_shape", [4]), "its architecture needs"),
    (changed("model.input_shape", [-3]), "takes inputs of shape"),
    (changed("model.input_shape", [[3]]), "cannot be built"),
    (changed("model.input_shape", []), "cannot be built"),
    (changed("model.input_shape", "3"), "inputs of a shape that is none"),
    (changed("model.dtype", "float16"), "dtype 'float16'; known are float32, float64"),
    (changed("model.frozen", ["7"]), "freezes a layer that is not there"),
    (changed("model.frozen", ["0", "0"]), "each frozen layer once"),
    (changed("model.input_shape", None), "inputs of a shape that is none"),
    (changed("model.more", 1), "something that is unknown"),
    (changed("model", None), "describes no model"),
    (changed("kind", "optimizer"), "describes no model"),
    (changed("format", 99), "in format 99, .* reads formats up to 4: install a newer"),
    (changed("format", "1"), "states no format version"),
]


@pytest.mark.parametrize(("change", "message"), SIGNED, ids=[f"{number}" for number in range(len(SIGNED))])
def test_a_forged_file_is_refused_for_what_it_says(
    change: Callable[[Anatomy], None], message: str, tmp_path: Path
) -> None:
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    change(anatomy)
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError, match=f"{re.escape(str(path))} was refused: .*{message}"):
        layerkit.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: b"", "no safetensors file, or was cut"),
        (lambda file: b"PK\x03\x04" + file, "no safetensors file"),
        (lambda file: file[:-1], "it was cut or added to"),
        (lambda file: file + b"\0", "it was cut or added to"),
        (lambda file: (2**40).to_bytes(8, "little") + file[8:], "no safetensors file, or was cut"),
        (lambda file: file[:-3] + bytes([file[-3] ^ 1]) + file[-2:], "are not those that were written"),
        (lambda file: file.replace(b'\\"units\\":4', b'\\"units\\":5'), "not the one that was written"),
        (lambda file: file.replace(b'\\"units\\":4', b'\\"units\\":04'), "JSON cannot be read"),
        (lambda file: file.replace(b'"F32"', b'"F99"', 1), "dtype 'F99'; known are"),
        (lambda file: file.replace(b'"shape":[3,4]', b'"shape":[4,3]'), "not the one that its description names"),
        (lambda file: file.replace(b'"shape":[3,4]', b'"shape":[3,9]'), "takes 108 bytes, and has place for 48"),
        (lambda file: file.replace(b'"data_offsets":[0,', b'"data_offsets":[4,', 1), "takes .* bytes, and has place"),
        (lambda file: file.replace(b'{"layerkit"', b'{"leyerkit"', 1), "was not written by layerkit"),
        (lambda file: file.replace(b'"dtype":"F32"', b'"shape":[3,4]', 1), "holds a key twice"),
        (lambda file: file.replace(b"[3,4]", b"[NaN]", 1), "NaN, which is no JSON"),
        (lambda file: file[:8] + file[8:].replace(b"parameters", b"par\xffmeters", 1), "cannot be read"),
    ],
)
def test_a_damaged_file_is_refused(change: Callable[[bytes], bytes], message: str, tmp_path: Path) -> None:
    path = sound_file(tmp_path)
    damaged = change(path.read_bytes())
    if len(damaged) > 8 and len(damaged) == len(path.read_bytes()) + 1 and damaged[-1] != 0:
        # the header became longer by one
        length = int.from_bytes(damaged[:8], "little") + 1
        damaged = length.to_bytes(8, "little") + damaged[8:]
    path.write_bytes(damaged)
    with pytest.raises(ModelFileError, match=f"was refused: .*{message}"):
        layerkit.load(path)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), keep=st.integers(0, 2000))
def test_any_bytes_after_any_part_of_a_sound_file_are_refused(
    data: bytes, keep: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = sound_file(tmp_path_factory.mktemp("files"))
    file = path.read_bytes()
    changed = file[:keep] + data
    path.write_bytes(changed)
    if changed == file:
        layerkit.load(path)
    else:
        with pytest.raises(ModelFileError):
            layerkit.load(path)


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("pipe", "socket", "."):
            with pytest.raises(ModelFileError, match="not a regular file"):
                layerkit.load(tmp_path / name)
    with pytest.raises(ModelFileError, match="could not be read: No such file"):
        layerkit.load(tmp_path / "nothing")
    with pytest.raises(ArgumentError, match="no file can have"):
        layerkit.load("zero\0byte")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(header_bytes=100), "header has .* bytes, more than the 100"),
        (Limits(total_bytes=1000), "more than the 1,000 that are allowed"),
        (Limits(tensors=2), "more than the 2 that are allowed|more than the .* values"),
        (Limits(components=2), "more than the 2 parts"),
        (Limits(occurrences=2), "more than the 2 places"),
        (Limits(nesting=3), "more than the 3 levels"),
        (Limits(axes=1), "no usable shape"),
    ],
)
def test_limits_can_be_lowered(limits: Limits, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=message):
        layerkit.load(sound_file(tmp_path), limits=limits)


SCALE_HOOKS = (
    HEAD
    + """
@hookimpl
def layerkit_layers():
    return [Component("scale", target="{package}.scale:Scale", summary="A factor.")]
"""
)
SCALE = '''
import numpy as np
from layerkit import Constant, Layer


class Scale(Layer):
    """A factor."""

    def __init__(self, {arguments}):
        {stores}

    def build(self, input_shape):
        self.parameter("weights", input_shape, Constant(1.0))
        return input_shape

    def forward(self, x, ctx):
        return x * self.weights

    def backward(self, grad, ctx):
        raise NotImplementedError
'''


def scale(**arguments: str) -> str:
    """The layer's module, with these arguments and their defaults ("" for none)."""
    listed = ", ".join(f"{name}={default}" if default else name for name, default in arguments.items())
    stores = "; ".join(f"self.{name} = {name}" for name in arguments)
    return SCALE.replace("{arguments}", listed).replace("{stores}", stores)


def saved_with_plugin(installation: Installation) -> Path:
    installation.add("acme-layers", version="1.2", hooks=SCALE_HOOKS, scale=scale(gain="1.0", colour="'red'"))
    host = installation.host()
    model = layerkit.Sequential([host.create("layers", "acme/scale", gain=2.0)]).initialize(3)
    model.parameters["0.weights"][...] = [1, 2, 3]
    path = installation.folder / "model.safetensors"
    layerkit.save(model, path, host=host)
    return path


def test_a_plugins_layer_is_found_by_its_name(installation: Installation) -> None:
    path = saved_with_plugin(installation)
    model = layerkit.load(path, host=installation.host())
    assert repr(model) == "Sequential([Scale(gain=2.0)])"
    assert model.predict(np.ones((1, 3))).tolist() == [[1, 2, 3]]


def test_a_missing_plugin_is_named_with_its_distribution_and_version(installation: Installation) -> None:
    path = saved_with_plugin(installation)
    empty = layerkit.plugin.PluginHost(distributions=lambda: [], environment={})
    with pytest.raises(
        ModelFileError, match=r"layer acme/scale \(acme-layers 1\.2 when it was saved\) cannot be used"
    ) as e:
        layerkit.load(path, host=empty)
    assert "Install acme-layers==1.2" in str(e.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"colour": "'red'"}, "have changed: it no longer takes 'gain'"),
        ({"offset": "", "gain": "1.0", "colour": "'red'"}, "have changed: it now needs 'offset'"),
    ],
)
def test_a_plugin_whose_arguments_changed_says_which(
    arguments: dict[str, str], message: str, tmp_path_factory: pytest.TempPathFactory, installation: Installation
) -> None:
    path = saved_with_plugin(installation)
    with installation_in(tmp_path_factory.mktemp("newer")) as newer:
        newer.add("acme-layers", version="2.0", package="acme_newer", hooks=SCALE_HOOKS, scale=scale(**arguments))
        with pytest.raises(ModelFileError, match=f"{message}.*Installed is acme-layers 2.0.*Install acme-layers==1.2"):
            layerkit.load(path, host=newer.host())


def test_a_new_argument_with_a_default_does_no_harm(
    tmp_path_factory: pytest.TempPathFactory, installation: Installation
) -> None:
    path = saved_with_plugin(installation)
    with installation_in(tmp_path_factory.mktemp("newer")) as newer:
        source = scale(gain="1.0", colour="'red'", offset="0.0")
        newer.add("acme-layers", version="1.3", package="acme_newer", hooks=SCALE_HOOKS, scale=source)
        assert repr(layerkit.load(path, host=newer.host())) == "Sequential([Scale(gain=2.0)])"


@pytest.mark.parametrize("path", [None, b"model.safetensors", "", 3, 1.5, [], True])
def test_what_is_no_path_is_refused_by_name(path: Any) -> None:
    model = layerkit.Sequential([layerkit.Dense(2)]).initialize(3, seed=0)
    trainer = layerkit.Trainer(model, cost=layerkit.Quadratic(), optimizer=layerkit.Adam())
    for use in (
        lambda: layerkit.save(model, path),
        lambda: layerkit.load(path),
        lambda: layerkit.resume(trainer, path),
        lambda: save_checkpoint(trainer, path),
        lambda: inspect(path),
        lambda: layerkit.Checkpoint(path),
        lambda: layerkit.CsvLog(path),
        lambda: layerkit.JsonLines(path),
    ):
        with pytest.raises(ArgumentError, match=r"path must be a path, as text or a pathlib\.Path, got"):
            use()


def test_a_file_with_a_variance_below_zero_is_refused(tmp_path: Path) -> None:
    model = layerkit.Sequential([layerkit.BatchNormalization()]).initialize(3, seed=0)
    model.structure.states[...] = -1.0
    layerkit.save(model, tmp_path / "model.safetensors")
    with pytest.raises(ModelFileError, match=r"0\.variance must be at least 0, and one number is -1"):
        layerkit.load(tmp_path / "model.safetensors")


def test_a_folder_is_answered_with_its_newest_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"not a regular file, but a folder$"):
        layerkit.load(tmp_path)
    for name, age in (("best.safetensors", 2), ("step-1.safetensors", 1), ("step-0.safetensors", 3)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    with pytest.raises(ModelFileError, match=r"but a folder; give one of its files, the newest is .*step-1\.safe"):
        layerkit.load(tmp_path)
