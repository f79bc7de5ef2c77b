"""The Python in README.md, docs/ and the plugins' READMEs runs as it stands, page by page, from top to bottom."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")])
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_page(text: str, name: str) -> int:
    """Run the blocks fenced as ``python`` in one namespace; return how many there were.

    A block with prompts is a doctest, so what it shows is compared.
    """
    # a module of its own, so that what a page defines can be pickled as it can where it is typed in
    sys.modules["page"] = ModuleType("page")
    namespace: dict[str, Any] = sys.modules["page"].__dict__
    blocks = list(BLOCK.finditer(text))
    for block in blocks:
        code, line = block.group(1), text.count("\n", 0, block.start(1))
        if code.lstrip().startswith(">>>"):
            test = doctest.DocTestParser().get_doctest(code, namespace, name, name, line)
            runner = doctest.DebugRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
            test.globs = namespace
            runner.run(test, clear_globs=False)
        else:
            exec(compile("\n" * line + code, name, "exec"), namespace)  # with the page's line numbers
    return len(blocks)


def needs(page: Path) -> list[str]:
    """The packages of extras that a page names in its first line: ``<!-- needs: sklearn, matplotlib -->``."""
    first = page.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("<!-- needs: ").removesuffix(" -->").split(", ") if "<!-- needs: " in first else []


def marks(page: Path) -> list[pytest.MarkDecorator]:
    """The page about kernels compiles dozens of them; what needs an extra has a step of its own."""
    if needs(page):
        return [pytest.mark.extra]
    return [pytest.mark.thorough] if page.name == "kernels.md" else []


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=marks(page), id=str(page.relative_to(ROOT))) for page in PAGES]
)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in needs(page):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install -e '.[dev-extras]'")
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run_page(text, str(page)) == text.count("\n```python")


def test_blocks_share_a_namespace_and_errors_have_the_page_s_line() -> None:
    text = "Text.\n\n```python\na = 1\n```\n\n```python\n>>> a + 1\n2\n```\n\n```python\nraise KeyError(a)\n```\n"
    with pytest.raises(KeyError) as caught:
        run_page(text, "page.md")
    assert caught.traceback[-1].lineno == text.splitlines().index("raise KeyError(a)")


def test_output_that_differs_is_a_failure() -> None:
    with pytest.raises(doctest.DocTestFailure):
        run_page("```python\n>>> 1 + 1\n3\n```\n", "page.md")


def test_other_blocks_are_not_run() -> None:
    assert run_page("```sh\nexit 1\n```\n\n```text\nx = = y\n```\n", "page.md") == 0
