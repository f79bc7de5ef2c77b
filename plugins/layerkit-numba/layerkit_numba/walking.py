"""Runs a step that is data: walks a table of functions, batch by batch, in one thread or in several side by side."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.meeting import CODE, GIVEN_UP, meet, read, swap, wake
from layerkit_numba.subnormals import flush_subnormals, restore_mode
from layerkit_numba.wrapping import FAILED, enter

GO_ON, SKIP, STOP, LEFT = 0, 1, 2, 3
"""What an instruction that decides may return: go on; leave out the rest of this batch; end, for numbers are not
finite. ``LEFT`` is what a thread returns because another has failed."""

BEGIN, END, BASE, ROWS, OFFSET, LAST, ACCUMULATE, STEP, NUMBER, THREADS = range(10)
"""What a run is told: the first batch and the one behind the last, that of the first step, the rows of a batch and how
many come before the order's first, the batch that ends the last step, the batches of a step, the number of the first
step, and which thread of how many this is."""

FUNCTION, WORDS, MEETS, DECIDES = range(4)
"""The columns of a table: where a function is, or 0 where this thread has nothing to do; where its words are; whether
the threads meet before it; and whether it decides."""


@compiled
def walk(table: Any, told: Any, rates: Any, integers: Any, numbers: Any, shared: Any, failure: Any) -> int:
    """The functions of a table with their words, for each batch; the last code.

    All threads have tables of as many rows, and meet at the same ones. What decides is done by the first thread, and
    all of them hear of it.
    """
    mode = flush_subnormals()
    threads, phase = told[THREADS], 0
    code = GO_ON
    for batch in range(told[BEGIN], told[END]):
        slot = (batch - told[BASE]) // told[ACCUMULATE]
        integers[0] = batch
        integers[1] = slot
        integers[2] = batch * told[ROWS] - told[OFFSET]
        integers[3] = told[STEP] + slot
        integers[4] = told[LAST]
        numbers[0] = rates[slot]
        code = GO_ON
        for place in range(table.shape[0]):
            if threads > 1 and table[place, MEETS] != 0:
                phase = meet(shared, threads, phase)
            if phase >= 0 and table[place, FUNCTION] != 0:
                code = enter(table[place, FUNCTION], table[place, WORDS], failure)
                if code == FAILED:
                    swap(shared, GIVEN_UP, 1)
                    wake(shared)
                    break
            if threads > 1 and table[place, DECIDES] != 0 and phase >= 0:
                if told[NUMBER] == 0:
                    swap(shared, CODE, code)
                phase = meet(shared, threads, phase)
                code = read(shared, CODE)
            if phase < 0:
                code = LEFT
            if code != GO_ON:
                break
        if code != GO_ON and code != SKIP:  # noqa: PLR1714
            break
    restore_mode(mode)
    return code
