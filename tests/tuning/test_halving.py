from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from layerkit.tuning.halving import Stage, halved
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import Outcome

pytestmark = pytest.mark.extra


def test_a_trial_has_taken_the_time_of_all_its_stages() -> None:
    lasting = {1: 1.0, 3: 10.0, 9: 100.0}

    def perform(stages: Mapping[int, Stage]) -> Iterator[Outcome]:
        for number, stage in stages.items():
            epochs = min(stage.until, 9)
            yield Outcome(
                number=number,
                state="paused" if epochs < 9 else "complete",
                value=float(number),
                curve=(float(number),) * epochs,
                seconds=lasting[epochs],
                kept=epochs if epochs < 9 else None,
            )

    found = halved(range(6), {}, epochs=9, objective=Objective("accuracy"), perform=perform)
    assert {outcome.number: outcome.seconds for outcome in found} == {0: 1, 1: 1, 2: 1, 3: 1, 4: 11, 5: 111}
