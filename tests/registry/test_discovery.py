from __future__ import annotations

import sys

import pytest

from layerkit.errors import PluginError, UnknownComponentError
from layerkit.plugin import PluginHost
from layerkit.registry.discovery import normalized
from layerkit.registry.messages import Failure
from tests.registry.installation import Installation


def statuses(host: PluginHost) -> dict[str, str]:
    return {source.distribution: source.status for source in host.plugins()}


def only_failure(host: PluginHost) -> Failure:
    (failure,) = host.report()
    return failure


def test_discovery_reads_metadata_and_imports_nothing(installation: Installation) -> None:
    installation.add("acme-layers", version="3.1")
    host = installation.host()
    (source,) = host.plugins()
    assert (source.namespace, source.module, str(source), source.status) == (
        "acme",
        "acme_layers.hooks",
        "acme-layers 3.1",
        "enabled",
    )
    assert not installation.imported()


def test_by_default_the_host_sees_what_is_on_the_path(installation: Installation) -> None:
    installation.add("acme-layers")
    assert "acme-layers" in {source.distribution for source in PluginHost(environment={}).plugins()}


def test_a_built_in_is_found_without_reading_any_metadata() -> None:
    def refuse() -> list[object]:
        raise AssertionError("metadata was read")

    host = PluginHost(distributions=refuse, environment={})  # type: ignore[arg-type]
    assert host.find("schedules", "constant").distribution == "layerkit"


def test_looking_up_one_plugin_s_component_imports_no_other_plugin(installation: Installation) -> None:
    installation.add("acme-layers")
    installation.add("other-layers", namespace="other")
    installation.host().find("schedules", "acme/ramp")
    assert installation.imported() == {"acme_layers", "acme_layers.hooks"}


def test_loading_imports_that_target_alone(installation: Installation) -> None:
    installation.add("acme-layers", second="")
    installation.host().load("schedules", "acme/ramp")
    assert installation.imported() == {"acme_layers", "acme_layers.hooks", "acme_layers.ramp"}


def test_two_distributions_with_one_namespace_are_both_refused_and_both_named(installation: Installation) -> None:
    installation.add("acme-layers", version="1.0")
    installation.add("acme-other", version="2.0")
    installation.add("good-plugin", namespace="good")
    host = installation.host()
    assert statuses(host) == {"acme-layers": "refused", "acme-other": "refused", "good-plugin": "enabled"}
    assert {failure.distribution for failure in host.report()} == {"acme-layers", "acme-other"}
    with pytest.raises(PluginError, match=r"claimed 2 times, by acme-layers 1\.0 and by acme-other 2\.0"):
        host.load("schedules", "acme/ramp")
    assert host.load("schedules", "good/ramp")
    assert not installation.imported() & {"acme_layers.hooks", "acme_other.hooks"}


def test_a_conflict_is_solved_by_denying_one_distribution(installation: Installation) -> None:
    installation.add("acme-layers")
    installation.add("acme-other")
    host = installation.host(LAYERKIT_PLUGINS_DENY="Acme_Other")
    assert statuses(host) == {"acme-layers": "enabled", "acme-other": "disabled"}
    assert host.find("schedules", "acme/ramp").distribution == "acme-layers"
    assert host.report() == []


def test_one_distribution_may_not_claim_a_namespace_twice(installation: Installation) -> None:
    installation.add("acme-layers", entry_points="[layerkit]\nacme = acme_layers.hooks\nacme = acme_layers.other\n")
    assert "claimed 2 times" in only_failure_of_all(installation.host())


def only_failure_of_all(host: PluginHost) -> str:
    (error,) = {failure.error for failure in host.report()}
    return error


def test_the_first_of_two_copies_of_a_distribution_counts(installation: Installation) -> None:
    installation.add("acme-layers", version="1.0")
    installation.add("acme-layers", version="2.0")
    host = installation.host()
    assert len(host.plugins()) == 1
    assert host.report() == []


def test_nobody_else_may_claim_the_built_in_namespace(installation: Installation) -> None:
    installation.add("impostor", namespace="layerkit")
    host = installation.host()
    assert only_failure(host).distribution == "impostor"
    assert "layerkit's own" in only_failure(host).error
    assert host.find("schedules", "constant").distribution == "layerkit"
    assert not installation.imported()


@pytest.mark.parametrize("namespace", ["Acme", "acme/x", "2acme", "acme.x", "acme x"])
def test_a_namespace_is_spelt_like_a_name(installation: Installation, namespace: str) -> None:
    installation.add("acme-layers", namespace=namespace)
    failure = only_failure(installation.host())
    assert (failure.namespace, failure.stage) == (namespace, "discover")
    assert "is not a namespace" in failure.error


@pytest.mark.parametrize("value", ["acme_layers.hooks:plugin", "acme-layers.hooks", "acme_layers.hooks [extra]"])
def test_an_entry_point_names_a_module(installation: Installation, value: str) -> None:
    installation.add("acme-layers", entry_points=f"[layerkit]\nacme = {value}\n")
    failure = only_failure(installation.host())
    assert failure.stage == "discover"
    assert "is not a module" in failure.error


def test_unreadable_entry_points_are_reported_and_stop_nobody_else(installation: Installation) -> None:
    installation.add("broken-plugin", entry_points="[layerkit]\nthis line has no equals sign\n")
    installation.add("good-plugin", namespace="good")
    host = installation.host()
    assert statuses(host) == {"good-plugin": "enabled"}
    assert "the entry points of broken-plugin could not be read" in only_failure(host).error


def test_an_unreadable_distribution_that_is_denied_is_not_reported(installation: Installation) -> None:
    installation.add("broken-plugin", entry_points="[layerkit]\nthis line has no equals sign\n")
    host = installation.host(LAYERKIT_PLUGINS_DENY="broken-plugin")
    assert host.plugins() == []
    assert host.report() == []


def test_entry_points_of_other_groups_are_left_alone(installation: Installation) -> None:
    points = "[console_scripts]\nacme-layerkit = acme_layers.program:main\n\n[layerkit]\nacme = acme_layers.hooks\n"
    installation.add("acme-layers", entry_points=points)
    installation.add("layerkit-extras", entry_points="[console_scripts]\nother = acme_layers.program:main\n")
    assert [source.namespace for source in installation.host().plugins()] == ["acme"]


def test_a_distribution_without_metadata_is_named_after_its_folder(installation: Installation) -> None:
    installation.add("acme-layers")
    (installation.folder / "acme_layers-1.2.dist-info" / "METADATA").unlink()
    host = installation.host()
    assert [str(source) for source in host.plugins()] == ["acme_layers"]
    assert host.find("schedules", "acme/ramp").version is None


@pytest.mark.parametrize(
    ("environment", "enabled"),
    [
        ({}, {"acme-layers", "other-layers"}),
        ({"LAYERKIT_PLUGINS": "acme"}, {"acme-layers"}),
        ({"LAYERKIT_PLUGINS": " other , acme,"}, {"acme-layers", "other-layers"}),
        ({"LAYERKIT_PLUGINS": "other-layers"}, {"other-layers"}),
        ({"LAYERKIT_PLUGINS": ""}, set()),
        ({"LAYERKIT_PLUGINS_DENY": "acme"}, {"other-layers"}),
        ({"LAYERKIT_PLUGINS_DENY": ""}, {"acme-layers", "other-layers"}),
        ({"LAYERKIT_PLUGINS": "acme,other", "LAYERKIT_PLUGINS_DENY": "acme"}, {"other-layers"}),
    ],
)
def test_the_environment_chooses_before_any_import(
    installation: Installation, environment: dict[str, str], enabled: set[str]
) -> None:
    installation.add("acme-layers")
    installation.add("other-layers", namespace="other")
    host = installation.host(**environment)
    assert {name for name, status in statuses(host).items() if status == "enabled"} == enabled
    host.components()
    assert {module.partition(".")[0].replace("_", "-") for module in installation.imported()} == enabled
    assert host.report() == []


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"LAYERKIT_PLUGINS": ""}, "LAYERKIT_PLUGINS is set, and empty"),
        ({"LAYERKIT_PLUGINS": "other"}, "LAYERKIT_PLUGINS does not list it"),
        ({"LAYERKIT_PLUGINS_DENY": "acme"}, "LAYERKIT_PLUGINS_DENY lists it"),
    ],
)
def test_asking_for_a_disabled_plugin_says_why_it_is(
    installation: Installation, environment: dict[str, str], reason: str
) -> None:
    installation.add("acme-layers")
    with pytest.raises(PluginError, match=rf"acme \(acme-layers 1\.2\) is installed and disabled: {reason}"):
        installation.host(**environment).find("schedules", "acme/ramp")


@pytest.mark.parametrize("variable", ["LAYERKIT_PLUGINS", "LAYERKIT_PLUGINS_DENY"])
def test_an_unknown_name_in_a_list_is_a_warning(installation: Installation, variable: str) -> None:
    installation.add("acme-layers")
    failure = only_failure(installation.host(**{variable: "acne"}))
    assert (failure.stage, failure.severity) == ("filter", "warning")
    assert "lists 'acne'" in failure.error
    assert "'acme'" in failure.hint


def test_the_built_ins_cannot_be_denied(installation: Installation) -> None:
    host = installation.host(LAYERKIT_PLUGINS_DENY="layerkit")
    assert host.find("schedules", "constant").namespace == "layerkit"
    assert "cannot be denied" in only_failure(host).error


def test_an_unknown_namespace_is_answered_with_the_nearest(installation: Installation) -> None:
    installation.add("acme-layers")
    with pytest.raises(UnknownComponentError, match=r"'acne'\. Did you mean 'acme'\?"):
        installation.host().find("schedules", "acne/ramp")


def test_distribution_names_are_compared_as_package_indexes_do() -> None:
    assert normalized("Acme._-Layers") == normalized("acme-layers") == "acme-layers"
    assert "acme_layers.hooks" not in sys.modules


def test_what_a_package_writes_of_itself_moves_no_terminal(installation: Installation) -> None:
    installation.add("acme-layers", namespace="a\x1b[31mb")
    host = installation.host()
    told = [text for source in host.plugins() for text in (source.namespace, source.module, str(source), source.reason)]
    told += [str(failure) for failure in host.report()]
    assert any("31mb" in text for text in told)
    assert all(text.isprintable() for text in told)
