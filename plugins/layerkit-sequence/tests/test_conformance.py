"""Everything that the package registers passes layerkit's conformance kit, in the settings that each class declares."""

from __future__ import annotations

from typing import Any

import layerkit_sequence
import pytest
from layerkit_sequence import SimpleRNN

from layerkit import Identity, ReLU, Sigmoid
from layerkit.plugin import default_host
from layerkit.testing import check, conformance

COMPONENTS = [getattr(layerkit_sequence, name) for name in layerkit_sequence.__all__]
CASES = [
    pytest.param(component, options, id=f"{component.__name__}-{place}")
    for component in COMPONENTS
    for place, options in enumerate(component.conformance_cases)
]


@pytest.mark.parametrize(("component", "options"), CASES)
def test_conforms(component: Any, options: dict[str, Any]) -> None:
    report = check(component, **options)
    assert report.ok, str(report)


test_simple_rnn_with_sigmoid = conformance(
    SimpleRNN, arguments={"units": 3, "activation": Sigmoid()}, input_shapes=[(3, 2)]
)
test_simple_rnn_with_relu = conformance(
    SimpleRNN, arguments={"units": 3, "activation": ReLU(), "reverse": True}, input_shapes=[(3, 2)]
)
test_simple_rnn_with_identity = conformance(
    SimpleRNN, arguments={"units": 2, "activation": Identity(), "return_sequences": False}, input_shapes=[(3, 2)]
)


def test_every_export_is_registered() -> None:
    host = default_host()
    kinds = ("layers", "initializers", "metrics", "datasets")
    entries = [entry for kind in kinds for entry in host.components(kind) if entry.namespace == "sequence"]
    assert {host.load(entry.kind, entry.qualified_name) for entry in entries} == set(COMPONENTS)
