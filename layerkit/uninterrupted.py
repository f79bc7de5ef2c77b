"""Work that is finished before an interruption is obeyed."""

from __future__ import annotations

from collections.abc import Callable


def uninterrupted(work: Callable[[], object]) -> None:
    """Run ``work``, from its beginning again if something interrupts it, and raise the interruption once it is done.

    ``work`` gives the same however much of it was done before. Ctrl-C may come any number of times, an error once.
    """
    interruption: BaseException | None = None
    while True:
        try:
            work()
            break
        except BaseException as error:
            if interruption is not None and not isinstance(error, KeyboardInterrupt):
                raise
            interruption = error
    if interruption is not None:
        raise interruption
