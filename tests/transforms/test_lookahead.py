from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, Dense, GradientDescent, Lookahead, Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError
from tests.reference.updates import vector_context


def test_every_few_updates_the_fast_weights_go_back_to_the_slow_ones() -> None:
    transform, ctx = Lookahead(period=3, alpha=0.5), vector_context(1)
    parameters, slow = np.array([0.0]), 0.0
    for step in range(1, 10):
        transform.before(parameters, np.zeros(1), ctx)
        parameters += 1.0
        fast = float(parameters[0])
        transform.after(parameters, ctx)
        if step % 3:
            assert parameters[0] == fast
        else:
            slow += 0.5 * (fast - slow)
            assert parameters[0] == slow


def test_what_was_frozen_begins_where_it_is() -> None:
    model = Sequential([Dense(3), Dense(1)]).initialize(4, seed=0, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), transforms=[Lookahead(period=1)])
    data = np.ones((8, 4)), np.ones((8, 1))
    model[0].freeze()
    trainer.fit(data, epochs=3, batch_size=8)
    before = model[0].weight.copy()
    model[0].unfreeze()
    trainer.fit(data, epochs=1, batch_size=8)
    # slow weights of 0 would have halved them
    assert np.abs(model[0].weight - before).max() < 0.1 * np.abs(before).max()


def test_with_alpha_1_nothing_is_held_back() -> None:
    def trained(*transforms: Lookahead) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        model = Sequential([Dense(1)]).initialize(4, seed=0)
        trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), transforms=transforms, seed=0)
        trainer.fit((np.ones((8, 4)), np.ones((8, 1))), epochs=7, batch_size=4)
        return model.structure.parameters

    np.testing.assert_allclose(trained(Lookahead(period=2, alpha=1.0)), trained(), rtol=1e-6)


@pytest.mark.parametrize("argument", [{"period": 0}, {"alpha": 0.0}, {"alpha": 1.5}])
def test_arguments_out_of_range(argument: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match=f"Lookahead: {next(iter(argument))}"):
        Lookahead(**argument)  # type: ignore[arg-type]
