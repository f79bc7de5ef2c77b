"""What optimizers remember follows their parameters."""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from tests.reference.updates import new_context


def test_memory_follows_the_parameters_to_their_new_places() -> None:
    ctx = new_context((ParameterSlice("a", 0, 2, (2,), ()), ParameterSlice("b", 2, 5, (3,), ())))
    ctx.state("velocity")[...] = [1, 2, 3, 4, 5]
    ctx.state("square", fill=9.0)
    ctx.lay_out((ParameterSlice("b", 0, 3, (3,), ()), ParameterSlice("c", 3, 5, (2,), ())), np.dtype("float32"))
    np.testing.assert_array_equal(ctx.state("velocity"), [3, 4, 5, 0, 0])
    np.testing.assert_array_equal(ctx.state("square"), 9)
    assert ctx.state("velocity").dtype == np.float32


def test_a_parameter_of_another_shape_begins_anew() -> None:
    ctx = new_context((ParameterSlice("a", 0, 4, (4,), ()), ParameterSlice("b", 4, 6, (2,), ())))
    ctx.state("velocity", fill=0.5)[...] = [1, 2, 3, 4, 5, 6]
    ctx.lay_out((ParameterSlice("a", 0, 4, (2, 2), ()), ParameterSlice("b", 4, 6, (2,), ())), np.dtype("float64"))
    np.testing.assert_array_equal(ctx.state("velocity"), [0.5, 0.5, 0.5, 0.5, 5, 6])


A, B, C = (ParameterSlice(name, 2 * place, 2 * place + 2, (2,), ()) for place, name in enumerate("abc"))


def test_a_number_for_each_slice_follows_it_and_begins_at_0_where_it_is_new() -> None:
    ctx = new_context((A, B))
    ctx.slice_numbers("count")[...] = [3, 5]
    other = new_context()
    other.restore(ctx.memory())
    other.lay_out(
        (ParameterSlice("b", 0, 2, (2,), ()), ParameterSlice("c", 2, 4, (2,), ()), ParameterSlice("a", 4, 5, (1,), ())),
        np.dtype("float32"),
    )
    np.testing.assert_array_equal(other.slice_numbers("count"), [5, 0, 0])
    assert other.slice_numbers("count").dtype == np.float64
    assert "count" not in other.memory()["numbers"]


def restored(**numbers: list[float]) -> UpdateContext:
    """A context that has taken over the state of an earlier version."""
    ctx, memory = new_context(), new_context((A, B)).memory()
    del memory["slice_numbers"]
    ctx.restore({**memory, "numbers": {name: np.array(kept) for name, kept in numbers.items()}})
    return ctx


def test_a_number_that_was_kept_for_all_is_that_of_what_was_trained_then() -> None:
    ctx = restored(count=[7.0], turns=[2.0], other=[1.0, 2.0])
    ctx.lay_out((A, B, C), np.dtype("float64"))
    np.testing.assert_array_equal(ctx.slice_numbers("count"), [7, 7, 0])
    np.testing.assert_array_equal(ctx.slice_numbers("other"), 0)
    np.testing.assert_array_equal(ctx.numbers("turns", 1), [2])
    memory = ctx.memory()
    assert memory["numbers"].keys() == {"turns", "other"}
    assert memory["slice_numbers"].keys() == {"count", "other"}


def test_what_engines_copy_back_after_a_step_that_failed_has_the_number_that_was_kept_for_all() -> None:
    ctx = restored(count=[7.0])
    copies = [(array, array.copy()) for array in ctx.arrays()]
    count = ctx.slice_numbers("count")
    count += 1
    ctx.reset()
    for array, copy in copies:
        array[...] = copy
    np.testing.assert_array_equal(ctx.slice_numbers("count"), [7, 7])


def test_blocks_hold_neighbours_of_one_count() -> None:
    vector = np.arange(6.0)
    for given, wanted in (
        ([0, 0, 0], [(slice(0, 3), [0, 1, 2, 3, 4, 5])]),
        ([2, 2, 1], [(slice(0, 2), [0, 1, 2, 3]), (slice(2, 3), [4, 5])]),
        ([1, 2, 1], [(slice(0, 1), [0, 1]), (slice(1, 2), [2, 3]), (slice(2, 3), [4, 5])]),
    ):
        ctx = new_context((A, B, C))
        counts = ctx.slice_numbers("count")
        counts[...] = given
        found = ctx.blocks_by(counts, vector, work=1)
        assert [(place, np.concatenate([block for block, _ in blocks]).tolist()) for place, blocks in found] == wanted
        assert all(work.shape == block.shape for _, blocks in found for block, work in blocks)
        assert ctx.blocks_by(counts, vector, work=1) is found


def test_long_stretches_are_cut() -> None:
    long = ParameterSlice("a", 0, 100_003, (100_003,), ()), ParameterSlice("b", 100_003, 100_004, (1,), ())
    ctx = new_context(long)
    vector, counts = np.arange(100_004.0), ctx.slice_numbers("count")
    counts[...] = [4, 1]
    (_, first), (_, second) = ctx.blocks_by(counts, vector)
    assert len(first) > 3
    np.testing.assert_array_equal(np.concatenate([block for (block,) in (*first, *second)]), vector)


def test_where_nothing_is_trained_there_are_no_blocks() -> None:
    ctx = new_context()
    assert ctx.blocks_by(ctx.slice_numbers("count"), np.zeros(0), work=2) == []
