"""Samplers of Optuna by name, made anew for each trial."""

from __future__ import annotations

from typing import Any

from layerkit.random_streams import RandomStreams


def sampler_for(name: str, *, seed: int, number: int) -> Any:
    """The sampler that draws one trial.

    Its seed is the trial's own, so what it draws depends on the trials before, and not on how a search came to them.
    """
    import optuna

    own = int(RandomStreams(seed).fresh("sampler", number).integers(2**31))
    if name == "random":
        return optuna.samplers.RandomSampler(seed=own)
    if name == "cma-es":
        startup = optuna.samplers.RandomSampler(seed=own)
        return optuna.samplers.CmaEsSampler(seed=own, warn_independent_sampling=False, independent_sampler=startup)
    if name == "gp":
        return optuna.samplers.GPSampler(seed=own)
    return optuna.samplers.TPESampler(seed=own, multivariate=True, group=True, warn_independent_sampling=False)


def trial_seed(seed: int, number: int) -> int:
    """The seed that a trial trains with."""
    return int(RandomStreams(seed).fresh("trial", number).integers(2**32))


def final_seeds(seed: int, count: int) -> list[int]:
    """The seeds with which the winner is trained."""
    return [int(RandomStreams(seed).fresh("final", number).integers(2**32)) for number in range(count)]
