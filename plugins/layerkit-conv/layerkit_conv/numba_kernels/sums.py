"""The sums of a convolution, of its transpose, and of its weights' gradient: products of windows where they lie.

All arrays are flat.
"""

from __future__ import annotations

from typing import Any

from layerkit_numba import compiled
from layerkit_numba.copying import copy_run
from layerkit_numba.gathered import gathered_product


@compiled
def lay(values: Any, source: int, apart: int, rows: int, row: int, target: Any, place: int, step: int) -> None:
    """Copy rows of so many numbers, which lie ``apart`` from ``source`` on, to lie ``step`` apart from ``place`` on."""
    for number in range(rows):
        copy_run(values, source + number * apart, target, place + number * step, row)


@compiled
def sum_windows(
    values: Any,
    strips: Any,
    padded: bool,
    height: int,
    row: int,
    step: int,
    first: int,
    size: int,
    pixels: Any,
    offsets: Any,
    spots: Any,
    phases: Any,
    packed: Any,
    start: Any,
    sums: Any,
    sums_size: int,
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    groups: int,
    group_step: int,
    width: int,
    begin: int,
    end: int,
) -> None:
    """For each pixel of the result the sum over what its window holds, times the weights.

    An image has ``height`` rows; of the result, ``sums_size`` numbers. Where there is padding, it is first laid into
    the middle of a strip of zeros, of ``size`` numbers, which stays in the cache: that of the piece's first image, so
    that no two pieces share one.
    """
    panels = (width + panel - 1) // panel
    source = strips if padded else values
    for image in range(begin, end):
        at = image * height * row
        if padded:
            at = begin * size
            lay(values, image * height * row, row, height, row, strips, at + first, step)
        for group in range(groups):
            for phase in range(phases.size // 5):
                pixel, count, begins = phases[5 * phase], phases[5 * phase + 1], phases[5 * phase + 4]
                offset, depth = phases[5 * phase + 2], phases[5 * phase + 3]
                packed_at = (group * offsets.size + offset) * panels * panel
                pieces = max(1, (depth + limit - 1) // limit)
                length = (depth + pieces - 1) // pieces
                for number in range(panels):
                    for piece in range(pieces):
                        done = piece * length
                        gathered_product(
                            tall,
                            abreast,
                            count,
                            min(length, depth - done),
                            source,
                            at + group * group_step,
                            pixels,
                            pixel,
                            offsets,
                            offset + done,
                            packed,
                            packed_at + (number * depth + done) * panel,
                            panel,
                            sums,
                            image * sums_size + group * width + number * panel,
                            spots,
                            min(panel, width - number * panel),
                            begins if piece == 0 else 0,
                            start,
                            (group * panels + number) * panel,
                        )


@compiled
def add_weight_gradient(
    values: Any,
    strips: Any,
    padded: bool,
    height: int,
    row: int,
    step: int,
    first: int,
    size: int,
    pixels: Any,
    offsets: Any,
    spots: Any,
    maps: Any,
    rooms: Any,
    gradient: Any,
    bias_gradient: Any,
    biased: bool,
    one: Any,
    zeros: Any,
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    groups: int,
    group_step: int,
    width: int,
    together: int,
    grain: int,
    images: int,
    begin: int,
    end: int,
) -> None:
    """Add to rows of the weights' gradient: for each what it was multiplied with, times what came of it.

    ``together`` images are gone through at once. A piece has a strip of its own for them. The first piece adds to the
    bias's gradient too, for which ``one`` is multiplied with what came of it, from the places ``zeros``.
    """
    if begin == end:
        return
    slot = begin // grain
    filters = groups * width
    windows = pixels.size // together
    source = strips if padded else values
    for image in range(0, images, together):
        count = min(together, images - image)
        at = image * height * row
        if padded:
            at = slot * together * size
            for number in range(count):
                lay(values, (image + number) * height * row, row, height, row, strips, at + number * size + first, step)
        for done in range(0, count * windows, limit):
            depth = min(limit, count * windows - done)
            for group in range(groups):
                for place in range(0, width, panel):
                    column = group * width + place
                    columns = min(panel, width - place)
                    right, right_at, across = maps, (image * windows + done) * filters + column, filters
                    if columns < panel:
                        # the last vector would reach beyond the maps
                        lay(maps, right_at, filters, depth, columns, rooms, slot * limit * panel, panel)
                        right, right_at, across = rooms, slot * limit * panel, panel
                    gathered_product(
                        tall,
                        abreast,
                        end - begin,
                        depth,
                        source,
                        at + group * group_step,
                        offsets,
                        begin,
                        pixels,
                        done,
                        right,
                        right_at,
                        across,
                        gradient,
                        column,
                        spots,
                        columns,
                        0,
                        gradient,
                        0,
                    )
                    if biased and begin == 0:
                        gathered_product(
                            1,
                            abreast,
                            1,
                            depth,
                            one,
                            0,
                            zeros,
                            0,
                            zeros,
                            0,
                            right,
                            right_at,
                            across,
                            bias_gradient,
                            column,
                            zeros,
                            columns,
                            0,
                            bias_gradient,
                            0,
                        )
