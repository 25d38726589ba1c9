-- A trial
--
-- Study     trial, version 1.0.0
-- Meaning   sha256:0000000000000000
-- Compiler  studyspec 0.1.0, for DuckDB
--
-- Reads the tables of the schema source, makes temporary tables, and ends with a preview,
-- which is not releasable. Results are published by `studyspec run` alone, which guards them.

-- -----------------------------------------------------------------------------------------------------------------
-- Sources: the model's tables, and only the columns that are read
-- -----------------------------------------------------------------------------------------------------------------

-- person: Table person
create temporary view person as
select
    person.person_id,
    person.birth_date,
    person.vip,
    person."group"
from source.person;

-- visit: Table visit
create temporary view visit as
select
    visit.person_id,
    visit.date,
    visit.code,
    visit.cost,
    visit.nights
from source.visit;

-- stay: Table stay
-- end is the first day after a spell; one that is still open is taken to end on 2025-01-01
create temporary view stay as
select
    stay.person_id,
    stay.start,
    stay."end"
from source.stay;

-- death: Table death
create temporary view death as
select
    death.person_id,
    death.date
from source.death;

-- -----------------------------------------------------------------------------------------------------------------
-- Cohort visitors
-- -----------------------------------------------------------------------------------------------------------------

-- visitors: everyone with an index, the last such day in visit
create temporary table visitors_index as
select
    person.person_id,
    max(visit.date) as index_date
from person
join visit on visit.person_id = person.person_id
where visit.date > date '2019-12-31'
  and visit.code in (
          'code 00', 'code 01', 'code 02', 'code 03', 'code 04', 'code 05', 'code 06', 'code 07',
          'code 08', 'code 09', 'code 10', 'code 11', 'code 12', 'code 13', 'code 14', 'code 15',
          'code 16', 'code 17', 'code 18', 'code 19', 'code 20', 'code 21', 'code 22', 'code 23',
          'code 24', 'code 25', 'code 26', 'code 27', 'code 28', 'code 29'
      )
group by person.person_id;

-- age: completed years since birth_date; who is born on 29 February has a birthday every 28 February
create temporary table visitors_age as
select
    visitors_index.person_id,
    extract(year from date '2020-01-01') - extract(year from person.birth_date) - case
        when extract(month from date '2020-01-01') < extract(month from person.birth_date) then 1
        when extract(month from date '2020-01-01') > extract(month from person.birth_date) then 0
        when extract(day from date '2020-01-01') >= extract(day from person.birth_date) then 0
        when extract(day from date '2020-01-01' + 1) = 1 then 0
        else 1
    end as age_on_2020_01_01
from visitors_index
join person on person.person_id = visitors_index.person_id;

-- death: the first one on or after the index
create temporary table death_date as
select
    visitors_index.person_id,
    min(death.date) as death_date
from visitors_index
join death on death.person_id = visitors_index.person_id
where death.date >= visitors_index.index_date
group by visitors_index.person_id;

-- days_in
-- Spells that share a day with the window, clipped to it, from stay: Table stay
create temporary table days_in_stay_spells as
select
    visitors_index.person_id,
    -- First day in the window that no earlier spell holds
    greatest(
        stay.start,
        visitors_index.index_date,
        max(least(
            coalesce(stay."end", date '2025-01-01'),
            least(
                cast(visitors_index.index_date + interval '18 months' as date),
                death_date.death_date - 1
            ) + 1
        )) over (
            partition by visitors_index.person_id
            order by stay.start nulls last
            rows between unbounded preceding and 1 preceding
        )
    ) as first_day,
    -- First day after the spell, or after the window
    least(
        coalesce(stay."end", date '2025-01-01'),
        least(
            cast(visitors_index.index_date + interval '18 months' as date),
            death_date.death_date - 1
        ) + 1
    ) as day_after
from visitors_index
join stay on stay.person_id = visitors_index.person_id
left join death_date on death_date.person_id = visitors_index.person_id
where stay.start
          <= least(
              cast(visitors_index.index_date + interval '18 months' as date),
              death_date.death_date - 1
          )
  and coalesce(stay."end", date '2025-01-01') > visitors_index.index_date
  and stay.start < coalesce(stay."end", date '2025-01-01')
  and visitors_index.index_date
          < least(
              cast(visitors_index.index_date + interval '18 months' as date),
              death_date.death_date - 1
          ) + 1;

-- days_in
-- Distinct days in them
create temporary table days_in_stay as
select
    days_in_stay_spells.person_id,
    sum(greatest(days_in_stay_spells.day_after - days_in_stay_spells.first_day, 0)) as number_of_days
from days_in_stay_spells
group by days_in_stay_spells.person_id;

-- What the study defines and the criteria read, for everyone with an index
create temporary table visitors_definitions as
select
    visitors_index.person_id,
    coalesce(days_in_stay.number_of_days, 0) as days_in
from visitors_index
left join days_in_stay on days_in_stay.person_id = visitors_index.person_id;

-- What the study defines and the criteria read, for everyone with an index
create temporary table visitors_definitions_2 as
select
    visitors_index.person_id,
    -- stayed: Stayed at all
    visitors_definitions.days_in > 0 as stayed
from visitors_index
join visitors_definitions on visitors_definitions.person_id = visitors_index.person_id;

-- none_ever
-- Who does not meet it, having such a row in visit: Table visit
create temporary table none_ever_visit as
select
    visitors_index.person_id
from visitors_index
join visit on visit.person_id = visitors_index.person_id
where visit.date < visitors_index.index_date
  and visit.code in (
          'code 00', 'code 01', 'code 02', 'code 03', 'code 04', 'code 05', 'code 06', 'code 07',
          'code 08', 'code 09', 'code 10', 'code 11', 'code 12', 'code 13', 'code 14', 'code 15',
          'code 16', 'code 17', 'code 18', 'code 19', 'code 20', 'code 21', 'code 22', 'code 23',
          'code 24', 'code 25', 'code 26', 'code 27', 'code 28', 'code 29'
      )
group by visitors_index.person_id;

-- often: At least two visits in the year before
-- How many such rows each has that has any in visit: Table visit
create temporary table often_visit as
select
    visitors_index.person_id,
    count(*) as number_of_rows
from visitors_index
join visit on visit.person_id = visitors_index.person_id
where visit.date > cast(visitors_index.index_date - interval '1 year' as date)
  and visit.date <= visitors_index.index_date - 1
group by visitors_index.person_id;

-- two_of_three: At least two of three
-- The largest known value of nights, for everyone with such rows in visit: Table visit
create temporary table two_of_three_visit as
select
    visitors_index.person_id,
    max(visit.nights) as largest_nights
from visitors_index
join visit on visit.person_id = visitors_index.person_id
where visit.date is not null
  and cast(visit.date + interval '1 month' as date) < visitors_index.index_date
group by visitors_index.person_id;

-- two_of_three: At least two of three
-- The sum of the known values of nights, for everyone with such rows in visit: Table visit
create temporary table two_of_three_visit_2 as
select
    visitors_index.person_id,
    cast(sum(visit.nights) as bigint) as sum_nights
from visitors_index
join visit on visit.person_id = visitors_index.person_id
where visit.date < visitors_index.index_date
group by visitors_index.person_id;

-- two_of_three: At least two of three
-- How many different known values of code, for everyone with such rows in visit: Table visit
create temporary table two_of_three_visit_3 as
select
    visitors_index.person_id,
    count(distinct visit.code) as distinct_code
from visitors_index
join visit on visit.person_id = visitors_index.person_id
where visit.date is not null
group by visitors_index.person_id;

-- two_of_three: At least two of three
-- How many such rows each has that has any in visit: Table visit
create temporary table two_of_three_visit_4 as
select
    visitors_index.person_id,
    count(*) as number_of_rows
from visitors_index
join visit on visit.person_id = visitors_index.person_id
where visit.date is not null
group by visitors_index.person_id;

-- Each criterion: true, false, or null where it cannot be told
create temporary table visitors_criteria as
select
    visitors_index.person_id,
    visitors_index.index_date,
    -- exclude none_ever
    none_ever_visit.person_id is null                as none_ever,
    -- include often: At least two visits in the year before
    (
        coalesce(often_visit.number_of_rows, 0) >= 2
        or not (person."group" = 'it''s')
        or visitors_definitions_2.stayed
    ) as often,
    -- include known
    visitors_age.age_on_2020_01_01 between 0 and 120 as known,
    -- include two_of_three: At least two of three
    case
        when case when two_of_three_visit.largest_nights is not null then 1 else 0 end
                + case
                    when coalesce(two_of_three_visit_2.sum_nights, 0)
                            - coalesce(two_of_three_visit_3.distinct_code, 0)
                            > 2 * (coalesce(two_of_three_visit_4.number_of_rows, 0) + 1)
                        then 1
                    else 0
                end
                + case
                    when person.birth_date
                            < cast(visitors_index.index_date - interval '18 years' as date)
                        then 1
                    else 0
                end
                >= 2
            then true
        when case when two_of_three_visit.largest_nights is null then 1 else 0 end
                + case
                    when not (
                            coalesce(two_of_three_visit_2.sum_nights, 0)
                                - coalesce(two_of_three_visit_3.distinct_code, 0)
                                > 2 * (coalesce(two_of_three_visit_4.number_of_rows, 0) + 1)
                        )
                        then 1
                    else 0
                end
                + case
                    when not (
                            person.birth_date
                                < cast(visitors_index.index_date - interval '18 years' as date)
                        )
                        then 1
                    else 0
                end
                > 1
            then false
    end as two_of_three
from visitors_index
left join none_ever_visit on none_ever_visit.person_id = visitors_index.person_id
left join often_visit on often_visit.person_id = visitors_index.person_id
join person on person.person_id = visitors_index.person_id
join visitors_definitions_2 on visitors_definitions_2.person_id = visitors_index.person_id
join visitors_age on visitors_age.person_id = visitors_index.person_id
left join two_of_three_visit on two_of_three_visit.person_id = visitors_index.person_id
left join two_of_three_visit_2 on two_of_three_visit_2.person_id = visitors_index.person_id
left join two_of_three_visit_3 on two_of_three_visit_3.person_id = visitors_index.person_id
left join two_of_three_visit_4 on two_of_three_visit_4.person_id = visitors_index.person_id;

-- Where each of them leaves: at the first criterion, in order, that is not met or cannot be told
create temporary table visitors_attrition as
select
    visitors_criteria.person_id,
    visitors_criteria.index_date,
    case
        when visitors_criteria.none_ever then 'none_ever'
        when visitors_criteria.often is null then 'often unknown'
        when not visitors_criteria.often then 'often'
        when visitors_criteria.known is null then 'known unknown'
        when not visitors_criteria.known then 'known'
        when visitors_criteria.two_of_three is null then 'two_of_three unknown'
        when not visitors_criteria.two_of_three then 'two_of_three'
        else 'included'
    end as left_at
from visitors_criteria;

-- visitors: who met every criterion
create temporary table visitors as
select
    visitors_attrition.person_id,
    visitors_attrition.index_date
from visitors_attrition
where visitors_attrition.left_at = 'included';

-- -----------------------------------------------------------------------------------------------------------------
-- Follow-up
-- -----------------------------------------------------------------------------------------------------------------

-- From when to when each of them is followed
create temporary table follow_up as
select
    visitors.person_id,
    visitors.index_date,
    -- First day of follow-up
    visitors.index_date as entry_date,
    -- Last day of follow-up
    least(cast(visitors.index_date + interval '18 months' as date), death_date.death_date - 1) as exit_date
from visitors
left join death_date on death_date.person_id = visitors.person_id;

-- -----------------------------------------------------------------------------------------------------------------
-- Outcome left
-- -----------------------------------------------------------------------------------------------------------------

-- left
-- Such rows of stay on or after the index
create temporary table left_stay as
select
    follow_up.person_id,
    -- Such rows from the index up to the start of follow-up
    count(case when stay."end" - 1 < follow_up.entry_date then 1 end) as rows_before,
    -- The day it counts as known
    cast(min(
        case
            when stay."end" - 1 between follow_up.entry_date and follow_up.exit_date then stay."end" - 1
        end
    ) + 1 + interval '1 month' as date) as event_date
from follow_up
join stay on stay.person_id = follow_up.person_id
where stay."end" - 1 >= follow_up.index_date
group by follow_up.person_id;

-- left: the days that count
create temporary table left_dates as
select
    follow_up.person_id,
    follow_up.entry_date,
    follow_up.exit_date,
    -- Whether it came before follow-up started
    coalesce(left_stay.rows_before, 0) > 0 as had_before,
    -- The outcome
    left_stay.event_date,
    -- Competing: died
    death_date.death_date                  as died_date,
    -- The first of these days, and so the end of the time at risk
    least(left_stay.event_date, death_date.death_date, follow_up.exit_date) as end_date
from follow_up
left join left_stay on left_stay.person_id = follow_up.person_id
left join death_date on death_date.person_id = follow_up.person_id;

-- left
-- How each of them starts follow-up, and what ends the time at risk
create temporary table "left" as
select
    left_dates.person_id,
    -- What each of them is when follow-up starts
    case
        when left_dates.had_before then 'prior'
        when left_dates.exit_date is null
            or left_dates.exit_date <= left_dates.entry_date
            or left_dates.died_date <= left_dates.entry_date
            then 'ended'
        when left_dates.event_date = left_dates.entry_date then 'time_zero'
        else 'at_risk'
    end as start,
    -- Days at risk, for those at risk
    left_dates.end_date - left_dates.entry_date as day,
    -- What ended their time at risk
    case
        when left_dates.event_date = left_dates.end_date then 'event'
        when left_dates.died_date = left_dates.end_date then 'died'
        else 'censored'
    end as "end"
from left_dates;

-- -----------------------------------------------------------------------------------------------------------------
-- Outcome died
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
    -- Competing: left
    left_stay.event_date                                          as left_date,
    -- The first of these days, and so the end of the time at risk
    least(death_date.death_date, left_stay.event_date, follow_up.exit_date) as end_date
from follow_up
left join death_date on death_date.person_id = follow_up.person_id
left join left_stay on left_stay.person_id = follow_up.person_id;

-- died
-- How each of them starts follow-up, and what ends the time at risk
create temporary table died as
select
    died_dates.person_id,
    -- What each of them is when follow-up starts
    case
        when died_dates.had_before then 'prior'
        when died_dates.exit_date is null
            or died_dates.exit_date < died_dates.entry_date
            or died_dates.exit_date = died_dates.entry_date
                and coalesce(died_dates.event_date <> died_dates.entry_date, true)
                and coalesce(died_dates.left_date <> died_dates.entry_date, true)
            or died_dates.left_date < died_dates.entry_date
            then 'ended'
        else 'at_risk'
    end as start,
    -- Days at risk, for those at risk
    died_dates.end_date - died_dates.entry_date as day,
    -- What ended their time at risk
    case
        when died_dates.event_date = died_dates.end_date then 'event'
        when died_dates.left_date = died_dates.end_date then 'left'
        else 'censored'
    end as "end"
from died_dates;

-- -----------------------------------------------------------------------------------------------------------------
-- Report baseline
-- -----------------------------------------------------------------------------------------------------------------

-- first_visit: The first visit's kind
-- Such rows in visit: Table visit, each with its day
create temporary table first_visit_visit_rows as
select
    visitors.person_id,
    visit.code,
    -- The day that the window looks at
    visit.date                                             as row_date,
    -- The first such day
    min(visit.date) over (partition by visitors.person_id) as chosen_date
from visitors
join visit on visit.person_id = visitors.person_id
where visit.date < visitors.index_date;

-- first_visit: The first visit's kind
-- code on the first day; the smallest known one where rows share the day
create temporary table first_visit_visit as
select
    first_visit_visit_rows.person_id,
    min(
        case
            when first_visit_visit_rows.row_date = first_visit_visit_rows.chosen_date then first_visit_visit_rows.code
        end
    ) as first_code
from first_visit_visit_rows
group by first_visit_visit_rows.person_id;

-- What the study defines and the reports read, for everyone in the cohort
create temporary table visitors_values as
select
    visitors.person_id,
    -- first_visit: The first visit's kind
    case
        when first_visit_visit.first_code in ('a', 'b') then 'early'
        when first_visit_visit.first_code = 'c' then 'late'
    end as first_visit
from visitors
left join first_visit_visit on first_visit_visit.person_id = visitors.person_id;

-- costly
-- The sum of the known values of cost, for everyone with such rows in visit: Table visit
create temporary table costly_visit as
select
    visitors.person_id,
    sum(visit.cost) as sum_cost
from visitors
join visit on visit.person_id = visitors.person_id
where visit.date > cast(visitors.index_date - interval '1 year' as date)
  and visit.date <= visitors.index_date - 1
group by visitors.person_id;

-- The variables of report baseline, each as one of its declared categories
create temporary table visitors_baseline as
select
    visitors.person_id,
    case
        when person.vip then 'true'
        when not person.vip then 'false'
        else 'unknown'
    end as vip,
    case
        when person."group" is null then 'unknown'
        when person."group" = 'it''s' then person."group"
        else 'other'
    end as "group",
    coalesce(visitors_values.first_visit, 'unknown') as first_visit,
    case
        when coalesce(costly_visit.sum_cost, 0) > 99.5 then 'true'
        when not (coalesce(costly_visit.sum_cost, 0) > 99.5) then 'false'
        else 'unknown'
    end as costly
from visitors
join person on person.person_id = visitors.person_id
join visitors_values on visitors_values.person_id = visitors.person_id
left join costly_visit on costly_visit.person_id = visitors.person_id;

-- vip: people in each cell
create temporary table baseline_vip as
select
    visitors_baseline.vip,
    -- 0 for single cells; else which columns are summed over
    grouping(visitors_baseline.vip)             as margin_of,
    count(distinct visitors_baseline.person_id) as entities
from visitors_baseline
group by grouping sets (
    (visitors_baseline.vip),
    ()
);

-- group: people in each cell
create temporary table baseline_group as
select
    visitors_baseline."group",
    -- 0 for single cells; else which columns are summed over
    grouping(visitors_baseline."group")         as margin_of,
    count(distinct visitors_baseline.person_id) as entities
from visitors_baseline
group by grouping sets (
    (visitors_baseline."group"),
    ()
);

-- first_visit: people in each cell
create temporary table baseline_first_visit as
select
    visitors_baseline.first_visit,
    -- 0 for single cells; else which columns are summed over
    grouping(visitors_baseline.first_visit)     as margin_of,
    count(distinct visitors_baseline.person_id) as entities
from visitors_baseline
group by grouping sets (
    (visitors_baseline.first_visit),
    ()
);

-- costly: people in each cell
create temporary table baseline_costly as
select
    visitors_baseline.costly,
    -- 0 for single cells; else which columns are summed over
    grouping(visitors_baseline.costly)          as margin_of,
    count(distinct visitors_baseline.person_id) as entities
from visitors_baseline
group by grouping sets (
    (visitors_baseline.costly),
    ()
);

-- -----------------------------------------------------------------------------------------------------------------
-- Report risk
-- -----------------------------------------------------------------------------------------------------------------

-- left: what everyone in the cohort is when follow-up starts
create temporary table risk_left_start as
select
    "left".start,
    -- 0 for single cells; else which columns are summed over
    grouping("left".start)           as margin_of,
    count(distinct "left".person_id) as entities
from "left"
group by grouping sets (
    ("left".start),
    ()
);

-- left: those at risk, by the day their time at risk ended and by what ended it
create temporary table risk_left_curve as
select
    "left".day,
    "left"."end",
    0                                as margin_of,
    count(distinct "left".person_id) as entities
from "left"
where "left".start = 'at_risk'
group by "left".day, "left"."end";

-- died: what everyone in the cohort is when follow-up starts
create temporary table risk_died_start as
select
    died.start,
    -- 0 for single cells; else which columns are summed over
    grouping(died.start)           as margin_of,
    count(distinct died.person_id) as entities
from died
group by grouping sets (
    (died.start),
    ()
);

-- died: those at risk, by the day their time at risk ended and by what ended it
create temporary table risk_died_curve as
select
    died.day,
    died."end",
    0                              as margin_of,
    count(distinct died.person_id) as entities
from died
where died.start = 'at_risk'
group by died.day, died."end";

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
        'baseline_vip' as cube,
        coalesce(baseline_vip.vip, 'all') as cell,
        baseline_vip.margin_of,
        baseline_vip.entities,
        5 as smallest
    from baseline_vip
    union all
    select
        2 as place,
        'baseline_group' as cube,
        coalesce(baseline_group."group", 'all') as cell,
        baseline_group.margin_of,
        baseline_group.entities,
        5 as smallest
    from baseline_group
    union all
    select
        3 as place,
        'baseline_first_visit' as cube,
        coalesce(baseline_first_visit.first_visit, 'all') as cell,
        baseline_first_visit.margin_of,
        baseline_first_visit.entities,
        5 as smallest
    from baseline_first_visit
    union all
    select
        4 as place,
        'baseline_costly' as cube,
        coalesce(baseline_costly.costly, 'all') as cell,
        baseline_costly.margin_of,
        baseline_costly.entities,
        5 as smallest
    from baseline_costly
    union all
    select
        5 as place,
        'risk_left_start' as cube,
        coalesce(risk_left_start.start, 'all') as cell,
        risk_left_start.margin_of,
        risk_left_start.entities,
        5 as smallest
    from risk_left_start
    union all
    select
        6 as place,
        'risk_left_curve' as cube,
        coalesce(risk_left_curve."end", 'all') as cell,
        risk_left_curve.margin_of,
        sum(risk_left_curve.entities) as entities,
        5 as smallest
    from risk_left_curve
    group by risk_left_curve."end", risk_left_curve.margin_of
    union all
    select
        7 as place,
        'risk_died_start' as cube,
        coalesce(risk_died_start.start, 'all') as cell,
        risk_died_start.margin_of,
        risk_died_start.entities,
        5 as smallest
    from risk_died_start
    union all
    select
        8 as place,
        'risk_died_curve' as cube,
        coalesce(risk_died_curve."end", 'all') as cell,
        risk_died_curve.margin_of,
        sum(risk_died_curve.entities) as entities,
        5 as smallest
    from risk_died_curve
    group by risk_died_curve."end", risk_died_curve.margin_of
) as cells
order by cells.place, cells.margin_of desc, cells.cell nulls last;
