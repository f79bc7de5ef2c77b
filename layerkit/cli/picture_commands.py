"""What the commands of ``layerkit plot`` share: the file that is written, and the options that tell of data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple, get_type_hints

import typer

from layerkit.cli.places import place, require_apart
from layerkit.cli.saved_models import evaluate_file
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.replacing import Recognizer, begins_with

Output = Annotated[
    Path | None, typer.Option("--output", "-o", parser=place, metavar="FILE", help="Where to write the picture.")
]
_Required = Annotated[Path, typer.Option("--output", "-o", parser=place, metavar="FILE", help="A .png or .svg file.")]
_Dark = Annotated[bool, typer.Option("--dark", help="For dark ground.")]
_NOT_OF_PICTURES = ("report", "cost", "metric", "as_json")


class Kind(NamedTuple):
    """A form of file: what its pictures are called, and how one is known, which may be replaced by another."""

    form: str
    is_own: Recognizer


def _is_svg(file: BinaryIO) -> bool:
    return b"<svg" in file.read(4096)


PICTURES = {".png": Kind("png", begins_with(b"\x89PNG")), ".svg": Kind("svg", _is_svg)}
DIAGRAMS = {
    ".svg": PICTURES[".svg"],
    ".mmd": Kind("mermaid", begins_with(b"---\ntitle:")),
    ".txt": Kind("text", begins_with(b"Diagram of ")),
}


def require_output(output: Path, kinds: Mapping[str, Kind], inputs: Iterable[tuple[str, Any]]) -> str:
    """The ending of a file that can be written; before any work, and nothing of what is read is written over.

    Raises:
        ArgumentError: it has another ending, is read itself, cannot be written, or holds something else.
    """
    from layerkit.cli.json_report import check_writable

    ending = output.suffix.lower()
    if ending not in kinds:
        raise ArgumentError(f"--output must end in {', '.join(kinds)}; got {output}")
    require_apart({"--output": output}, inputs)
    check_writable("--output", output, replaces=kinds[ending].is_own, kind=f"a picture of the kind {ending}")
    return ending


def written(output: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        LayerkitError: it cannot be written.
    """
    from layerkit.atomic import not_written, write_atomically

    try:
        write_atomically(output, [content])
    except OSError as error:
        raise LayerkitError(not_written(output, error)) from error


def picture(*files: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A command that writes what ``draw`` gives, an Axes; ``files`` are the arguments that name what is read."""

    def decorate(draw: Callable[..., Any]) -> Callable[..., None]:
        def command(*, output: Path, dark: bool, **given: Any) -> None:
            named = [given[name] for name in files]
            paths = [path for each in named for path in (each if isinstance(each, list) else [each])]
            _drawn(draw, output, dark, [("what is drawn", path) for path in paths], given)

        return _told(command, draw, [*_parameters(draw), *_OF_FILES])

    return decorate


def of_data(draw: Callable[..., Any]) -> Callable[..., None]:
    """A command that writes what ``draw`` makes of a model and data, its first argument, as ``evaluate`` takes them."""
    of_source = {each.name: each for each in _parameters(evaluate_file) if each.name not in _NOT_OF_PICTURES}

    def command(*, output: Path, dark: bool, **given: Any) -> None:
        from layerkit.cli.picture_source import Source

        read = [("the model itself", given["file"]), *((f"data ({name})", name) for name in given["data"])]
        options = {name: given.pop(name) for name in of_source}
        _drawn(draw, output, dark, read, {"source": Source(**options), **given})

    own = _parameters(draw)[1:]
    first = [of_source["file"], of_source["data"]]
    return _told(command, draw, [*first, *own, *_OF_FILES, *(each for each in of_source.values() if each not in first)])


def sides(shape: str | None) -> tuple[int, int] | None:
    """Height and width out of ``8,8``.

    Raises:
        ArgumentError: it is no such text.
    """
    if shape is None:
        return None
    try:
        height, width = map(int, shape.split(","))
    except ValueError as error:
        raise ArgumentError(f"--shape: height and width are wanted, such as 8,8; got {shape!r}") from error
    return height, width


def _drawn(
    draw: Callable[..., Any], output: Path, dark: bool, read: list[tuple[str, Any]], given: Mapping[str, Any]
) -> None:
    from layerkit.plots import rendered
    from layerkit.plots.drawing import require_matplotlib

    require_matplotlib("layerkit plot")
    ending = require_output(output, PICTURES, read)
    with _ground(dark):
        content = rendered(draw(**given), PICTURES[ending].form)  # type: ignore[arg-type]
    written(output, content)


@contextmanager
def _ground(dark: bool) -> Iterator[None]:
    from matplotlib import style

    with style.context(["dark_background"] if dark else []):
        yield


def _parameters(command: Callable[..., Any]) -> list[Parameter]:
    hints = get_type_hints(command, include_extras=True)
    return [
        each.replace(annotation=hints[name], kind=Parameter.KEYWORD_ONLY)
        for name, each in signature(command).parameters.items()
    ]


_OF_FILES = [
    Parameter("output", Parameter.KEYWORD_ONLY, annotation=_Required),
    Parameter("dark", Parameter.KEYWORD_ONLY, annotation=_Dark, default=False),
]


def _told(command: Callable[..., None], draw: Callable[..., Any], parameters: list[Parameter]) -> Callable[..., None]:
    """The command with the name, the help and the options by which typer knows it."""
    command.__name__, command.__doc__ = draw.__name__, draw.__doc__
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    vars(command)["__signature__"] = Signature(parameters)
    return command
