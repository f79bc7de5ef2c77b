"""What to say about an error that came out of a plugin's code."""

from __future__ import annotations

_LENGTH = 600
_MACHINERY = ("importlib", "/pluggy/", "/layerkit/registry/")
"""Files that stand between layerkit and the plugin's code."""


def describe(error: BaseException) -> str:
    """The error on one line, with the place in the plugin's code that raised it."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # an error that cannot even be shown
        text = "(its message cannot be shown)"
    message = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, SystemExit):
        message = f"it tried to end the program (SystemExit: {text})"
    from traceback import extract_tb

    files = [(frame.filename.replace("\\", "/"), frame.lineno) for frame in extract_tb(error.__traceback__)]
    own = [place for place in files if not any(part in place[0] for part in _MACHINERY)]
    if own:
        file, line = own[-1]
        message += f" ({'/'.join(file.split('/')[-2:])}, line {line})"
    return printable(message[:_LENGTH])


def advice(error: BaseException, module: str, distribution: str) -> str:
    """What to do about an error at the import of ``module``."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name
        if f"{module}.".startswith(f"{missing}."):
            return f"reinstall {distribution}: it announces the module {module!r} and does not bring it"
        package = missing.partition(".")[0]
        if package == module.partition(".")[0]:
            return f"reinstall {distribution}: its module {missing!r} is missing"
        return (
            f"install the package that provides {package!r} (`pip install {package}`, if it bears the same name), "
            f"or reinstall {distribution} with its dependencies"
        )
    if isinstance(error, ImportError):
        return f"{distribution} and a package that it imports do not fit together: update both"
    return f"update {distribution} or tell its author; LAYERKIT_PLUGINS_DENY leaves it out meanwhile"


def printable(text: str) -> str:
    """Foreign text made safe for a terminal: control characters are spelled out."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
