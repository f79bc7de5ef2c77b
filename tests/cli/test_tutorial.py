"""docs/tutorial-plugin.md: every command is run, every file written as it stands, and the output is as shown."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

from tests.cli.environment import ROOT, Environment

PAGE = ROOT / "docs" / "tutorial-plugin.md"
BLOCK = re.compile(r"^```(sh|py|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.py)\n(.*)", re.DOTALL)


def shown(line: str, output: str) -> bool:
    """Whether a line of the page, with … or ... for anything, is in the output."""
    pattern = line.strip().replace("…", "...")
    return any(
        doctest.OutputChecker().check_output(pattern, each.strip(), doctest.ELLIPSIS) for each in output.splitlines()
    )


def test_the_tutorial_works_from_top_to_bottom(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "environment")
    folder, output, failed, commands = tmp_path, "", False, 0
    for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "py":
            found = FILE.fullmatch(text)
            assert found is not None, text
            (folder / found[1]).write_text(found[2], encoding="utf-8")
        elif kind == "text":
            missing = [line for line in text.splitlines() if not shown(line, output)]
            assert not missing, f"not shown: {missing}\n{output}"
            assert failed == ("FAILED" in text)
            failed = False
        else:
            assert not failed, output
            output = ""
            for command in text.splitlines():
                commands += 1
                if command.startswith("cd "):
                    folder = folder / command.removeprefix("cd ")
                elif command.startswith("pip install -e"):
                    environment.install(folder)
                else:
                    done = environment.run(shlex.split(command), folder)
                    output += done.stdout + done.stderr
                    failed = failed or done.returncode != 0
    assert not failed, output
    assert commands > 8
