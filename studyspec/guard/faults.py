"""What the guard can refuse.  No message speaks of the data: only of the policy, the columns or the release."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.source import Diagnostic


def open_not_public(registers: Iterable[str]) -> Diagnostic:
    """The policy is `open`, and the result is made from registers that are not declared public."""
    names = ", ".join(sorted(set(registers)))
    return Diagnostic(
        "open-not-public",
        f"The policy `open` publishes exact numbers, and these registers are not declared public: {names}.",
        remedy="Run under a guarded policy; only the site's model can declare a register public.",
    )


def origin_unknown(columns: Iterable[str]) -> Diagnostic:
    """A cube is made from a column that the site's model does not know, so its rule cannot be found."""
    names = ", ".join(sorted(set(columns)))
    return Diagnostic(
        "origin-unknown",
        f"The disclosure rule of these columns cannot be found in the site's model: {names}.",
        remedy="Use the model that the site accepts, with a register behind every column.",
    )


def cubes_disagree(name: str) -> Diagnostic:
    """Counts that must agree by declaration do not: the engine or the plan is at fault, and nothing may be released."""
    return Diagnostic(
        "cubes-disagree",
        f"The counts of `{name}` do not agree with the other counts of the same people, so nothing was released.",
        remedy="This is a fault of studyspec or of the binding, not of the study; please report the study's SQL.",
    )


def cannot_protect(name: str) -> Diagnostic:
    """The attacker still finds a hidden cell after everything around it was hidden."""
    return Diagnostic(
        "cannot-protect",
        f"The guard cannot protect `{name}` even by hiding every table around it, so nothing was released.",
        remedy="Ask for fewer or coarser tables.",
    )


def differencing() -> Diagnostic:
    """The cohort differs from earlier ones of the site by too few people."""
    return Diagnostic(
        "differencing",
        "This cohort is too close to cohorts released before from the same data, so its results could be subtracted "
        "from theirs.",
        remedy="Use the earlier release, or change the cohort by more than a few people.",
    )


def cohorts_too_close() -> Diagnostic:
    """Cohorts of one release differ by too few people, two of them or three."""
    return Diagnostic(
        "cohorts-too-close",
        "Cohorts of this study differ from each other by too few people, so their results could be subtracted from "
        "each other.",
        remedy="Publish reports of one of them, or let them differ by more than a few people.",
    )


def permit_population() -> Diagnostic:
    """The cohort is larger than a permit of the study allows."""
    return Diagnostic(
        "permit-population",
        "The cohort is larger than one of the study's permits allows.",
        remedy="Narrow the cohort, or apply for an amendment.",
    )


def crossing_releases() -> Diagnostic:
    """An earlier release cut the same value at other points, for people who are in both."""
    return Diagnostic(
        "crossing-releases",
        "An earlier release divides a value of this study's baseline at other points, so that subtracting one table "
        "from the other would count the people in between.",
        remedy="Use the categories of the earlier release.",
    )


def crossing_variables(one: str, other: str) -> Diagnostic:
    """Two variables of a release cut one value at different points: their difference counts those in between."""
    return Diagnostic(
        "crossing-variables",
        f"The variables `{one}` and `{other}` divide the same value at different points, so that subtracting one table "
        "from the other would count the people in between.",
        remedy="Publish one of them, or let the categories of one be made of whole categories of the other.",
    )
