"""Runs a step that is data: walks a table of functions, batch by batch."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.subnormals import flush_subnormals, restore_mode
from layerkit_numba.wrapping import enter

GO_ON, SKIP, STOP = 0, 1, 2
"""What an instruction that decides may return: go on; leave out the rest of this batch; end, for numbers are not
finite."""

BEGIN, END, BASE, ROWS, ACCUMULATE, STEP = range(6)
"""What a run is told: the first batch and the one behind the last, that of the first step, the rows of a full batch,
the batches of a step, and the number of the first step."""


@compiled
def walk(table: Any, told: Any, rates: Any, integers: Any, numbers: Any, failure: Any) -> int:
    """The functions at ``table[:, 0]`` with the words at ``table[:, 1]``, for each batch; the last code."""
    mode = flush_subnormals()
    code = GO_ON
    for batch in range(told[BEGIN], told[END]):
        slot = (batch - told[BASE]) // told[ACCUMULATE]
        integers[0] = batch
        integers[1] = slot
        integers[2] = batch * told[ROWS]
        integers[3] = told[STEP] + slot
        numbers[0] = rates[slot]
        code = GO_ON
        for place in range(table.shape[0]):
            code = enter(table[place, 0], table[place, 1], failure)
            if code != GO_ON:
                break
        if code != GO_ON and code != SKIP:  # noqa: PLR1714
            break
    restore_mode(mode)
    return code
