"""Which failures say nothing new, because another failure of the same component explains them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from layerkit.testing.report import Failure
from layerkit.testing.suite import Check


def explained(failures: Mapping[str, Failure], checks: Sequence[Check], known: Collection[str]) -> dict[str, str]:
    """Of the failures, by check and in the order of the checks, those that another explains, each with the reason.

    A failure is explained by one of a check that ``told_by`` names, wherever that stands; by one of a *foundation* that
    stands before it; and by one that the same line of the component's own code led to. What is left has no explanation
    but a fault of its own. Failures that are ``known``, as their author said, are never explained away, and a known one
    of a foundation explains nothing: its author wants to see the rest.
    """
    by_name = {each.name: each for each in checks}
    shaken = [name for name in failures if by_name[name].foundation and name not in known]
    # a foundation that an error merely stopped has found nothing out
    shaken = [name for name in shaken if not failures[name].stopped]
    tellers: dict[str, str] = {}
    for name in failures:
        teller = _teller(by_name[name], failures, shaken, by_name)
        if teller is not None:
            tellers[name] = teller
    told = set(tellers)
    _join_by_error(failures, tellers)
    return {
        name: f"{_root(name, tellers)} fails, and this would say nothing new"
        if name in told
        else f"it is stopped by the same error as {_root(name, tellers)}"
        for name in tellers
        if name not in known
    }


def _teller(
    check: Check, failures: Mapping[str, Failure], shaken: Sequence[str], by_name: Mapping[str, Check]
) -> str | None:
    # where one error stopped both, neither says more than the other
    stopped = failures[check.name].stopped
    told = (name for name in check.told_by if name in failures and not (stopped and failures[name].stopped))
    named = next(told, None)
    if named is not None or check.foundation:
        return named
    order = list(by_name)
    before = [name for name in shaken if order.index(name) < order.index(check.name)]
    return next((name for name in before if check.name not in _telling(by_name[name], by_name)), None)


def _telling(check: Check, by_name: Mapping[str, Check]) -> set[str]:
    """The checks that explain a check, directly or through others."""
    found: set[str] = set()
    waiting = list(check.told_by)
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in found:
            found.add(name)
            waiting += by_name[name].told_by
    return found


def _join_by_error(failures: Mapping[str, Failure], tellers: dict[str, str]) -> None:
    """Have what one fault in the component's code led to told once.

    By the first, which says on which line of the component's it is; by a check that reckoned with the error where that
    is layerkit's.
    """
    by_fault: dict[object, list[Failure]] = {}
    for failure in failures.values():
        for fault in failure.raised.faults if failure.raised is not None else ():
            by_fault.setdefault(fault, []).append(failure)
    for same in by_fault.values():
        told = next((failure for failure in same if failure.check in tellers), min(same, key=_is_at_a_loss))
        root = _root(told.check, tellers)
        for failure in same:
            other = _root(failure.check, tellers)
            if other != root:
                tellers[other] = root


def _is_at_a_loss(failure: Failure) -> bool:
    return failure.stopped and failure.raised is not None and not failure.raised.file


def _root(name: str, tellers: Mapping[str, str]) -> str:
    while name in tellers:
        name = tellers[name]
    return name
