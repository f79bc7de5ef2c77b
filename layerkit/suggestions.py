"""Names that were meant: the nearest of those that there are, and what the field calls them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from layerkit.familiar_arguments import INSTEAD, SYNONYMS

_SYNONYMS = {
    "gradient-descent": ("sgd", "momentum", "nesterov"),
    "adam": ("adamax",),
    "quadratic": ("mse", "l2", "squared-error", "mean-squared-error", "least-squares"),
    "absolute-error": ("mae", "l1", "mean-absolute-error"),
    "huber": ("smooth-l1",),
    "log-cosh": ("log-cosine-hyperbolic",),
    "quantile": ("pinball", "quantile-regression", "tilted"),
    "poisson": ("poisson-nll", "poisson-deviance"),
    "cosine-similarity": ("cosine", "cosine-embedding", "cosine-distance", "cosine-proximity"),
    "kullback-leibler": ("kl", "kld", "kl-div", "kl-divergence", "kullback-leibler-divergence", "relative-entropy"),
    "focal": ("categorical-focal-crossentropy", "categorical-focal-cross-entropy", "softmax-focal"),
    "binary-focal": ("binary-focal-crossentropy", "binary-focal-cross-entropy", "sigmoid-focal"),
    "hinge": ("svm", "max-margin", "soft-margin"),
    "squared-hinge": ("l2-svm",),
    "categorical-hinge": ("multi-margin", "crammer-singer", "multi-class-hinge"),
    "binary-cross-entropy": ("bce", "bce-with-logits", "binary-crossentropy", "sigmoid-cross-entropy"),
    "cross-entropy": (
        "categorical-cross-entropy",
        "categorical-crossentropy",
        "log",
        "negative-log-likelihood",
        "nll",
        "softmax-cross-entropy",
        "sparse-categorical-crossentropy",
    ),
    "mean-squared-error": ("mse",),
    "mean-absolute-error": ("mae", "l1", "absolute-error"),
    "root-mean-squared-error": ("rmse",),
    "r2": ("r2-score", "r-squared", "coefficient-of-determination"),
    "matthews-correlation": ("mcc", "matthews-corrcoef", "phi"),
    "calibration-error": ("ece", "expected-calibration-error"),
    "brier-score": ("brier", "brier-score-loss"),
    "balanced-accuracy": ("balanced-accuracy-score",),
    "top-k-accuracy": ("top-k", "top-5", "top-k-accuracy-score", "top-k-categorical-accuracy"),
    "confusion-matrix": ("confusion",),
    "exponential-average": ("ema", "exponential-moving-average", "polyak", "averaged-model", "swa"),
    "reduce-on-plateau": ("reduce-lr-on-plateau", "plateau"),
    "learning-rate-log": ("learning-rate-monitor", "lr-monitor"),
    "accuracy": ("acc", "categorical-accuracy"),
    "f1": ("f1-score", "f-score", "f-measure"),
    "precision": ("precision-score", "ppv"),
    "recall": ("recall-score", "sensitivity", "tpr"),
    "roc-auc": ("auc", "auroc", "roc-auc-score"),
    "glorot": ("xavier", "xavier-uniform", "xavier-normal", "glorot-uniform", "glorot-normal"),
    "he": ("kaiming", "kaiming-uniform", "kaiming-normal", "he-uniform", "he-normal"),
    "normal": ("gaussian", "random-normal"),
    "constant": ("ones",),
    "dense": ("linear", "fully-connected", "fc", "affine"),
    "batch-normalization": ("batch-norm", "bn"),
    "layer-normalization": ("layer-norm",),
    "group-normalization": ("group-norm", "instance-norm", "instance-normalization"),
    "rms-normalization": ("rms-norm",),
    "spatial-dropout": ("channel-dropout",),
    "gaussian-noise": ("noise",),
    "scale": ("layer-scale",),
    "concatenate": ("concat", "cat", "merge"),
    "graph": ("functional",),
    "parallel": ("branches", "fork"),
    "tied-dense": ("tied-linear", "reversible-embedding"),
    "embedding": ("lookup",),
    "residual": ("skip", "shortcut"),
    "rescale": ("rescaling", "scaling", "normalize"),
    "standardize": ("normalization", "standard-scaler", "standardization", "z-score"),
    "identity": ("linear",),
    "sigmoid": ("logistic", "expit"),
    "relu": ("rectifier", "rectified-linear"),
    "leaky-relu": ("lrelu", "leaky"),
    "prelu": ("parametric-relu",),
    "elu": ("exponential-linear",),
    "selu": ("scaled-elu",),
    "gelu": ("gelu-new", "gelu-tanh", "gaussian-error-linear"),
    "silu": ("swish", "sigmoid-linear"),
    "softplus": ("smooth-relu",),
    "hard-sigmoid": ("h-sigmoid",),
    "hard-swish": ("h-swish", "hard-silu"),
    "hard-tanh": ("h-tanh", "clip"),
    "exponential": ("exp",),
    "weight-decay": ("l2", "ridge"),
    "clip-norm": ("gradient-clipping", "clip-grad-norm"),
    "cosine": ("cosine-annealing", "cosine-decay"),
    "step": ("step-lr", "step-decay"),
    "simple-rnn": ("rnn",),
    "multi-head-self-attention": ("attention", "multi-head-attention"),
    "conv2d": ("convolution",),
    "progress-display": ("progress-bar", "tqdm"),
    "checkpoint": ("model-checkpoint",),
    "csv-log": ("csv-logger",),
    **SYNONYMS,
}
"""What the field calls a component or an argument elsewhere; a name may stand for several, the first that there is."""


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Up to three of ``names`` that ``name`` was probably meant to be, the likeliest first.

    The same letters come first (``LeakyReLU``), then what the field calls one of them elsewhere, then what is spelled
    alike.

    >>> nearest("sigmiod", ["sigmoid", "softmax", "tanh"])
    ['sigmoid']
    >>> nearest("SGD", ["adam", "gradient-descent"])
    ['gradient-descent']
    """
    from difflib import get_close_matches

    known = list(names)
    letters = _letters(name)
    own_letters = [own for own in known if own != name and letters and _letters(own) == letters]
    if own_letters:
        return own_letters
    synonym = name if name in known else _synonym(name, known)
    return [synonym] if synonym is not None else get_close_matches(str(name), known)


def written_here(argument: str, arguments: Iterable[str]) -> str:
    """How a call with an ``argument`` that there is not is written: a sentence with a space before it, or nothing.

    >>> written_here("batch_size", ["x", "mask"])[:40]
    ' epochs, batch_size, validation, weights'
    """
    known = list(arguments)
    plain = _plain(argument)
    instead = next((told for told, names in INSTEAD.items() if plain in map(_plain, names)), None)
    if instead is None or _synonym(argument, known) is not None:
        return did_you_mean(argument, known)
    return f" {instead}."


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence that names the nearest, with a space before it; empty where nothing is near."""
    return meant(nearest(name, names))


def meant(suggestions: Iterable[str]) -> str:
    """The sentence for suggestions that are known already; empty for none."""
    names = [repr(suggestion) for suggestion in suggestions]
    return f" Did you mean {' or '.join(names)}?" if names else ""


def quoted(names: Iterable[object]) -> str:
    """Names as a message lists them.

    >>> quoted(["image", "age"])
    "'image', 'age'"
    """
    return ", ".join(map(repr, names))


def _letters(name: str) -> str:
    return "".join(character for character in str(name)[:80].lower() if character.isalnum())


def _synonym(name: str, known: list[str]) -> str | None:
    """The one of ``known`` that the field calls so elsewhere, or that is spelled so but for capitals and signs."""
    plain = _plain(name)
    elsewhere = (own for own, names in _SYNONYMS.items() if plain in map(_plain, names))
    spelled = (own for own in known if _plain(own) == plain)
    return next((own for own in (*spelled, *elsewhere) if own in known), None)


def _plain(name: str) -> str:
    """The name without what people spell differently: ``BatchNorm1d`` and ``batch_norm`` are one."""
    plain = _letters(name)
    return plain.removesuffix("loss").removesuffix("1d").removesuffix("2d") or plain
