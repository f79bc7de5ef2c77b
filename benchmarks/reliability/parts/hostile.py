"""Descriptions written by somebody who wants code to run, files to open or memory to go, under an audit hook."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any, final

from benchmarks.reliability.anatomy import Anatomy, assembled, canonical
from benchmarks.reliability.loading import Attempt
from benchmarks.reliability.models import write_models
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import isolated
from layerkit.plugin import default_host

PROMISE = "hostile configurations: all refused, 0 imports, 0 processes, 0 files opened"

_NAMES = (
    "os:system",
    "os/system",
    "builtins/eval",
    "builtins:exec",
    "subprocess/popen",
    "subprocess:Popen",
    "layerkit.layers.dense:Dense",
    "layerkit/../dense",
    "layerkit//dense",
    "layerkit/Dense",
    "layerkit/dense/x",
    "layerkit/__init__",
    "layerkit.registry.host/PluginHost",
    "keras.layers/Lambda",
    "pickle/loads",
    "nt/system",
    "importlib/import_module",
    "../../etc/passwd",
    "file:///etc/passwd",
    "https://example.org/model",
    "layerkit/digits",
    "layerkit/csv",
    "layerkit/npz",
    "layerkit/numpy",
    "layerkit/adam",
    "layerkit/accuracy",
    "dense",
    "",
    "/",
    "\x00/\x00",
    "layerkit/dense\n",
    "nobody-has-this/dense",
)
_GADGETS: tuple[Any, ...] = (
    {"py/object": "os.system", "py/args": ["id"]},
    {"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["id"]}]},
    {"class_name": "Lambda", "config": {"function": "os.system"}, "module": "os", "registered_name": None},
    {"class_name": "__lambda__", "config": {"value": "AAAA"}},
    {"__reduce__": ["os.system", ["id"]]},
    {"__class__": "subprocess.Popen", "args": ["id"]},
    {"!!python/object/apply:os.system": ["id"]},
    {"@type": "java.lang.Runtime"},
    {"$dataset": "layerkit/csv", "arguments": {"path": "/etc/passwd"}},
    {"$dataset": "layerkit/mnist", "arguments": {}},
    {"$engine": "layerkit/numpy", "arguments": {}},
    {"$optimizer": "layerkit/adam", "arguments": {}},
    {"$metric": "layerkit/accuracy", "arguments": {}},
    {"$schedule": "layerkit/constant", "arguments": {}},
    {"$example": "layerkit/digits", "arguments": {}},
    {"$unregistered": "os.system", "arguments": {"command": "id"}},
    {"$array": "training/0"},
    {"$again": 99},
    {"$again": -1},
    {"$layer": "layerkit/dense", "arguments": {"units": 3, "__class__": "os.system"}},
    {"$layer": "layerkit/dense", "arguments": {"self": 3, "units": 3}},
    {"$layer": "layerkit/dense", "arguments": {"units": "__import__('os').system('id')"}},
    {"$layer": "layerkit/dense", "arguments": {"units": 10**18}},
    {"$layer": "layerkit/dense", "arguments": {"units": 10**39}},
    {"$layer": "layerkit/dense", "arguments": {"units": 2**31}},
    {"$layer": "layerkit/reshape", "arguments": {"shape": [10**12, 10**12]}},
    {"$layer": "layerkit/reshape", "arguments": {"shape": [1] * 10_000}},
    {
        "$layer": "layerkit/dense",
        "arguments": {"units": 2, "activation": {"$layer": "layerkit/dense", "arguments": {}}},
    },
    {"$activation": "layerkit/dense", "arguments": {"units": 3}},
    {"$layer": "layerkit/relu", "arguments": {}},
    {"$layer": ["layerkit/dense"], "arguments": {}},
    {"$layer": "layerkit/dense", "arguments": [3]},
    {"$layer": "layerkit/dense", "$activation": "layerkit/relu", "arguments": {}},
)
_LAYERS_KEY = b'"layers":['


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Write what is hostile into sound files, with digests that fit, and load them."""
    return isolated(lambda: _attack(count, random.Random(seed), folder))


@final
class _Watch:
    """An audit hook that notes every import, process, opened file and connection while it is on."""

    def __init__(self, allowed: Path) -> None:
        self.on = False
        self.seen: list[str] = []
        self._allowed = str(allowed)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open" and str(arguments[0]) == self._allowed:
            return
        watched = event in ("import", "open", "exec", "compile", "pickle.find_class", "ctypes.dlopen")
        if watched or event.startswith(("os.", "subprocess.", "socket.", "shutil.", "urllib.", "ftplib.", "marshal.")):
            self.seen.append(f"{event} {arguments!r:.200}")


def _attack(count: int, chance: random.Random, folder: Path) -> Outcome:
    outcome = Outcome()
    files = write_models(folder)
    attempt = Attempt(folder, outcome)
    host = default_host()
    for kind in ("layers", "activations", "initializers", "costs"):
        for entry in host.components(kind):
            host.load(kind, entry.qualified_name)
    watch = _Watch(folder / "attempt.safetensors")
    sys.addaudithook(watch)
    warm = Outcome()
    for gadget in (*_GADGETS, *({"$layer": name, "arguments": {}} for name in _NAMES)):
        # messages are made with modules that are imported at the first error: that is not the file's doing
        Attempt(folder, warm).must_be_refused(_with_layer(files[0], gadget), "first")
    watch.on = True
    Path("/dev/null").read_bytes()
    watch.on = False
    if not watch.seen:
        outcome.fail("blind", "the audit hook does not see an opened file")
    watch.seen.clear()
    for number in range(count):
        file, told = _hostile(chance.choice(files), chance)
        # writing the file opens it too, under the name that is allowed
        watch.on = True
        attempt.must_be_refused(file, f"{number}: {told}")
        watch.on = False
    for event in watch.seen:
        outcome.fail(event.split(" ", 1)[0], event)
    outcome.count("imports, processes, files", len(watch.seen))
    return outcome


def _hostile(file: bytes, chance: random.Random) -> tuple[bytes, str]:
    kind = chance.choices(range(8), (4, 4, 4, 4, 2, 2, 0.1, 1))[0]
    if kind <= 1:
        gadget = chance.choice(_GADGETS)
        return _with_layer(file, gadget), f"gadget {gadget!r:.80}"
    if kind == 2:
        name = chance.choice(_NAMES)
        mark = chance.choice(("$layer", "$activation", "$initializer", "$cost"))
        return _with_layer(file, {mark: name, "arguments": {}}), f"name {mark} {name!r}"
    if kind == 3:
        return _replaced(file, chance)
    if kind == 4:
        depth = chance.choice((30, 30, 60, 60, 200, 1000, 1000, 20_000))
        opening, closing = chance.choice(
            (
                (b"[", b"]"),
                (b'{"$tuple":[', b"]}"),
                (b'{"$layer":"layerkit/residual","arguments":{"layer":', b"}}"),
                (b'{"$layer":"layerkit/sequential","arguments":{"layers":[', b"]}}"),
            )
        )
        # at the bottom lies what is no layer, so that no depth makes it sound
        return _with_text(file, opening * depth + b"0" + closing * depth), f"nested {depth} deep"
    if kind == 5:
        return _doubling(file, chance.randrange(18, 40)), "layers that are used twice in layers that are used twice"
    if kind == 6:
        layer = b'{"$activation":"layerkit/relu","arguments":{}},'
        many = chance.choice((11_000, 60_000))
        return _with_text(file, layer * many + b"0"), f"{many} layers"
    doubled = chance.choice((b'"arguments":{},"arguments":{}', b'"$layer":"layerkit/dense","$layer":"layerkit/dense"'))
    return _with_text(file, b"{" + doubled + b"}"), "a key twice"


def _replaced(file: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Something hostile in place of a field of the description."""
    anatomy = Anatomy.of(file)
    model = anatomy.envelope["content"]["model"]
    field = chance.choice(sorted(set(model) - {"frozen"}))
    gadget = chance.choice(_GADGETS[:21] if field != "architecture" else _GADGETS)
    model[field] = chance.choice((gadget, [gadget], chance.choice(_NAMES[:-1]) or "?"))
    anatomy.sign()
    return anatomy.assemble(), f"{field}: {model[field]!r:.80}"


def _with_layer(file: bytes, layer: Any) -> bytes:
    """The file with one more layer in front, the digests made to fit."""
    anatomy = Anatomy.of(file)
    anatomy.envelope["content"]["model"]["architecture"]["arguments"]["layers"].insert(0, layer)
    anatomy.sign()
    return anatomy.assemble()


def _with_text(file: bytes, text: bytes) -> bytes:
    """The same for JSON text, which may be no JSON at all."""
    anatomy = Anatomy.of(file)
    content = canonical(anatomy.envelope["content"]).replace(_LAYERS_KEY, _LAYERS_KEY + text + b",", 1)
    envelope = b'{"content":%s,"sha256":"%s"}' % (content, hashlib.sha256(content).hexdigest().encode())
    header = {"__metadata__": {"layerkit": envelope.decode()}, **anatomy.header}
    return assembled(json.dumps(header).encode(), anatomy.data)


def _doubling(file: bytes, levels: int) -> bytes:
    layer: Any = {"$activation": "layerkit/relu", "arguments": {}}
    for level in range(levels):
        layer = {"$layer": "layerkit/sequential", "arguments": {"layers": [layer, {"$again": level}]}}
    return _with_layer(file, layer)
