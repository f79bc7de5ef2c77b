"""How many threads a piece gets, by the times of the pieces before."""

from __future__ import annotations

from layerkit_numba.team import Pace


class TestPace:
    def test_it_takes_all_threads_where_they_are_faster(self) -> None:
        pace = Pace(2)
        assert pace.choose(10) == 1
        pace.note(1, 10, 0.05)
        assert pace.choose(10) == 2
        pace.note(2, 10, 0.03)
        assert {pace.choose(10) for _ in range(60)} == {2}

    def test_now_and_then_it_looks_how_long_one_thread_takes_now(self) -> None:
        pace = Pace(2)
        pace.note(1, 10, 0.5)  # the first piece was slow
        pace.note(2, 10, 0.09)
        assert [pace.choose(10) for _ in range(128)].count(1) == 2
        pace.note(1, 10, 0.05)
        assert pace.choose(10) == 1

    def test_one_bad_piece_is_an_accident_and_a_taken_core_is_not(self) -> None:
        pace = Pace(2)
        pace.note(1, 10, 0.05)
        pace.note(2, 10, 0.03)
        pace.note(2, 10, 0.06)
        assert pace.choose(10) == 2
        pace.note(2, 10, 0.08)
        chosen = [pace.choose(10) for _ in range(66)]
        assert chosen[:8] == [1, 2, 1, 1, 2, 1, 1, 1]
        assert chosen[31:].count(2) == 2

    def test_it_comes_back_to_all_threads_when_the_core_is_free_again(self) -> None:
        pace = Pace(2)
        pace.note(1, 10, 0.05)
        pace.note(2, 10, 0.5)
        assert pace.choose(10) == 1
        pace.note(1, 10, 0.05)
        pace.note(2, 10, 0.03)
        assert pace.choose(10) == 2

    def test_a_moment_is_not_worth_waking_threads_for(self) -> None:
        pace = Pace(2)
        pace.note(1, 100, 0.05)
        assert (pace.choose(1), pace.choose(100)) == (1, 2)
