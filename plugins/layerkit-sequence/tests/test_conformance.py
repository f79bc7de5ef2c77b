"""Everything that the package registers passes layerkit's conformance kit, in the settings that each record names."""

from __future__ import annotations

from typing import Any

import layerkit_sequence
import pytest
from layerkit_sequence import SimpleRNN, cases

from layerkit import Identity, ReLU, Sigmoid
from layerkit.plugin import ComponentEntry, default_host
from layerkit.testing import check, conformance

EXPORTS = [getattr(layerkit_sequence, name) for name in layerkit_sequence.__all__]
ENTRIES = [entry for entry in default_host().components() if entry.namespace == "sequence" and entry.kind != "examples"]
CASES = [
    # the first case of each shows what a change breaks; the others are tried at length
    pytest.param(entry, options, id=f"{entry.name}-{place}", marks=[pytest.mark.thorough] if place else [])
    for entry in ENTRIES
    for place, options in enumerate(getattr(cases, entry.cases.partition(":")[2]))
]


@pytest.mark.parametrize(("entry", "options"), CASES)
def test_conforms(entry: ComponentEntry, options: dict[str, Any]) -> None:
    report = check(default_host().load(entry.kind, entry.qualified_name), **options)
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
    found = {default_host().load(entry.kind, entry.qualified_name) for entry in ENTRIES}
    assert found == {each for each in EXPORTS if isinstance(each, type)}
