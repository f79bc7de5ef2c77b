"""Work that is finished before an interruption is obeyed."""

from __future__ import annotations

from collections.abc import Callable


def uninterrupted(work: Callable[[], object]) -> None:
    """Run ``work``, from its beginning again if Ctrl-C comes meanwhile, which is raised once it is done.

    ``work`` gives the same however much of it was done before.
    """
    interruption: KeyboardInterrupt | None = None
    while True:
        try:
            work()
            break
        except KeyboardInterrupt as error:
            interruption = error
    if interruption is not None:
        raise interruption
