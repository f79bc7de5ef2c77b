from __future__ import annotations

import inspect
from typing import Any

import pytest

from layerkit import ConstantRate, Dense, Sigmoid
from layerkit.errors import ArgumentError, PluginError, UnknownComponentError
from layerkit.plugin import ComponentEntry, PluginHost, default_host
from layerkit.registry.kinds import KINDS, Kind
from layerkit.schedules.table import TABLE
from tests.registry.installation import HEAD, HOOKS, RAMP, Installation


@pytest.fixture
def host(installation: Installation) -> PluginHost:
    installation.add("acme-layers", version="1.2")
    return installation.host()


def built_ins() -> list[ComponentEntry]:
    return PluginHost(distributions=list, environment={}).components()


@pytest.mark.parametrize("entry", built_ins(), ids=lambda entry: f"{entry.kind}/{entry.name}")
def test_every_built_in_can_be_loaded_and_knows_its_name(entry: ComponentEntry) -> None:
    host = PluginHost(distributions=list, environment={})
    target = host.load(entry.kind, entry.name)
    assert host.report() == []
    if KINDS[entry.kind].base:
        assert host.name_of(entry.kind, target) == f"layerkit/{entry.name}"
        assert inspect.signature(target) is not None


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.base], ids=lambda kind: kind.name)
def test_every_kind_has_a_built_in(kind: Kind) -> None:
    assert PluginHost(distributions=list, environment={}).components(kind.name)


def test_an_entry_says_what_it_is_and_where_it_comes_from(host: PluginHost) -> None:
    entry = host.find("schedules", "acme/ramp")
    assert (entry.kind, entry.name, entry.namespace, entry.qualified_name, entry.short_name) == (
        "schedules",
        "ramp",
        "acme",
        "acme/ramp",
        "acme/ramp",
    )
    assert (entry.summary, entry.target) == ("A straight line.", "acme_layers.ramp:Ramp")
    assert (entry.distribution, entry.version) == ("acme-layers", "1.2")


def test_a_bare_name_and_the_qualified_one_are_the_same_built_in(host: PluginHost) -> None:
    assert host.find("layers", "dense") is host.find("layer", "layerkit/dense")
    assert host.find("layers", "dense").short_name == "dense"
    assert host.load("layers", "dense") is Dense


def test_a_plugin_s_own_dense_does_not_touch_the_bare_name(installation: Installation) -> None:
    installation.add("acme-layers", hooks=HOOKS.replace('"ramp"', '"constant"'))
    host = installation.host()
    assert host.load("schedules", "constant") is ConstantRate
    assert host.load("schedules", "acme/constant").__name__ == "Ramp"


def test_components_come_kind_by_kind_with_built_ins_first(host: PluginHost) -> None:
    assert [entry.short_name for entry in host.components("schedule")] == [*(row.name for row in TABLE), "acme/ramp"]
    assert {entry.kind for entry in host.components()} <= KINDS.keys()
    assert len(host.components()) == sum(len(host.components(kind)) for kind in KINDS)


def test_a_name_of_several_kinds_is_found_in_each(host: PluginHost) -> None:
    assert [entry.kind for entry in host.find_every("constant")] == ["schedules", "initializers"]
    assert [entry.qualified_name for entry in host.find_every("acme/ramp")] == ["acme/ramp"]
    with pytest.raises(UnknownComponentError, match=r"no component named 'constnat'\. Did you mean 'constant' or"):
        host.find_every("constnat")


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("layers", "dens", r"no layer named 'dens'\. Did you mean 'dense'\?"),
        ("layers", "layerkit/dens", r"Did you mean 'dense'\?"),
        ("schedules", "ramp", r"no schedule named 'ramp'\. Did you mean 'acme/ramp'\?"),
        ("schedules", "acme/rmap", r"Did you mean 'acme/ramp'\?"),
        ("layers", "sigmoid", r"no layer named 'sigmoid'\. 'sigmoid' is an activation\."),
        ("layers", "xyzzy", r"no layer named 'xyzzy'\. `layerkit list layers` shows what there is"),
        ("layers", "", r"no layer named ''\. "),
        ("layers", "/dense", r"no plugin has the namespace ''"),
        ("layers", "a/b/dense", r"no plugin has the namespace 'a/b'"),
        ("layers", "acme/", r"no layer named 'acme/'"),
        ("layers", "os:system", r"no layer named 'os:system'"),
        ("layers", "x" * 100_000, rf"no layer named '{'x' * 80}…'\."),
        ("layers", 3, r"the name of a component must be text, got 3"),
        ("sheds", "dense", r"no kind of component named 'sheds'"),
    ],
)
def test_an_unknown_name_is_answered_with_what_was_probably_meant(
    host: PluginHost, kind: str, name: Any, message: str
) -> None:
    with pytest.raises(UnknownComponentError, match=message):
        host.load(kind, name)


def test_a_component_is_made_from_keyword_arguments(host: PluginHost) -> None:
    layer = host.create("layers", "dense", units=3, activation=Sigmoid())
    assert isinstance(layer, Dense)
    assert layer.units == 3
    assert host.create("schedules", "acme/ramp", slope=2.0).start == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"slope": 1, "strat": 2},
            r"schedule 'acme/ramp' has no argument 'strat'\. Did you mean 'start'\?.*slope, start",
        ),
        ({"slope": 1, "xyz": 2}, r"has no argument 'xyz'\. schedule 'acme/ramp' takes slope, start=0.0"),
        ({}, r"schedule 'acme/ramp' needs the argument 'slope'\. schedule 'acme/ramp' takes slope, start=0.0"),
        ({"slope": "steep"}, r"schedule 'acme/ramp' refused its arguments: ValueError: no slope: steep"),
        ({"slope": None}, r"schedule 'acme/ramp' refused its arguments: TypeError"),
    ],
)
def test_bad_arguments_are_answered_with_the_component_and_its_arguments(
    installation: Installation, arguments: dict[str, object], message: str
) -> None:
    picky = RAMP.replace(
        "self.slope = slope",
        "self.slope = slope\n        if slope == 'steep': raise ValueError(f'no slope: {slope}')\n        slope + 1",
    )
    installation.add("acme-layers", ramp=picky)
    with pytest.raises(ArgumentError, match=message):
        installation.host().create("schedules", "acme/ramp", **arguments)


def test_a_component_s_own_refusal_comes_through_as_it_is(host: PluginHost) -> None:
    with pytest.raises(ArgumentError, match=r"^Dense: units must be"):
        host.create("layers", "dense", units=-1)


def test_a_constructor_that_fails_otherwise_is_the_plugin_s_fault(installation: Installation) -> None:
    installation.add("acme-layers", ramp=RAMP.replace("self.slope = slope", "raise OSError('no disk')"))
    with pytest.raises(PluginError, match=r"schedule 'acme/ramp' could not be made: OSError: no disk"):
        installation.host().create("schedules", "acme/ramp", slope=1)


def test_an_argument_may_be_called_kind_or_name(installation: Installation) -> None:
    installation.add("acme-layers", ramp=RAMP.replace("slope", "name").replace("start", "kind"))
    made = installation.host().create("schedules", "acme/ramp", name=1, kind=2)
    assert (made.name, made.kind) == (1, 2)


def test_an_example_is_not_made(host: PluginHost) -> None:
    with pytest.raises(ArgumentError, match="an example is run"):
        host.create("examples", "anything")


def test_a_class_knows_its_registered_name_without_other_plugins_being_imported(installation: Installation) -> None:
    installation.add("acme-layers")
    assert installation.host().name_of("layers", Dense) == "layerkit/dense"
    assert not installation.imported()


def test_the_reverse_lookup_finds_a_plugin_s_class(host: PluginHost) -> None:
    assert host.name_of("schedules", host.load("schedules", "acme/ramp")) == "acme/ramp"


@pytest.mark.parametrize(
    ("target", "facade"),
    [
        ("acme_layers:Ramp", "from acme_layers.ramp import Ramp\n"),
        ("acme_layers.public:Ramp", ""),
        ("acme_layers.public:Line", ""),
    ],
    ids=["same name, imported", "same name, not imported", "other name, not imported"],
)
def test_the_reverse_lookup_sees_through_re_exports(installation: Installation, target: str, facade: str) -> None:
    installation.add(
        "acme-layers",
        hooks=HOOKS.replace("{package}.ramp:Ramp", target),
        __init__=facade,
        public="from acme_layers.ramp import Ramp\nLine = Ramp\n",
    )
    import acme_layers.ramp  # type: ignore[import-not-found]

    assert installation.host().name_of("schedules", acme_layers.ramp.Ramp) == "acme/ramp"


def test_a_class_from_a_package_without_hooks_is_found_where_it_is_registered(installation: Installation) -> None:
    installation.add("acme-core", entry_points="")
    installation.add("acme-layers", hooks=HOOKS.replace("{package}", "acme_core"))
    import acme_core.ramp  # type: ignore[import-not-found]

    assert installation.host().name_of("schedules", acme_core.ramp.Ramp) == "acme/ramp"


def test_a_class_from_elsewhere_is_found_once_its_re_export_is_imported(installation: Installation) -> None:
    installation.add("acme-core", entry_points="")
    installation.add(
        "acme-layers",
        hooks=HOOKS.replace("{package}.ramp", "acme_layers.public"),
        public="from acme_core.ramp import Ramp\n",
    )
    host = installation.host()
    assert host.name_of("schedules", host.load("schedules", "acme/ramp")) == "acme/ramp"


def test_the_reverse_lookup_tries_the_same_name_before_it_imports_others(installation: Installation) -> None:
    hooks = HEAD + "\n@hookimpl\ndef layerkit_schedules():\n    return [\n"
    hooks += "        Component('heavy', target='{package}.heavy:Heavy', summary='s'),\n"
    hooks += "        Component('ramp', target='{package}.public:Ramp', summary='s'),\n    ]\n"
    installation.add("acme-layers", hooks=hooks, public="from acme_layers.ramp import Ramp\n", heavy="")
    import acme_layers.ramp

    assert installation.host().name_of("schedules", acme_layers.ramp.Ramp) == "acme/ramp"
    assert "acme_layers.heavy" not in installation.imported()


def test_a_class_that_only_has_a_component_s_name_is_not_that_component(host: PluginHost) -> None:
    impostor = type("Dense", (Dense,), {"__module__": "layerkit.layers.dense"})
    for kind, stranger in (("layers", impostor), ("costs", Dense), ("layers", int)):
        with pytest.raises(UnknownComponentError, match="is not registered as"):
            host.name_of(kind, stranger)


def test_a_broken_neighbour_does_not_disturb_the_reverse_lookup(installation: Installation) -> None:
    hooks = HEAD + "\n@hookimpl\ndef layerkit_schedules():\n    return [\n"
    hooks += "        Component('bad', target='{package}.gone:Ramp', summary='s'),\n"
    hooks += "        Component('ramp', target='{package}.public:Ramp', summary='s'),\n    ]\n"
    installation.add("acme-layers", hooks=hooks, public="from acme_layers.ramp import Ramp\n")
    import acme_layers.ramp

    assert installation.host().name_of("schedules", acme_layers.ramp.Ramp) == "acme/ramp"


def test_the_default_host_is_one_object() -> None:
    assert default_host() is default_host()


@pytest.mark.parametrize("package", ["acme-layers", "acme_layers", "Acme.Layers"])
def test_a_package_is_answered_with_its_namespace(host: PluginHost, package: str) -> None:
    with pytest.raises(UnknownComponentError, match=r"is a package, which is installed; .* namespace 'acme'"):
        host.plugin(package)


def test_a_plugin_in_the_place_of_a_component_is_answered_with_what_it_brings(host: PluginHost) -> None:
    with pytest.raises(UnknownComponentError, match=r"no schedule named 'acme'\. Did you mean 'acme/ramp'"):
        host.load("schedules", "acme")
