"""A report as one page of HTML."""

from __future__ import annotations

import base64
import hashlib
import html
import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, final

from layerkit.arguments import check_path
from layerkit.atomic import not_written, write_atomically
from layerkit.errors import LayerkitError, MissingExtraError
from layerkit.reports.sections import Code, Facts, Notice, Picture, Section, Table


@final
class Report:
    """A title, a line below it, figures that stand out, and sections; ``html`` is one page that needs nothing else.

    The page asks for nothing over a network, and a browser holds it to that by the page's own security policy; all text
    is escaped. In a notebook a report shows itself.

    Raises:
        MissingExtraError: jinja2 is not installed.

    >>> from layerkit.reports.sections import Section
    >>> report = Report("a run", "of digits", figures=[("accuracy", "95 %")], sections=[Section("Notes", ["<b>"])])
    >>> "&lt;b&gt;" in report.html
    True
    """

    def __init__(
        self,
        title: str,
        subtitle: str = "",
        *,
        figures: Sequence[tuple[str, str]] = (),
        sections: Sequence[Section] = (),
    ) -> None:
        require_report()
        self.title = title
        self.subtitle = subtitle
        self.figures = list(figures)
        self.sections = [section for section in sections if section.parts]

    @property
    def html(self) -> str:
        """The whole page."""
        script, style = _asset("sorting.js"), _asset("page.css")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        kinds = {kind.__name__: kind for kind in (Code, Facts, Notice, Picture, Table)}
        page: str = _template().render(
            report=self,
            kind=lambda part: next((name for name, kind in kinds.items() if isinstance(part, kind)), "text"),
            script=_safe(script),
            style=_safe(style),
            safe=_safe,
            script_digest=digest,
        )
        # half of a character, out of a name of a file that is not UTF-8, is no text
        return page.encode(errors="replace").decode()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the page, whole or not at all.

        Raises:
            LayerkitError: it cannot be written.
        """
        check_path(self, "path", path)
        try:
            write_atomically(path, [self.html.encode()])
        except OSError as error:
            raise LayerkitError(not_written(path, error)) from error

    def _repr_html_(self) -> str:
        """The page in a frame of its own, so that its style stays there."""
        style = "width:100%;height:640px;border:0"
        return (
            f'<iframe title="{html.escape(self.title)}" sandbox="allow-scripts" style="{style}" '
            f'srcdoc="{html.escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Report({self.title!r}, {len(self.sections)} sections)"


def require_report() -> None:
    """Refuse to make a report, before any work, where a package is missing.

    Raises:
        MissingExtraError: one is; the message says what to install.
    """
    for package, does in (("jinja2", "made"), ("matplotlib.figure", "drawn"), ("tomlkit", "told")):
        try:
            __import__(package)
        except ImportError as error:
            name = package.partition(".")[0]
            raise MissingExtraError(
                f'a report is {does} by {name}, which is not installed: pip install "layerkit[report]"'
            ) from error


@cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("page.html"))


def _safe(text: str) -> Any:
    """Text of layerkit's own making, which goes into the page as it is."""
    from markupsafe import Markup

    return Markup(text)


@cache
def _asset(name: str) -> str:
    return files("layerkit.reports").joinpath(name).read_text(encoding="utf-8")
