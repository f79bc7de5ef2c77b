"""Every error that layerkit raises on purpose; each message says what was given, what was expected and what to do."""


class LayerkitError(Exception):
    """The base of all errors below: catch this one to catch them all."""


def tell_place(error: LayerkitError, place: str) -> None:
    """Let an error's message begin with where in the data it was met, ``"validation data"`` say, once."""
    if place and error.args and not str(error.args[0]).startswith(place):
        error.args = (f"{place}: {error.args[0]}", *error.args[1:])


class ArgumentError(LayerkitError, ValueError):
    """A constructor or a function was given a value that it cannot use."""


class CallError(LayerkitError, TypeError):
    """A class or a method was called with a surplus, an unknown or a missing argument."""


class ShapeError(LayerkitError, ValueError):
    """An array has another shape than the place that it was given to."""


class DataError(LayerkitError, ValueError):
    """Training data cannot be learned from: empty, not finite, misaligned, or with targets that do not fit."""


class DatasetError(LayerkitError):
    """A dataset could not be read: the message names the file and the reason."""


class NotBuiltError(LayerkitError, AttributeError):
    """A layer was used before its parameters exist."""


class UnknownAttributeError(LayerkitError, AttributeError):
    """Something was asked for, or given, an attribute that it does not have; the message says what is written."""


class OwnershipError(LayerkitError):
    """A layer that belongs to one model was joined to a second."""


class NonFiniteError(LayerkitError, FloatingPointError):
    """A cost or a gradient became NaN or infinite: ``step`` and ``layer`` say where, ``what`` says which value."""

    def __init__(self, message: str, *, step: int, layer: str, what: str) -> None:
        super().__init__(message)
        self.step = step
        self.layer = layer
        self.what = what

    def __reduce__(self) -> tuple[object, ...]:
        return _restore_non_finite, (str(self), self.step, self.layer, self.what)


def _restore_non_finite(message: str, step: int, layer: str, what: str) -> NonFiniteError:
    return NonFiniteError(message, step=step, layer=layer, what=what)


class EngineError(LayerkitError):
    """An engine cannot run this model; the message names the layer that stands in the way."""


class MissingExtraError(LayerkitError, ImportError):
    """Something needs a package that an extra of layerkit brings: the message says what to install."""


class PluginError(LayerkitError):
    """A plugin could not be loaded, or a component of one could not be used."""


class UnknownComponentError(LayerkitError, LookupError):
    """No component has this name; the message suggests the nearest."""


class ModelFileError(LayerkitError):
    """A model file was refused, or could not be written; the message says why."""


class SearchError(LayerkitError):
    """A search for hyperparameters cannot begin or go on: its storage, another search there, or no trial that works."""


class LayerkitWarning(UserWarning):
    """Something about a network, its data or its training that keeps it from learning; it goes on all the same.

    ``name`` is the stable name by which ``silence`` switches it off, and the message's first word, so that Python's own
    filters find it: ``warnings.filterwarnings("ignore", "scale:", LayerkitWarning)``. ``docs/diagnosis.md`` lists all.
    """

    def __init__(self, message: str, *, name: str = "") -> None:
        super().__init__(f"{name}: {message}" if name else message)
        self.name = name

    def __reduce__(self) -> tuple[object, ...]:
        message = str(self)
        return _restore_warning, (message.removeprefix(f"{self.name}: ") if self.name else message, self.name)


def _restore_warning(message: str, name: str) -> LayerkitWarning:
    return LayerkitWarning(message, name=name)


class ResumeWarning(UserWarning):
    """A run goes on under other conditions than it began with, so its bits may differ from those of one run."""


class PluginWarning(UserWarning):
    """A plugin replaced parts of layerkit, or changed what the whole process shares, while it was imported."""


class CheckpointWarning(UserWarning):
    """A checkpoint could not be written, and training goes on without it."""
