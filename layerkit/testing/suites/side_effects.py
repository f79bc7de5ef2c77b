"""What making and using a component may do besides: nothing that others would notice."""

from __future__ import annotations

from layerkit.testing.side_effects import attempted, folders_of, kept_settings
from layerkit.testing.subject import Subject
from layerkit.testing.suite import exercise, suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet


def made_without_side_effects(subject: Subject) -> None:
    """Making it opens, writes, starts, prints and sets nothing: components are made to be looked at and copied."""
    noted, error = attempted(subject.make, folders_of(subject.target))
    if noted:
        raise Unmet(
            f"making it {_joined(noted)}",
            expected="a constructor that stores its arguments, and leaves the process and the machine as they were",
            cause="what is to be opened, started or read is opened where it is used: by a callback in fit_started, by "
            "a dataset in load, by an engine in start; settings of the process are not a component's to change",
        )
    if error is not None:
        raise NotApplicable("it cannot be made with the arguments of the case") from error


@told_by("made-without-side-effects")
def used_without_side_effects(subject: Subject) -> None:
    """Using it leaves the settings that all code of the process shares as they were."""
    # what making it sets is another check's business, and is put back here, too
    with kept_settings():
        component = subject.make()
        with kept_settings() as noted:
            try:
                exercise(component, subject.case)
            except Exception as error:
                raise NotApplicable(f"it cannot be used: {type(error).__name__}") from error
    if noted:
        raise Unmet(
            f"using it changes {_joined(noted)}",
            expected="settings that are as they were: other code of the process relies on them",
            cause="a setting is changed for everybody in the place of this code alone: with np.errstate(…), with "
            "np.printoptions(…), with warnings.catch_warnings() put it back",
        )


def _joined(noted: list[str]) -> str:
    return ", and ".join(dict.fromkeys(noted))


MAKING = suite(made_without_side_effects)
USING = suite(used_without_side_effects)
