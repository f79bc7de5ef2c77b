"""Names that were meant: the nearest of those that there are, and what the field calls them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

_SYNONYMS = {
    "gradient-descent": ("sgd", "momentum", "nesterov"),
    "adam": ("adamax",),
    "quadratic": ("mse", "l2", "squared-error", "mean-squared-error", "least-squares"),
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
    # arguments
    "learning_rate": ("lr", "eta", "step-size"),
    "units": ("out-features", "neurons", "output-size"),
    "initializer": ("kernel-initializer", "weight-initializer"),
    "use_bias": ("bias",),
    "batch_size": ("mini-batch-size", "batch"),
    "epochs": ("num-epochs", "n-epochs", "nb-epoch"),
    "validation": ("validation-data", "val"),
    "class_weights": ("class-weight",),
    "weights": ("sample-weight", "sample-weights"),
    "cost": ("loss", "criterion"),
}
"""What the field calls a component or an argument elsewhere; a name may stand for several, the first that there is."""


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Up to three of ``names`` that ``name`` was probably meant to be, the likeliest first.

    What the field calls one of them elsewhere comes before what is spelled alike.

    >>> nearest("sigmiod", ["sigmoid", "softmax", "tanh"])
    ['sigmoid']
    >>> nearest("SGD", ["adam", "gradient-descent"])
    ['gradient-descent']
    """
    from difflib import get_close_matches

    known = list(names)
    plain = _plain(name)
    elsewhere = (own for own, names in _SYNONYMS.items() if plain in map(_plain, names))
    synonym = next((own for own in elsewhere if own in known), None)
    return [synonym] if synonym is not None else get_close_matches(str(name), known)


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


def _plain(name: str) -> str:
    """The name without what people spell differently: ``BatchNorm1d`` and ``batch_norm`` are one."""
    plain = "".join(character for character in str(name)[:80].lower() if character.isalnum())
    return plain.removesuffix("loss").removesuffix("1d").removesuffix("2d") or plain
