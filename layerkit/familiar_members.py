"""Attributes, methods and hooks as people know them from other frameworks: how each is written here."""

from __future__ import annotations

from collections.abc import Mapping

from layerkit.suggestions import did_you_mean

_FREEZE = "layer.freeze() leaves a layer out of training, layer.unfreeze() takes it in again, layer.frozen tells"
_STOP = "A callback ends a fit by fit.stop(reason)"
_PREDICT = "Write model.predict(x), which applies the cost's readout: it gives probabilities, where there are some"
_RATE = "It is called learning_rate: write trainer.optimizer.learning_rate"

OF_LAYERS: Mapping[str, tuple[str, ...]] = {
    "Write Trainer(model, cost=…, optimizer=…).fit((x, y), epochs=…)": (
        "fit",
        "compile",
        "partial_fit",
        "train_on_batch",
        "fit_generator",
    ),
    "Write Trainer(model, cost=…, optimizer=…).evaluate((x, y)), with metrics=[…] for more than the cost": (
        "evaluate",
        "score",
        "test_on_batch",
    ),
    "Write layerkit.save(model, path), and layerkit.load(path) reads it": (
        "save",
        "save_weights",
        "to_json",
        "export",
        "load",
        "load_weights",
    ),
    _PREDICT: ("predict_proba", "decision_function", "predict_on_batch", "transform"),
    "Write model.classify(x)": ("predict_classes",),
    "model.parameters and model.states hold the arrays by path; model.parameters[path][...] = values changes one": (
        "state_dict",
        "load_state_dict",
        "get_weights",
        "set_weights",
        "weights",
        "trainable_weights",
        "trainable_variables",
        "named_parameters",
        "buffers",
        "get_params",
        "set_params",
    ),
    "model.summary() is the table of layers, with the count of parameters": ("count_params", "num_parameters", "info"),
    "predict runs in inference mode and Trainer.fit in training mode, by themselves: leave it out": ("train", "eval"),
    "A Sequential is given all its layers at once: Sequential([…, …])": ("add", "pop", "append", "add_module"),
    "Gradients are made anew at each step; model.saliency and Trainer.gradient_norms show them": ("zero_grad", "grad"),
    "Everything runs on the CPU; model.astype('float64') changes the dtype": ("to", "cuda", "cpu", "float", "double"),
    "Write model.outputs(x, layers=[…])": ("get_layer", "register_forward_hook"),
    _FREEZE: ("trainable", "requires_grad", "requires_grad_", "frozen"),
    _STOP: ("stop_training",),
    _RATE: ("lr",),
}
"""What layers and models do not have."""

OF_TRAINERS: Mapping[str, tuple[str, ...]] = {
    "Write trainer.fit((x, y), epochs=…)": (
        "train",
        "compile",
        "partial_fit",
        "fit_transform",
        "run",
        "train_on_batch",
    ),
    "Write trainer.model.predict(x)": ("predict", "predict_proba", "decision_function"),
    "Write trainer.model.classify(x)": ("classify", "predict_classes"),
    "Write trainer.evaluate((x, y), metrics=[…])": ("score", "test", "validate"),
    "Write layerkit.save(trainer.model, path); layerkit.save_checkpoint(trainer, path) keeps all of a training": (
        "save",
        "save_checkpoint",
        "save_model",
        "save_weights",
        "state_dict",
    ),
    "Write layerkit.load(path), and layerkit.resume(trainer, path) for a checkpoint": (
        "load",
        "load_state_dict",
        "load_weights",
        "load_checkpoint",
        "resume",
    ),
    "Write trainer.model.parameters and trainer.model.summary()": ("parameters", "summary", "get_weights", "layers"),
    "It is called cost": ("loss", "criterion", "loss_fn"),
    "Callbacks are an argument of Trainer.fit": ("callbacks", "add_callback"),
    _STOP: ("stop_training", "should_stop", "stop"),
    _RATE: ("lr", "learning_rate"),
    _FREEZE: ("trainable",),
}
"""What a trainer does not have."""

OF_OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    _RATE: ("lr", "eta"),
    "WeightDecay(rate) is a transform: Trainer(…, transforms=[…])": ("weight_decay",),
}
"""What an optimizer does not have."""

OF_FITS: Mapping[str, tuple[str, ...]] = {
    "Write fit.stop(reason)": ("stop_training", "should_stop"),
    "Write fit.trainer.optimizer": ("optimizer", "lr", "learning_rate"),
    "The record of an epoch is an argument of epoch_ended(fit, record)": ("logs", "log", "params"),
}
"""What a fit under way does not have."""

OF_CALLBACKS: Mapping[str, tuple[str, ...]] = {_STOP: ("stop_training",)}
"""What a callback does not have."""

HOOKS: Mapping[str, tuple[str, ...]] = {
    "fit_started": ("on_train_begin", "on_train_start", "on_fit_start", "on_fit_begin", "train_started", "fit_start"),
    "steps_ended": (
        "on_batch_end",
        "on_train_batch_end",
        "on_batch_begin",
        "on_train_batch_begin",
        "on_train_batch_start",
        "on_step_end",
        "batch_ended",
        "step_ended",
    ),
    "epoch_ended": (
        "on_epoch_end",
        "on_train_epoch_end",
        "on_validation_end",
        "on_validation_epoch_end",
        "on_epoch_begin",
        "on_epoch_start",
        "on_train_epoch_start",
        "on_test_end",
        "epoch_end",
        "epoch_finished",
    ),
    "fit_ended": ("on_train_end", "on_fit_end", "train_ended", "fit_end", "fit_finished"),
}
"""The methods of callbacks, and what others call those that stand in their place."""


def familiar(name: str, instead: Mapping[str, tuple[str, ...]]) -> str | None:
    """How layerkit does what ``name`` stands for elsewhere; None if nothing is known of it."""
    return next((told for told, names in instead.items() if name in names), None)


def no_attribute(kind: str, name: str, instead: Mapping[str, tuple[str, ...]], known: list[str]) -> str:
    """Why there is no attribute ``name``: what is written here, or the nearest of those that there are.

    >>> no_attribute("EarlyStopping", "patiense", {}, ["monitor", "patience"])
    "EarlyStopping has no attribute 'patiense'. Did you mean 'patience'?"
    """
    told = familiar(name, instead)
    hint = did_you_mean(name, known) if told is None else f" {told}."
    return f"{kind} has no attribute {name!r}{'.' if hint else ''}{hint}"
