"""What a fit is given: its settings checked, and all of its data taken in, before the first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from layerkit.arguments import check_boolean, check_collection, check_instance, check_integer
from layerkit.data.examples import Examples
from layerkit.interfaces.callback import Callback, require_hooks
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.metric import Metric
from layerkit.models.model import Model
from layerkit.models.schema import Schema
from layerkit.steps.class_weights import check_class_weights
from layerkit.steps.evaluation import require_measurable, require_usable
from layerkit.steps.intake import Intake, take_in
from layerkit.steps.named_data import class_names
from layerkit.training.epochs import as_measured

_FIT = "Trainer.fit"
_MOST = 10**9

ClassWeights = Literal["balanced"] | Mapping[Any, float] | None


class Settings(NamedTuple):
    """How a fit goes through its data, and who watches, as ``Trainer.fit`` explains."""

    epochs: int
    batch_size: int
    accumulate: int
    steps_per_epoch: int | None
    shuffle: bool
    drop_last: bool
    training_metrics: bool
    class_weights: ClassWeights
    callbacks: Sequence[Callback]

    def checked(self) -> Settings:
        """The same, in Python's own integers.

        Raises:
            ArgumentError: one of them is out of range.
        """
        check_integer(_FIT, "epochs", self.epochs, minimum=1, maximum=_MOST)
        check_integer(_FIT, "batch_size", self.batch_size, minimum=1)
        check_integer(_FIT, "accumulate", self.accumulate, minimum=1, maximum=_MOST)
        steps = self.steps_per_epoch
        if steps is not None:
            check_integer(_FIT, "steps_per_epoch", steps, minimum=1, maximum=_MOST)
        for name in ("shuffle", "drop_last", "training_metrics"):
            check_boolean(_FIT, name, getattr(self, name))
        check_class_weights(_FIT, self.class_weights)
        check_collection(_FIT, "callbacks", self.callbacks, Callback)
        for callback in self.callbacks:
            check_instance(_FIT, "callbacks", callback, Callback)
            require_hooks(callback)
        # they may be short ones of NumPy; a batch is never larger than the data, whatever is asked for
        return self._replace(
            epochs=int(self.epochs),
            batch_size=min(int(self.batch_size), _MOST),
            accumulate=int(self.accumulate),
            steps_per_epoch=None if steps is None else int(steps),
            callbacks=tuple(self.callbacks),
        )


class Given(NamedTuple):
    """Data to learn from, data to measure after each epoch by what it is called, and the names that it all has."""

    training: Intake
    measured: dict[str, Intake]
    schema: Schema


def taken_in(
    data: Any,
    validation: Any,
    settings: Settings,
    *,
    model: Model,
    cost: Cost,
    metrics: Sequence[Metric],
    weights: Any,
    mask: Any,
    seed: int,
    standardize_targets: bool,
    trained: bool,
) -> Given:
    """All data of a fit. A model without values has them then, and its readout scales targets that are standardised.

    Raises:
        ArgumentError, DataError, ShapeError: it cannot be learned from, or not be measured.
    """
    steps = settings.steps_per_epoch
    training = take_in(
        data,
        model,
        cost,
        split="train",
        weights=weights,
        mask=mask,
        to_train=True,
        seed=seed,
        class_weights=settings.class_weights,
        standardize_targets=standardize_targets,
        first_batches=None if steps is None else steps * settings.accumulate,
        trained=trained,
    )
    model.readout = training.targets.scale or model.readout
    schema = model.schema
    if isinstance(own := training.source, Examples):
        classes = class_names(own, cost)
        schema = schema.completed(columns=own.names, target=own.target_name, classes=classes)
    measured = {"training": as_measured(training, steps)} if settings.training_metrics else {}
    if validation is not None:
        held_out = take_in(validation, model, cost, split="test", schema=schema, place="validation data")
        measured["validation"] = held_out
        if isinstance(told := held_out.source, Examples) and not isinstance(training.source, Examples):
            # batches are matched with the names that are known before the first
            schema = schema.completed(columns=told.names, target=told.target_name, classes=None)
    require_usable(model, training, cost)
    for each in measured.values():
        require_measurable(model, each, metrics)
    return Given(training, measured, schema)
