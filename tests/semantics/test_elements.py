"""Cohorts, indexes, exposures, follow-up, outcomes, states and reports: what is understood, and what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from studyspec import review
from studyspec.catalogue.load import load_catalogue, load_model
from studyspec.catalogue.types import Catalogue
from studyspec.language import parse
from studyspec.semantics import core, resolve
from studyspec.semantics.digest import _flat
from studyspec.source import Diagnostic, Source
from tests.semantics.sample import TODAY

CLIENTS = """cohort clients of person
    index first jobseeking starting during [2019-01-01, 2022-12-31] washout 365 days
"""
RESIDENTS = """cohort residents of person
    index at 2020-01-01
"""
FOLLOW = "follow-up from index to earliest(index + 2 years, death, end of data)\n"
JOBS = """outcome jobs
    every employment starting during follow-up
"""
STUDY = """outcome studying
    first study starting during follow-up
"""
WORKING = """exposure working varying
    level employed while employment
    level not_employed otherwise
"""
ACTIVITY = """state activity
    level in_work where any employment covering that day
    level other otherwise
"""


def understood(*parts: str) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    text = "study s version 1\nlanguage en\nmodel fi_municipal 1\n" + "".join(parts)
    document = parse(Source("s.study", text))
    return resolve(document, load_catalogue(document, Path(__file__).parent, None), TODAY)


def study(*parts: str) -> core.Study:
    found, faults = understood(*parts)
    assert found is not None, faults
    return found


def cohort(text: str, *before: str) -> core.Cohort:
    return study(*before, text, "report attrition in own\n").cohorts[-1]


# --- cohorts ---------------------------------------------------------------------------------------------------------


def test_a_washout_is_a_step_of_the_index() -> None:
    index = study(CLIENTS, "report attrition\n").cohort.index
    assert isinstance(index, core.IndexEvent)
    assert (index.pick, index.washout) == ("first", core.Step(365, "day"))


def test_every_row_or_period_makes_a_unit_of_its_own() -> None:
    every = cohort("cohort own of person\n    index every jobseeking starting during [2019-01-01, 2020-12-31]\n")
    assert every.repeated
    months = cohort("cohort own of person\n    index every month during [2019-01-01, 2020-12-31]\n")
    assert months.repeated
    assert isinstance(months.index, core.IndexPeriods)
    assert months.index.unit == "month"
    assert not cohort(RESIDENTS.replace("residents", "own")).repeated


def test_cohorts_are_put_together_from_those_before() -> None:
    both = cohort("cohort own of person\n    index from clients union residents\n", CLIENTS, RESIDENTS)
    assert both.index == core.IndexUnits(op="union", cohorts=("clients", "residents"))
    assert both.repeated
    without = cohort("cohort own of person\n    index from clients except residents\n", CLIENTS, RESIDENTS)
    assert not without.repeated


def test_a_comparison_is_assigned_by_what_is_matched() -> None:
    text = "cohort own of person\n    index assigned from clients matched on sex ratio 2 seed 7\n"
    index = cohort(text, CLIENTS).index
    assert isinstance(index, core.IndexAssigned)
    assert (index.cohort, len(index.on), index.ratio, index.replacement, index.seed) == ("clients", 1, 2, False, 7)


NEAR = """define age_then = age at index
define share = (count of service during [2015-01-01, 2018-01-01)) / 3
define waited = days of jobseeking during [2015-01-01, 2018-01-01)
"""


def matched_on(*what: str) -> str:
    return f"cohort own of person\n    index assigned from clients matched on {', '.join(what)}\n"


@pytest.mark.parametrize(
    ("what", "distance"),
    [
        ("age_then within 2", 2),
        ("age_then within 2.5", Decimal("2.5")),
        ("share within 0.5", Decimal("0.5")),
        ("share within 2.0", 2),
        ("waited within 90", 90),
        ("waited within 90 days", 90),
        ("birth_date within 180 days", 180),
        ("birth_date within 2 weeks", 14),
    ],
)
def test_numbers_and_dates_are_matched_within_a_distance(what: str, distance: int | Decimal) -> None:
    index = cohort(matched_on("sex", what), NEAR, CLIENTS).index
    assert isinstance(index, core.IndexAssigned)
    assert (len(index.on), [one.distance for one in index.near]) == (1, [distance])
    assert index.values == (*index.on, index.near[0].value)


@pytest.mark.parametrize(
    ("code", "what", "where"),
    [
        ("wrong-type", "sex within 2", "2"),
        ("wrong-type", "sex within 2 days", "2 days"),
        ("wrong-type", "share", "share"),
        ("unit-missing", "birth_date within 3", "3"),
        ("unit-not-fixed", "birth_date within 2 months", "2 months"),
        ("unit-not-fixed", "age_then within 2 years", "2 years"),
        ("type-mismatch", "age_then within 30 days", "30 days"),
        ("type-mismatch", "share within 2 weeks", "2 weeks"),
        ("unknown-name", "nothing within 2", "nothing"),
    ],
)
def test_what_has_no_distance_or_another_unit_is_refused(code: str, what: str, where: str) -> None:
    _, faults = understood(NEAR, CLIENTS, matched_on(what), "report attrition in own\n")
    assert [(f.code, f.span.text) for f in faults if f.severity == "error"] == [(code, where)]


def test_a_distance_is_part_of_what_a_study_means_and_exact_matching_means_what_it_did() -> None:
    def meaning(what: str) -> str:
        return study(NEAR, CLIENTS, matched_on(what), "report attrition in own\n").hash

    assert meaning("age_then within 2") == meaning("age_then within 2.0")
    assert len({meaning(what) for what in ("age_then", "age_then within 0", "age_then within 2")}) == 3
    index = study(CLIENTS, matched_on("sex"), "report attrition in own\n").cohorts[-1].index
    assert "near" not in _flat(index, {})


def test_how_far_apart_what_is_matched_on_may_be_is_told() -> None:
    what = matched_on("sex", "age_then within 2", "birth_date within 1 day")
    (index,) = review.explain(study(NEAR, CLIENTS, what, "report attrition in own\n"), ["own.index"])
    assert index.means[0].endswith("the same value, known, of: the person's sex. Which ones is drawn by a fixed rule.")
    assert index.means[1:3] == (
        "Both values are known and differ by 2 years at most, of: `age_then`.",
        "Both values are known and differ by 1 day at most, of: the person's date of birth.",
    )
    assert index.origin is not None
    assert {one.column for one in index.origin.columns} == {"person.sex", "person.birth_date"}


def test_a_cohort_of_what_has_something_behind_it_counts_that_too() -> None:
    assert cohort("cohort own of vacancy\n    index at 2020-01-01\n").cluster == "employer_id"
    assert cohort(RESIDENTS.replace("residents", "own")).cluster is None


def test_each_cohort_has_checks_with_the_range_of_its_own_index() -> None:
    text = """cohort early of person
    index at 1950-01-01
    include seeking where any jobseeking before index
"""
    _, faults = understood(text, RESIDENTS, "report attrition in early\nreport attrition in residents\n")
    assert [f.code for f in faults] == ["before-coverage"] or not faults


def test_a_definition_can_ask_for_membership_of_any_cohort_where_reports_use_it() -> None:
    found = study(
        "define in_clients = member of clients\n",
        RESIDENTS.replace("2020-01-01", "2019-06-01"),
        CLIENTS,
        "report baseline of in_clients in residents\nreport attrition in clients\n",
    )
    assert [one.name for one in found.definitions] == ["in_clients"]


def test_a_cohort_at_fault_is_one_fault_though_others_are_made_from_it() -> None:
    broken = CLIENTS.replace("jobseeking", "jobseekin")
    made = "cohort own of person\n    index from clients\n    include in_it where member of clients\n"
    _, faults = understood(broken, made, ATTRITION)
    assert [f.code for f in faults if f.severity == "error"] == ["unknown-name"]


# --- days of the data ------------------------------------------------------------------------------------------------

RISK = "report risk of studying at 1 year\n"


def test_the_data_end_with_the_rows_whose_day_ends_follow_up() -> None:
    graduated = "define graduated = first date of degree during (index, index + 1 year]\n"
    until = FOLLOW.replace("death, ", "graduated, death, ")
    for follow_up, end in ((FOLLOW, "2024-12-31"), (until, "2023-12-31")):
        found = study(graduated if follow_up == until else "", CLIENTS, follow_up, STUDY, RISK)
        assert str(found.outcomes[0].end_of_data) == end


@pytest.mark.parametrize(
    "parts",
    [
        ("cohort own of person\n    index at birth_date\n", "report attrition\n"),
        (CLIENTS, "follow-up from birth_date to earliest(index + 1 year, death)\n", STUDY, RISK),
        (CLIENTS, "follow-up from index to earliest(birth_date + 90 years, death, end of data)\n", STUDY, RISK),
        (CLIENTS, FOLLOW + "    entry at birth_date + 60 years\n", STUDY, RISK),
    ],
)
def test_a_date_that_an_index_or_follow_up_is_taken_from_is_a_column_the_study_reads(parts: tuple[str, ...]) -> None:
    assert core.ColumnRef("person", "birth_date") in study(*parts).columns


def test_rows_whose_day_ends_follow_up_are_checked_as_others_are() -> None:
    early = "define seeking = first start of jobseeking before index\n"
    _, faults = understood(early, CLIENTS, FOLLOW.replace("death, ", "seeking, death, "), STUDY, RISK)
    assert "series-break" in [f.code for f in faults]


# --- the rest --------------------------------------------------------------------------------------------------------


def test_a_varying_exposure_says_when_each_level_is_on() -> None:
    found = study(CLIENTS, WORKING, FOLLOW, STUDY, "report risk of studying by working at 1 year\n")
    (exposure,) = found.exposures
    assert exposure.varying
    assert exposure.window is None
    assert exposure.levels[0].during is not None
    assert [c.key for c in exposure.categories] == ["employed", "not_employed"]


def test_an_outcome_that_recurs_is_counted_by_events() -> None:
    found = study(CLIENTS, FOLLOW, JOBS, "report events of jobs by sex at 1 year\n")
    assert found.outcomes[0].recurring
    assert isinstance(found.reports[0], core.EventsReport)
    assert [v.name for v in found.strata] == ["sex"]


def test_a_state_is_asked_of_a_day() -> None:
    found = study(CLIENTS, FOLLOW, ACTIVITY, "report state of activity at 3 months, 1 year\n")
    (state,) = found.states
    query = state.levels[0].condition
    assert isinstance(query, core.RowQuery)
    assert query.window.low is not None
    assert query.window.low.base == "that day"


def test_delayed_entry_is_a_time_of_the_follow_up() -> None:
    found = study(CLIENTS, FOLLOW + "    entry at index + 30 days\n", STUDY, "report risk of studying at 1 year\n")
    assert isinstance(found.follow_up, core.FollowUp)
    assert found.follow_up.entry is not None
    assert found.follow_up.entry.steps == (core.Step(30, "day"),)


def test_reports_name_their_cohort() -> None:
    found = study(CLIENTS, RESIDENTS, "report attrition in clients\nreport baseline of sex in residents\n")
    assert [r.cohort for r in found.reports] == ["clients", "residents"]


MONTHLY = "cohort monthly of person\n    index every month during (2019-11-01, 2020-02-01]\n"


def test_a_trend_has_the_periods_of_its_cohort() -> None:
    (report,) = study(MONTHLY, "define adult = age at index >= 18\n", "report trend of adult by sex\n").reports
    assert isinstance(report, core.TrendReport)
    assert (report.unit, [p.key for p in report.periods]) == ("month", ["2019-12-01", "2020-01-01", "2020-02-01"])


def test_quarters_and_years_are_named_by_themselves() -> None:
    quarters = MONTHLY.replace("month during (2019-11-01", "quarter during [2019-11-01").replace("02-01]", "12-31]")
    (report,) = study(quarters, "report trend of sex\n").reports
    assert isinstance(report, core.TrendReport)
    assert [p.labels["en"] for p in report.periods] == ["2020 Q1", "2020 Q2", "2020 Q3", "2020 Q4"]


def test_numbers_are_described_and_numbers_of_rows_are_counted_in_a_baseline() -> None:
    found = study(
        RESIDENTS,
        "define pay_a_time = mean of amount of pay during [index - 90 days, index)\n"
        "define years = age at index\ndefine searches = count of jobseeking during [index - 1 year, index)\n",
        "report baseline of sex, years, searches, pay_a_time\nreport distribution of searches by sex\n",
    )
    baseline, distribution = found.reports
    assert isinstance(baseline, core.BaselineReport)
    assert [v.name for v in baseline.of] == ["sex", "searches"]
    assert [q.name for q in baseline.numbers] == ["years", "pay_a_time"]
    assert isinstance(distribution, core.DistributionReport)
    assert [q.name for q in distribution.of] == ["searches"]


# --- refusals --------------------------------------------------------------------------------------------------------

OWN = "cohort own of person\n    index "
ATTRITION = "report attrition in own\n"
REFUSED = [
    ("no-index", "age at index >= 18", OWN + "none\n    include adult where age at index >= 18\n" + ATTRITION),
    (
        "no-index",
        "index",
        OWN + "none\n" + FOLLOW.replace(", death", "") + STUDY + "report risk of studying at 1 year\n",
    ),
    ("periods-unbounded", None, OWN + "every month during [2019-01-01, end of data]\n" + ATTRITION),
    ("too-many-periods", None, OWN + "every month during [1800-01-01, 2020-12-31]\n" + ATTRITION),
    ("unknown-name", "clinets", CLIENTS + OWN + "from clinets\n" + ATTRITION),
    ("named-twice", "clients", CLIENTS + OWN + "from clients union clients\n" + ATTRITION),
    (
        "cohort-of-other-entity",
        "open",
        "cohort open of vacancy\n    index at 2020-01-01\n" + OWN + "from open\n" + ATTRITION,
    ),
    (
        "definition-of-other-entity",
        "adult",
        "define adult = age at index >= 18\n" + RESIDENTS + "    include grown where adult\n"
        "cohort own of vacancy\n    index at 2020-01-01\n    include large where adult\n" + ATTRITION,
    ),
    ("cohort-needed", None, CLIENTS + RESIDENTS + "report attrition\n"),
    ("unknown-name", "resident", CLIENTS + RESIDENTS + "report attrition in resident\n"),
    ("one-breakdown", "birth_country", CLIENTS + "report baseline of sex by mother_tongue, birth_country\n"),
    ("by-varying", "working", CLIENTS + WORKING + FOLLOW + "report baseline of sex by working\n"),
    ("recurring-outcome", "jobs", CLIENTS + FOLLOW + JOBS + "report risk of jobs at 1 year\n"),
    ("recurring-outcome", "studying", CLIENTS + FOLLOW + STUDY + "report events of studying at 1 year\n"),
    ("competing-recurs", "jobs", CLIENTS + FOLLOW + JOBS + STUDY + "    competing with jobs\nreport attrition\n"),
    ("clause-idle", "at time zero keep", CLIENTS + FOLLOW + JOBS + "    at time zero keep\nreport attrition\n"),
    ("not-recorded", None, CLIENTS + FOLLOW + 'outcome died\n    recorded where sex = "1"\nreport attrition\n'),
    ("recorded-start", None, CLIENTS + "follow-up recorded in person to birth_date\nreport attrition\n"),
    ("wrong-type", "sex", CLIENTS + "follow-up recorded in person to sex\nreport attrition\n"),
    (
        "recorded-needed",
        None,
        CLIENTS + "follow-up recorded in person from birth_date to birth_date\n" + STUDY + "report attrition\n",
    ),
    ("trend-periods", None, CLIENTS + "report trend of sex\n"),
    ("wrong-type", "sex", CLIENTS + "report distribution of sex\n"),
    ("element-missing", None, CLIENTS + ACTIVITY + "report state of activity at 1 year\n"),
    ("unknown-name", "activiti", CLIENTS + FOLLOW + ACTIVITY + "report state of activiti at 1 year\n"),
]


@pytest.mark.parametrize(("code", "place", "text"), REFUSED, ids=[f"{c}-{n}" for n, (c, _, _) in enumerate(REFUSED)])
def test_refused_at_its_place_and_once(code: str, place: str | None, text: str) -> None:
    found, faults = understood(text)
    assert found is None
    assert [f.code for f in faults if f.severity == "error"] == [code], faults
    if place is not None:
        assert [f.span.text for f in faults if f.span] == [place]


# --- what is read ----------------------------------------------------------------------------------------------------


def columns(text: str) -> set[str]:
    """The columns that a study reads, which permits have to allow."""
    model = load_model(Path(__file__).parents[2] / "docs/semantics/clinic.yaml")[0]
    document = parse(Source("s.study", f"study s version 1\nlanguage en\nmodel clinic 1\n{text}"))
    found, faults = resolve(document, Catalogue(model, model.codelists, None), TODAY)
    assert found is not None, faults
    return {str(column) for column in found.columns}


VISITED = "outcome seen\n    first visit during follow-up\nreport risk of seen at 30 days\n"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("cohort c of person\n    index at born\nreport attrition\n", "person.born"),
        (RESIDENTS + "follow-up from index to earliest(born, 2021-01-01)\n" + VISITED, "person.born"),
        (RESIDENTS + "follow-up from index to 2021-01-01\n    entry at born\n" + VISITED, "person.born"),
        (
            "cohort c of person\n    index none\nfollow-up recorded in stay from start to end\n"
            'outcome moved\n    recorded where ward = "s"\nreport risk of moved at 30 days\n',
            "stay.ward",
        ),
    ],
)
def test_what_dates_an_index_or_follow_up_or_tells_its_end_is_read(text: str, column: str) -> None:
    assert column in columns(text)
