-- Death after a diagnosis of diabetes, by insulin in the first half-year
--
-- Study     dmlate_insulin, version 1.0.0
-- Meaning   sha256:52aae82d6f08472e16ca89f91efc742dd4099b6f6b7c686913fdcad8df0a2e18
-- Compiler  studyspec 0.1.0, for DuckDB
--
-- Reads the tables of the schema source, makes temporary tables, and ends with a preview,
-- which is not releasable. Results are published by `studyspec run` alone, which guards them.

-- -----------------------------------------------------------------------------------------------------------------
-- Sources: the model's tables, and only the columns that are read
-- -----------------------------------------------------------------------------------------------------------------

-- person: People
create temporary view person as
select
    persons.person_id,
    persons.birth_date,
    persons.sex
from source.persons;

-- diagnosis: Diagnoses of diabetes
create temporary view diagnosis as
select
    events.person_id,
    events.event_date as date
from source.events
where events.event = 'diabetes_diagnosis';

-- insulin: First insulin
create temporary view insulin as
select
    events.person_id,
    events.event_date as date
from source.events
where events.event = 'first_insulin';

-- death: Deaths
create temporary view death as
select
    events.person_id,
    events.event_date as date
from source.events
where events.event = 'death';

-- -----------------------------------------------------------------------------------------------------------------
-- Cohort diagnosed
-- -----------------------------------------------------------------------------------------------------------------

-- diagnosed: everyone with an index, the first such day in diagnosis
create temporary table diagnosed_index as
select
    person.person_id,
    min(diagnosis.date) as index_date
from person
join diagnosis on diagnosis.person_id = person.person_id
where diagnosis.date between date '1995-01-01' and date '2009-12-31'
group by person.person_id;

-- at_once: Died on the day of the diagnosis
-- Who has such a row in death: Deaths
create temporary table at_once_death as
select
    diagnosed_index.person_id
from diagnosed_index
join death on death.person_id = diagnosed_index.person_id
where death.date = diagnosed_index.index_date
group by diagnosed_index.person_id;

-- Each criterion: true, false, or null where it cannot be told
create temporary table diagnosed_criteria as
select
    diagnosed_index.person_id,
    diagnosed_index.index_date,
    -- exclude at_once: Died on the day of the diagnosis
    at_once_death.person_id is not null as at_once
from diagnosed_index
left join at_once_death on at_once_death.person_id = diagnosed_index.person_id;

-- Where each of them leaves: at the first criterion, in order, that is not met or cannot be told
create temporary table diagnosed_attrition as
select
    diagnosed_criteria.person_id,
    diagnosed_criteria.index_date,
    case when diagnosed_criteria.at_once then 'at_once' else 'included' end as left_at
from diagnosed_criteria;

-- diagnosed: who met every criterion
create temporary table diagnosed as
select
    diagnosed_attrition.person_id,
    diagnosed_attrition.index_date
from diagnosed_attrition
where diagnosed_attrition.left_at = 'included';

-- -----------------------------------------------------------------------------------------------------------------
-- Exposure treatment
-- -----------------------------------------------------------------------------------------------------------------

-- early: Insulin within 180 days
-- Who has such a row in insulin: First insulin
create temporary table early_insulin as
select
    diagnosed.person_id
from diagnosed
join insulin on insulin.person_id = diagnosed.person_id
where insulin.date >= diagnosed.index_date
  and insulin.date < diagnosed.index_date + 180
group by diagnosed.person_id;

-- treatment: the first of these levels that applies
--   early: Insulin within 180 days
--   other: No insulin within 180 days
create temporary table treatment as
select
    diagnosed.person_id,
    case when early_insulin.person_id is not null then 'early' else 'other' end as treatment
from diagnosed
left join early_insulin on early_insulin.person_id = diagnosed.person_id;

-- -----------------------------------------------------------------------------------------------------------------
-- Follow-up
-- -----------------------------------------------------------------------------------------------------------------

-- death: the first one on or after the index
create temporary table death_date as
select
    diagnosed.person_id,
    min(death.date) as death_date
from diagnosed
join death on death.person_id = diagnosed.person_id
where death.date >= diagnosed.index_date
group by diagnosed.person_id;

-- From when to when each of them is followed
create temporary table follow_up as
select
    diagnosed.person_id,
    diagnosed.index_date,
    -- First day of follow-up
    diagnosed.index_date + 180                      as entry_date,
    -- Last day of follow-up
    least(death_date.death_date, date '2009-12-31') as exit_date
from diagnosed
left join death_date on death_date.person_id = diagnosed.person_id;

-- -----------------------------------------------------------------------------------------------------------------
-- Outcome died: Dies
-- -----------------------------------------------------------------------------------------------------------------

-- died: the days that count
create temporary table died_dates as
select
    follow_up.person_id,
    follow_up.entry_date,
    follow_up.exit_date,
    -- Whether it came before follow-up started
    coalesce(death_date.death_date < follow_up.entry_date, false) as had_before,
    -- The outcome
    death_date.death_date                                         as event_date,
    -- The first of these days, and so the end of the time at risk
    least(death_date.death_date, follow_up.exit_date)             as end_date
from follow_up
left join death_date on death_date.person_id = follow_up.person_id;

-- died: Dies
-- How each of them starts follow-up, and what ends the time at risk
create temporary table died as
select
    died_dates.person_id,
    -- What each of them is when follow-up starts
    case
        when died_dates.had_before then 'prior'
        when died_dates.exit_date is null or died_dates.exit_date <= died_dates.entry_date then 'ended'
        when died_dates.event_date = died_dates.entry_date then 'time_zero'
        else 'at_risk'
    end as start,
    -- Days at risk, for those at risk
    died_dates.end_date - died_dates.entry_date as day,
    -- What ended their time at risk
    case when died_dates.event_date = died_dates.end_date then 'event' else 'censored' end as "end"
from died_dates;

-- -----------------------------------------------------------------------------------------------------------------
-- Report attrition
-- -----------------------------------------------------------------------------------------------------------------

-- Everyone with an index, by where they left
create temporary table attrition as
select
    diagnosed_attrition.left_at,
    -- 0 for single cells; else which columns are summed over
    grouping(diagnosed_attrition.left_at)         as margin_of,
    count(distinct diagnosed_attrition.person_id) as entities
from diagnosed_attrition
group by grouping sets (
    (diagnosed_attrition.left_at),
    ()
);

-- -----------------------------------------------------------------------------------------------------------------
-- Report baseline
-- -----------------------------------------------------------------------------------------------------------------

-- age: completed years since birth_date; who is born on 29 February has a birthday every 28 February
create temporary table diagnosed_age as
select
    diagnosed.person_id,
    extract(year from diagnosed.index_date) - extract(year from person.birth_date) - case
        when extract(month from diagnosed.index_date) < extract(month from person.birth_date) then 1
        when extract(month from diagnosed.index_date) > extract(month from person.birth_date) then 0
        when extract(day from diagnosed.index_date) >= extract(day from person.birth_date) then 0
        when extract(day from diagnosed.index_date + 1) = 1 then 0
        else 1
    end as age_at_index
from diagnosed
join person on person.person_id = diagnosed.person_id;

-- What the study defines and the reports read, for everyone in the cohort
create temporary table diagnosed_values as
select
    diagnosed.person_id,
    case
        when diagnosed_age.age_at_index between 0 and 39 then '0-39'
        when diagnosed_age.age_at_index between 40 and 49 then '40-49'
        when diagnosed_age.age_at_index between 50 and 59 then '50-59'
        when diagnosed_age.age_at_index between 60 and 69 then '60-69'
        when diagnosed_age.age_at_index between 70 and 79 then '70-79'
        when diagnosed_age.age_at_index >= 80 then '80+'
    end as age_group
from diagnosed
join diagnosed_age on diagnosed_age.person_id = diagnosed.person_id;

-- The variables of report baseline, each as one of its declared categories
create temporary table diagnosed_baseline as
select
    diagnosed.person_id,
    case
        when person.sex is null then 'unknown'
        when person.sex in ('F', 'M') then person.sex
        else 'other'
    end as sex,
    coalesce(diagnosed_values.age_group, 'unknown') as age_group,
    treatment.treatment
from diagnosed
join treatment on treatment.person_id = diagnosed.person_id
join person on person.person_id = diagnosed.person_id
join diagnosed_values on diagnosed_values.person_id = diagnosed.person_id;

-- sex, by treatment: people in each cell
create temporary table baseline_sex as
select
    diagnosed_baseline.sex,
    diagnosed_baseline.treatment,
    -- 0 for single cells; else which columns are summed over
    grouping(diagnosed_baseline.sex, diagnosed_baseline.treatment) as margin_of,
    count(distinct diagnosed_baseline.person_id)                   as entities
from diagnosed_baseline
group by grouping sets (
    (diagnosed_baseline.sex, diagnosed_baseline.treatment),
    (diagnosed_baseline.sex),
    (diagnosed_baseline.treatment),
    ()
);

-- age_group, by treatment: people in each cell
create temporary table baseline_age_group as
select
    diagnosed_baseline.age_group,
    diagnosed_baseline.treatment,
    -- 0 for single cells; else which columns are summed over
    grouping(diagnosed_baseline.age_group, diagnosed_baseline.treatment) as margin_of,
    count(distinct diagnosed_baseline.person_id) as entities
from diagnosed_baseline
group by grouping sets (
    (diagnosed_baseline.age_group, diagnosed_baseline.treatment),
    (diagnosed_baseline.age_group),
    (diagnosed_baseline.treatment),
    ()
);

-- -----------------------------------------------------------------------------------------------------------------
-- Report risk
-- -----------------------------------------------------------------------------------------------------------------

-- died: what everyone in the cohort is when follow-up starts
create temporary table risk_died_start as
select
    died.start,
    treatment.treatment,
    -- 0 for single cells; else which columns are summed over
    grouping(died.start, treatment.treatment) as margin_of,
    count(distinct died.person_id)            as entities
from died
join treatment on treatment.person_id = died.person_id
group by grouping sets (
    (died.start, treatment.treatment),
    (died.start),
    (treatment.treatment),
    ()
);

-- died: those at risk, by the day their time at risk ended and by what ended it
create temporary table risk_died_curve as
select
    treatment.treatment,
    died.day,
    died."end",
    0                              as margin_of,
    count(distinct died.person_id) as entities
from died
join treatment on treatment.person_id = died.person_id
where died.start = 'at_risk'
group by treatment.treatment, died.day, died."end";

-- -----------------------------------------------------------------------------------------------------------------
-- Preview, NOT RELEASABLE: what would be too small to publish, and how large the rest is
-- -----------------------------------------------------------------------------------------------------------------

-- Cells that nobody is in are not listed; true counts are never shown
select
    cells.cube,
    cells.cell,
    case
        when cells.entities < cells.smallest then 'small'
        else 'published after guarding'
    end as status,
    case
        when cells.entities < cells.smallest then '<' || cast(cells.smallest as varchar)
        when cells.entities < 100 then cast(cells.smallest as varchar) || '-99'
        when cells.entities < 1000 then '100-999'
        else '1000+'
    end as entities,
    'NOT RELEASABLE' as note
from (
    select
        1 as place,
        'attrition' as cube,
        coalesce(attrition.left_at, 'all') as cell,
        attrition.margin_of,
        attrition.entities,
        5 as smallest
    from attrition
    union all
    select
        2 as place,
        'baseline_sex' as cube,
        coalesce(baseline_sex.sex, 'all') || ', ' ||
        coalesce(baseline_sex.treatment, 'all') as cell,
        baseline_sex.margin_of,
        baseline_sex.entities,
        5 as smallest
    from baseline_sex
    union all
    select
        3 as place,
        'baseline_age_group' as cube,
        coalesce(baseline_age_group.age_group, 'all') || ', ' ||
        coalesce(baseline_age_group.treatment, 'all') as cell,
        baseline_age_group.margin_of,
        baseline_age_group.entities,
        5 as smallest
    from baseline_age_group
    union all
    select
        4 as place,
        'risk_died_start' as cube,
        coalesce(risk_died_start.start, 'all') || ', ' ||
        coalesce(risk_died_start.treatment, 'all') as cell,
        risk_died_start.margin_of,
        risk_died_start.entities,
        5 as smallest
    from risk_died_start
    union all
    select
        5 as place,
        'risk_died_curve' as cube,
        coalesce(risk_died_curve.treatment, 'all') || ', ' ||
        coalesce(risk_died_curve."end", 'all') as cell,
        risk_died_curve.margin_of,
        sum(risk_died_curve.entities) as entities,
        5 as smallest
    from risk_died_curve
    group by risk_died_curve.treatment, risk_died_curve."end", risk_died_curve.margin_of
) as cells
order by cells.place, cells.margin_of desc, cells.cell nulls last;
