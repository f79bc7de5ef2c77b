"""Arguments as people know them from other frameworks: what they are called here, and what is done in another way."""

from __future__ import annotations

SYNONYMS = {
    "learning_rate": ("lr", "eta", "step-size", "learning-rate-init"),
    "beta1": ("betas",),
    "epsilon": ("eps",),
    "rho": ("alpha", "decay", "beta"),
    "units": ("out-features", "neurons", "output-size", "hidden-size", "output-dim"),
    "rate": ("p", "probability", "drop-prob", "weight-decay", "l1", "l2"),
    "limit": ("max-norm", "clip-value", "clipnorm", "max-value"),
    "shape": ("target-shape", "size", "unflattened-size"),
    "initializer": ("kernel-initializer", "weight-initializer", "init"),
    "use_bias": ("bias", "fit-intercept"),
    "layers": ("modules",),
    "layer": ("module", "block"),
    "factor": ("gamma", "decay-rate"),
    "every": ("step-size",),
    "initial": ("initial-learning-rate", "lr", "learning-rate", "base-lr"),
    "length": ("decay-steps", "t-max", "total-steps", "total-iters", "warmup-steps", "epochs"),
    "period": ("t-0", "first-decay-steps"),
    "final": ("eta-min", "end-learning-rate", "min-lr"),
    "peak": ("max-lr", "lr", "learning-rate"),
    "monitor": ("metric", "scoring"),
    "patience": ("n-iter-no-change",),
    "minimum_change": ("min-delta", "tol", "threshold"),
    "restore_best": ("restore-best-weights", "load-best"),
    "batch_size": ("mini-batch-size", "batch"),
    "epochs": ("num-epochs", "n-epochs", "nb-epoch", "max-epochs", "max-iter"),
    "validation": ("validation-data", "val", "eval-set", "val-data"),
    "class_weights": ("class-weight",),
    "weights": ("sample-weight", "sample-weights", "weight"),
    "cost": ("loss", "criterion", "loss-fn", "loss-function"),
    "seed": ("random-state", "random-seed", "rng", "generator"),
    "test_fraction": ("test-size", "test-split", "validation-split", "validation-fraction", "val-split"),
    "k": ("n-splits", "n-folds", "num-folds", "cv", "folds"),
    "columns": ("names", "features", "feature-names", "feature-names-in"),
    "names": ("columns", "features", "feature-names"),
    "classes": ("target-names", "class-names", "categories"),
    "target": ("target-column", "label-column", "target-name"),
    "target_name": ("target",),
    "path": ("filepath", "filename", "f", "file", "fname", "root", "filepath-or-buffer"),
    "data_dir": ("root", "path", "cache-dir"),
    "data": ("dataset", "arrays", "train-data", "x-train", "generator", "train-loader", "dataloader"),
    "x": ("inputs", "input", "features", "data"),
    "y": ("targets", "target", "outputs"),
    "model": ("estimator", "net", "network", "module", "obj"),
    "delimiter": ("sep", "delim"),
    "split": ("train", "part", "subset"),
    "input_shape": ("input-dim", "shape", "input-size", "batch-input-shape", "in-features"),
    "best": ("monitor",),
    "keep": ("max-to-keep", "save-total-limit", "save-top-k"),
}
"""What an argument is called elsewhere."""

_OF_FIT = (
    "epochs, batch_size, validation, weights, class_weights, shuffle and callbacks are arguments of Trainer.fit; what "
    "predicts or measures takes rows in blocks by itself: leave it out"
)
_OF_TRAINER = "cost, optimizer, metrics, transforms and seed are arguments of Trainer(model, cost=…, optimizer=…)"
_TRANSFORMS = "Write it as a transform: Trainer(…, transforms=[WeightDecay(rate)]), or L2Penalty, MaxNorm, ClipNorm"
_VALIDATED = "All validation data is measured after each epoch: leave it out, and give validation=(x, y)"
_HELD_BACK = "Hold a part back first: train, test = split((x, y)), then fit(train, validation=test)"
_QUIET = "Nothing is printed unless it is asked for: leave it out, or give Trainer.fit callbacks=[ProgressDisplay()]"
_SPREAD = "A stream may read ahead by itself, and everything runs in this process, on the CPU: leave it out"
_MODEL_DTYPE = "The dtype is that of the whole model: model.initialize(shape, dtype='float64')"
_PATHS = "Layers have no names, but places, such as '0' in model.parameters['0.weight']: leave it out"

INSTEAD = {
    _OF_FIT: (
        "batch-size",
        "epochs",
        "max-epochs",
        "callbacks",
        "steps",
        "steps-per-epoch",
        "validation",
        "validation-data",
        "class-weight",
        "class-weights",
        "sample-weight",
        "weight",
        "shuffle",
        "ignore-index",
    ),
    _OF_TRAINER: ("loss", "cost", "optimizer", "metrics", "criterion", "scoring", "learning-rate", "lr"),
    _TRANSFORMS: (
        "weight-decay",
        "clipnorm",
        "clipvalue",
        "global-clipnorm",
        "max-grad-norm",
        "kernel-regularizer",
        "bias-regularizer",
        "activity-regularizer",
        "kernel-constraint",
        "bias-constraint",
        "alpha",
        "penalty",
    ),
    _VALIDATED: ("validation-steps", "validation-batch-size", "validation-freq"),
    _HELD_BACK: ("validation-split", "early-stopping", "validation-fraction"),
    _QUIET: ("verbose", "progress-bar", "disp"),
    _SPREAD: ("workers", "num-workers", "n-jobs", "use-multiprocessing", "max-queue-size", "pin-memory", "device"),
    _MODEL_DTYPE: ("dtype", "dtype-policy"),
    _PATHS: ("name",),
    "Another fit goes on where the last one ended: leave it out": ("initial-epoch", "warm-start"),
    "The trainer brings the model's parameters to it: leave it out": ("params", "parameters"),
    "AMSGrad, Nadam and AdamW are optimizers of their own": ("amsgrad",),
    "GradientDescent(rate, momentum=…, nesterov=True) has it": ("momentum", "nesterov"),
    "layer.freeze() leaves a layer out of training: leave it out": ("trainable", "requires-grad"),
    "The size of a layer's input is no argument: it is known once the model is built": (
        "input-shape",
        "input-dim",
        "input-size",
        "in-features",
        "in-channels",
        "num-features",
        "batch-input-shape",
    ),
    "Features are the last axis": ("axis", "dim", "data-format"),
    "test_fraction says how much is held back": ("train-size",),
    "Costs take logits, and are averaged over the examples, by their weights: leave it out": (
        "from-logits",
        "reduction",
        "size-average",
        "reduce",
    ),
    'best="validation_cost" keeps the best, and every_epochs=… or every_steps=… tells how often': (
        "save-best-only",
        "save-freq",
        "save-every",
    ),
    "A checkpoint holds everything that training goes on from, and save(model, path) the model alone": (
        "save-weights-only",
        "weights-only",
        "save-format",
        "overwrite",
    ),
    "Components are found by their registered names, which a plugin adds: leave it out": (
        "custom-objects",
        "map-location",
        "compile",
        "safe-mode",
    ),
    "tune_threshold finds it, and model.threshold is it": ("threshold",),
}
"""How layerkit does what others have these arguments for, where it has none."""
