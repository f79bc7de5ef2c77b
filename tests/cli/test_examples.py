from __future__ import annotations

import json
import subprocess
import sys

from tests.cli.conftest import Command


def test_examples_are_listed_with_what_they_do(layerkit: Command) -> None:
    result = layerkit("examples")
    assert result.code == 0
    names = [line.split()[0] for line in result.out.splitlines()]
    mnist, tables = "mnist mnist-better mnist-gelu mnist-sigmoid mnist-elastic", "breast-cancer wine diabetes"
    wanted = f"xor digits moons {mnist} custom-layer regression impedance {tables} rare-class"
    assert names == wanted.split()
    assert all(len(line.split()) > 3 for line in result.out.splitlines())


def test_examples_for_programs(layerkit: Command) -> None:
    listed = json.loads(layerkit("examples", "--json").out)
    assert {entry["name"] for entry in listed} >= {"xor", "digits", "mnist"}
    assert all(entry["kind"] == "examples" for entry in listed)


def test_neither_help_nor_the_list_of_examples_imports_numpy_or_rich() -> None:
    program = (
        "import sys\nfrom layerkit.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'rich') if name in sys.modules])"
    )
    for arguments in (["run", "--help"], ["examples"]):
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"
