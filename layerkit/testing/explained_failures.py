"""Which failures say nothing new, because another failure of the same component explains them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from layerkit.testing.report import Failure
from layerkit.testing.suite import Check


def explained(failures: Mapping[str, Failure], checks: Sequence[Check], known: Collection[str]) -> dict[str, str]:
    """Of the failures, by check and in the order of the checks, those that another explains, each with the reason.

    What one fault in the component's code led to is told by one check. That is explained by a failure of a check that
    ``told_by`` names, wherever that stands, and by one of a *foundation* that stands before it. What is left has no
    explanation but a fault of its own. Failures that are ``known``, as their author said, are never explained away, and
    a known one of a foundation explains nothing: its author wants to see the rest.
    """
    by_name = {each.name: each for each in checks}
    shaken = [name for name in failures if by_name[name].foundation and name not in known]
    # a foundation that an error merely stopped has found nothing out
    shaken = [name for name in shaken if not failures[name].stopped]
    heads = _heads(failures, by_name)
    tellers: dict[str, str] = {}
    for name, head in heads.items():
        teller = _teller(by_name[name], failures, shaken, by_name)
        if teller is not None and head not in tellers and _root(heads[teller], tellers) != head:
            tellers[head] = heads[teller]
    reasons: dict[str, str] = {}
    for name, head in heads.items():
        if head in tellers:
            reasons[name] = f"{_root(head, tellers)} fails, and this would say nothing new"
        elif name != head:
            reasons[name] = f"it is stopped by the same error as {head}"
    return {name: reason for name, reason in reasons.items() if name not in known}


def _heads(failures: Mapping[str, Failure], by_name: Mapping[str, Check]) -> dict[str, str]:
    """For each failure the one that tells the fault behind it: itself, unless one line led to several."""
    group = {name: name for name in failures}
    first: dict[object, str] = {}
    for name, failure in failures.items():
        for fault in failure.raised.faults if failure.raised is not None else ():
            one, other = group[first.setdefault(fault, name)], group[name]
            group |= {each: one for each, of in group.items() if of == other}
    members = {of: [name for name in group if group[name] == of] for of in group.values()}
    heads = {of: _head(names, failures, by_name) for of, names in members.items()}
    return {name: heads[of] for name, of in group.items()}


def _head(names: Sequence[str], failures: Mapping[str, Failure], by_name: Mapping[str, Check]) -> str:
    """The first, which says on which line of the component's the fault is, or the one that explains it.

    Where the line is layerkit's, the first that reckoned with the error.
    """
    reckoned = [name for name in names if not failures[name].stopped]
    has_line = {name: bool((raised := failures[name].raised) and raised.file) for name in names}
    head = min(names, key=lambda name: name not in reckoned and not has_line[name])
    while teller := next((name for name in by_name[head].told_by if name in reckoned), None):
        head = teller
    return head


def _teller(
    check: Check, failures: Mapping[str, Failure], shaken: Sequence[str], by_name: Mapping[str, Check]
) -> str | None:
    named = next((name for name in check.told_by if name in failures), None)
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


def _root(name: str, tellers: Mapping[str, str]) -> str:
    while name in tellers:
        name = tellers[name]
    return name
