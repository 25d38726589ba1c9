-- Employment after starting at the Omnia skills centre
--
-- Study     omnia_employment, version 1.0.0
-- Meaning   sha256:37354547601cb07756989016c7d4e1c8cec8ee10ece0616f5200ceaf4ca3a1e2
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
    vaesto_henkilo.hlo_id      as person_id,
    vaesto_henkilo.syntyma_pv  as birth_date,
    vaesto_henkilo.sukup       as sex,
    vaesto_henkilo.kieli       as mother_tongue,
    vaesto_henkilo.ututku_aste as education
from source.vaesto_henkilo;

-- residence: Home municipalities
-- end is the first day after a spell; one that is still open is taken to end on 2025-01-01
create temporary view residence as
select
    vaesto_kotikunta.hlo_id                              as person_id,
    vaesto_kotikunta.muutto_pv                           as start,
    nullif(vaesto_kotikunta.lahto_pv, date '9999-12-31') as "end",
    vaesto_kotikunta.kunta                               as municipality
from source.vaesto_kotikunta;

-- jobseeking: Job-search spells
-- end is the first day after a spell; one that is still open is taken to end on 2025-01-01
create temporary view jobseeking as
select
    ura_ythaku.asiakas_id                            as person_id,
    ura_ythaku.alkpv1                                as start,
    nullif(ura_ythaku.loppv1, date '2222-11-11') + 1 as "end"
from source.ura_ythaku;

-- service: Services
-- end is the first day after a spell; one that is still open is taken to end on 2025-01-01
create temporary view service as
select
    asiakas_palvelu.asiakas_id   as person_id,
    asiakas_palvelu.alku_pv      as start,
    asiakas_palvelu.loppu_pv + 1 as "end",
    asiakas_palvelu.palvelukoodi as code
from source.asiakas_palvelu;

-- employment: Employment spells
-- end is the first day after a spell; one that is still open is taken to end on 2025-01-01
create temporary view employment as
select
    tulo_tyosuhde.hlo_id       as person_id,
    tulo_tyosuhde.alkupvm      as start,
    tulo_tyosuhde.loppupvm + 1 as "end"
from source.tulo_tyosuhde;

-- study: Study rights in use
create temporary view study as
select
    opinto_jakso.oppija_id as person_id,
    opinto_jakso.alku_pv   as start,
    case
        when opinto_jakso.tutkintotavoite = 'K' then true
        when opinto_jakso.tutkintotavoite = 'E' then false
        else cast(opinto_jakso.tutkintotavoite as boolean)
    end as degree
from source.opinto_jakso;

-- death: Deaths
create temporary view death as
select
    vaesto_kuolema.hlo_id    as person_id,
    vaesto_kuolema.kuolin_pv as date
from source.vaesto_kuolema;

-- migration: Moves
create temporary view migration as
select
    folk_muutto.hlo_id     as person_id,
    folk_muutto.muuttopv   as date,
    folk_muutto.muuttolaji as kind
from source.folk_muutto;

-- -----------------------------------------------------------------------------------------------------------------
-- Cohort clients
-- -----------------------------------------------------------------------------------------------------------------

-- clients: everyone with an index, the first such day in jobseeking
create temporary table clients_index as
select
    person.person_id,
    min(jobseeking.start) as index_date
from person
join jobseeking on jobseeking.person_id = person.person_id
where jobseeking.start between date '2019-01-01' and date '2022-12-31'
group by person.person_id;

-- age: completed years since birth_date; who is born on 29 February has a birthday every 28 February
create temporary table clients_age as
select
    clients_index.person_id,
    extract(year from clients_index.index_date) - extract(year from person.birth_date) - case
        when extract(month from clients_index.index_date) < extract(month from person.birth_date) then 1
        when extract(month from clients_index.index_date) > extract(month from person.birth_date) then 0
        when extract(day from clients_index.index_date) >= extract(day from person.birth_date) then 0
        when extract(day from clients_index.index_date + 1) = 1 then 0
        else 1
    end as age_at_index
from clients_index
join person on person.person_id = clients_index.person_id;

-- What the study defines and the criteria read, for everyone with an index
create temporary table clients_definitions as
select
    clients_index.person_id,
    -- law: Foreign-language speaker (vieraskielinen); gap: Mother tongue is self-reported and may be decades old.
    person.mother_tongue not in ('fi', 'se', 'smn', 'sms', 'sv') as client_group
from clients_index
join person on person.person_id = clients_index.person_id;

-- resident: Lives in the municipality
-- Who has such a row in residence: Home municipalities
create temporary table resident_residence as
select
    clients_index.person_id
from clients_index
join residence on residence.person_id = clients_index.person_id
where residence.start <= clients_index.index_date
  and coalesce(residence."end", date '2025-01-01') > clients_index.index_date
  and residence.municipality = '049'
group by clients_index.person_id;

-- earlier: Has been a client before
-- Who has such a row in service: Services
create temporary table earlier_service as
select
    clients_index.person_id
from clients_index
join service on service.person_id = clients_index.person_id
where service.start < clients_index.index_date
  and service.start < coalesce(service."end", date '2025-01-01')
  and service.code in ('S01', 'S02', 'S03')
group by clients_index.person_id;

-- Each criterion: true, false, or null where it cannot be told
create temporary table clients_criteria as
select
    clients_index.person_id,
    clients_index.index_date,
    -- include adult: 18 to 64 years old
    clients_age.age_at_index between 18 and 64 as adult,
    -- include resident: Lives in the municipality
    resident_residence.person_id is not null   as resident,
    -- include group: Belongs to the client group
    clients_definitions.client_group           as "group",
    -- exclude earlier: Has been a client before
    earlier_service.person_id is not null      as earlier
from clients_index
join clients_age on clients_age.person_id = clients_index.person_id
left join resident_residence on resident_residence.person_id = clients_index.person_id
join clients_definitions on clients_definitions.person_id = clients_index.person_id
left join earlier_service on earlier_service.person_id = clients_index.person_id;

-- Where each of them leaves: at the first criterion, in order, that is not met or cannot be told
create temporary table clients_attrition as
select
    clients_criteria.person_id,
    clients_criteria.index_date,
    case
        when clients_criteria.adult is not true then 'adult'
        when not clients_criteria.resident then 'resident'
        when clients_criteria."group" is null then 'group unknown'
        when not clients_criteria."group" then 'group'
        when clients_criteria.earlier then 'earlier'
        else 'included'
    end as left_at
from clients_criteria;

-- clients: who met every criterion
create temporary table clients as
select
    clients_attrition.person_id,
    clients_attrition.index_date
from clients_attrition
where clients_attrition.left_at = 'included';

-- -----------------------------------------------------------------------------------------------------------------
-- Exposure pathway
-- -----------------------------------------------------------------------------------------------------------------

-- okm: Skills centre
-- Who has such a row in service: Services
create temporary table okm_service as
select
    clients.person_id
from clients
join service on service.person_id = clients.person_id
where service.start >= clients.index_date
  and service.start < clients.index_date + 180
  and service.code in ('S01', 'S02', 'S03')
group by clients.person_id;

-- pathway: the first of these levels that applies
--   okm: Skills centre
--   usual: Usual services
create temporary table pathway as
select
    clients.person_id,
    case when okm_service.person_id is not null then 'okm' else 'usual' end as pathway
from clients
left join okm_service on okm_service.person_id = clients.person_id;

-- -----------------------------------------------------------------------------------------------------------------
-- Follow-up
-- -----------------------------------------------------------------------------------------------------------------

-- death: the first one on or after the index
create temporary table death_date as
select
    clients.person_id,
    min(death.date) as death_date
from clients
join death on death.person_id = clients.person_id
where death.date >= clients.index_date
group by clients.person_id;

-- emigration: the first one on or after the index
create temporary table emigration_date as
select
    clients.person_id,
    min(migration.date) as emigration_date
from clients
join migration on migration.person_id = clients.person_id
where migration.date >= clients.index_date
  and migration.kind = '42'
group by clients.person_id;

-- From when to when each of them is followed
create temporary table follow_up as
select
    clients.person_id,
    clients.index_date,
    -- First day of follow-up
    clients.index_date + 180 as entry_date,
    -- Last day of follow-up
    least(
        cast(clients.index_date + 180 + interval '3 years' as date),
        death_date.death_date,
        emigration_date.emigration_date,
        date '2024-12-31'
    ) as exit_date
from clients
left join death_date on death_date.person_id = clients.person_id
left join emigration_date on emigration_date.person_id = clients.person_id;

-- -----------------------------------------------------------------------------------------------------------------
-- Outcome employed: Starts a job that lasts at least 30 days
-- -----------------------------------------------------------------------------------------------------------------

-- employed: Starts a job that lasts at least 30 days
-- Such rows of employment on or after the index
create temporary table employed_employment as
select
    follow_up.person_id,
    -- Such rows from the index up to the start of follow-up
    count(case when employment.start < follow_up.entry_date then 1 end) as rows_before,
    -- The day it counts as known
    min(
        case
            when employment.start between follow_up.entry_date and follow_up.exit_date then employment.start
        end
    ) + 30 as event_date
from follow_up
join employment on employment.person_id = follow_up.person_id
where employment.start >= follow_up.index_date
  and coalesce(employment."end", date '2025-01-01') - employment.start >= 30
group by follow_up.person_id;

-- employed: the days that count
create temporary table employed_dates as
select
    follow_up.person_id,
    follow_up.entry_date,
    follow_up.exit_date,
    -- Whether it came before follow-up started
    coalesce(employed_employment.rows_before, 0) > 0 as had_before,
    -- The outcome
    employed_employment.event_date,
    -- Competing: death
    death_date.death_date,
    -- The first of these days, and so the end of the time at risk
    least(employed_employment.event_date, death_date.death_date, follow_up.exit_date) as end_date
from follow_up
left join employed_employment on employed_employment.person_id = follow_up.person_id
left join death_date on death_date.person_id = follow_up.person_id;

-- employed: Starts a job that lasts at least 30 days
-- How each of them starts follow-up, and what ends the time at risk
create temporary table employed as
select
    employed_dates.person_id,
    -- What each of them is when follow-up starts
    case
        when employed_dates.had_before then 'prior'
        when employed_dates.exit_date is null
            or employed_dates.exit_date <= employed_dates.entry_date
            or employed_dates.death_date <= employed_dates.entry_date
            then 'ended'
        when employed_dates.event_date = employed_dates.entry_date then 'time_zero'
        else 'at_risk'
    end as start,
    -- Days at risk, for those at risk
    employed_dates.end_date - employed_dates.entry_date as day,
    -- What ended their time at risk
    case
        when employed_dates.event_date = employed_dates.end_date then 'event'
        when employed_dates.death_date = employed_dates.end_date then 'death'
        else 'censored'
    end as "end"
from employed_dates;

-- -----------------------------------------------------------------------------------------------------------------
-- Outcome studying: Starts degree studies
-- -----------------------------------------------------------------------------------------------------------------

-- studying: Starts degree studies
-- Such rows of study on or after the index
create temporary table studying_study as
select
    follow_up.person_id,
    -- Such rows from the index up to the start of follow-up
    count(case when study.start < follow_up.entry_date then 1 end) as rows_before,
    -- The day it counts as known
    min(
        case
            when study.start between follow_up.entry_date and follow_up.exit_date then study.start
        end
    ) as event_date
from follow_up
join study on study.person_id = follow_up.person_id
where study.start >= follow_up.index_date
  and study.degree = true
group by follow_up.person_id;

-- studying: the days that count
create temporary table studying_dates as
select
    follow_up.person_id,
    follow_up.entry_date,
    follow_up.exit_date,
    -- Whether it came before follow-up started
    coalesce(studying_study.rows_before, 0) > 0 as had_before,
    -- The outcome
    studying_study.event_date,
    -- Competing: death
    death_date.death_date,
    -- The first of these days, and so the end of the time at risk
    least(studying_study.event_date, death_date.death_date, follow_up.exit_date) as end_date
from follow_up
left join studying_study on studying_study.person_id = follow_up.person_id
left join death_date on death_date.person_id = follow_up.person_id;

-- studying: Starts degree studies
-- How each of them starts follow-up, and what ends the time at risk
create temporary table studying as
select
    studying_dates.person_id,
    -- What each of them is when follow-up starts
    case
        when studying_dates.had_before then 'prior'
        when studying_dates.exit_date is null
            or studying_dates.exit_date <= studying_dates.entry_date
            or studying_dates.death_date <= studying_dates.entry_date
            then 'ended'
        when studying_dates.event_date = studying_dates.entry_date then 'time_zero'
        else 'at_risk'
    end as start,
    -- Days at risk, for those at risk
    studying_dates.end_date - studying_dates.entry_date as day,
    -- What ended their time at risk
    case
        when studying_dates.event_date = studying_dates.end_date then 'event'
        when studying_dates.death_date = studying_dates.end_date then 'death'
        else 'censored'
    end as "end"
from studying_dates;

-- -----------------------------------------------------------------------------------------------------------------
-- Report attrition
-- -----------------------------------------------------------------------------------------------------------------

-- Everyone with an index, by where they left
create temporary table attrition as
select
    clients_attrition.left_at,
    -- 0 for single cells; else which columns are summed over
    grouping(clients_attrition.left_at)         as margin_of,
    count(distinct clients_attrition.person_id) as entities
from clients_attrition
group by grouping sets (
    (clients_attrition.left_at),
    ()
);

-- -----------------------------------------------------------------------------------------------------------------
-- Report baseline
-- -----------------------------------------------------------------------------------------------------------------

-- unemployed_2y
-- Spells that share a day with the window, clipped to it, from jobseeking: Job-search spells
create temporary table unemployed_2y_jobseeking_spells as
select
    clients.person_id,
    -- First day in the window that no earlier spell holds
    greatest(
        jobseeking.start,
        cast(clients.index_date - interval '2 years' as date),
        max(least(coalesce(jobseeking."end", date '2025-01-01'), clients.index_date)) over (
            partition by clients.person_id
            order by jobseeking.start nulls last
            rows between unbounded preceding and 1 preceding
        )
    ) as first_day,
    -- First day after the spell, or after the window
    least(coalesce(jobseeking."end", date '2025-01-01'), clients.index_date) as day_after
from clients
join jobseeking on jobseeking.person_id = clients.person_id
where jobseeking.start < clients.index_date
  and coalesce(jobseeking."end", date '2025-01-01')
          > cast(clients.index_date - interval '2 years' as date)
  and jobseeking.start < coalesce(jobseeking."end", date '2025-01-01');

-- unemployed_2y
-- Distinct days in them
create temporary table unemployed_2y_jobseeking as
select
    unemployed_2y_jobseeking_spells.person_id,
    sum(
        greatest(
            unemployed_2y_jobseeking_spells.day_after - unemployed_2y_jobseeking_spells.first_day,
            0
        )
    ) as number_of_days
from unemployed_2y_jobseeking_spells
group by unemployed_2y_jobseeking_spells.person_id;

-- What the study defines and the reports read, for everyone in the cohort
create temporary table clients_values as
select
    clients.person_id,
    case
        when clients_age.age_at_index between 18 and 29 then '18-29'
        when clients_age.age_at_index between 30 and 44 then '30-44'
        when clients_age.age_at_index between 45 and 64 then '45-64'
    end as age_group,
    coalesce(unemployed_2y_jobseeking.number_of_days, 0) as unemployed_2y
from clients
join clients_age on clients_age.person_id = clients.person_id
left join unemployed_2y_jobseeking on unemployed_2y_jobseeking.person_id = clients.person_id;

-- The variables of report baseline, each as one of its declared categories
create temporary table clients_baseline as
select
    clients.person_id,
    coalesce(clients_values.age_group, 'unknown') as age_group,
    case
        when person.sex is null then 'unknown'
        when person.sex in ('1', '2') then person.sex
        else 'other'
    end as sex,
    -- education: Level of education
    case
        when person.education is null then 'unknown'
        when person.education in ('3', '4', '5', '6', '7', '8', '9') then person.education
        else 'other'
    end as education,
    case
        when clients_values.unemployed_2y = 0 then '0'
        when clients_values.unemployed_2y >= 1 then '1+'
        else 'unknown'
    end as unemployed_2y,
    pathway.pathway
from clients
join pathway on pathway.person_id = clients.person_id
join clients_values on clients_values.person_id = clients.person_id
join person on person.person_id = clients.person_id;

-- age_group, by pathway: people in each cell
create temporary table baseline_age_group as
select
    clients_baseline.age_group,
    clients_baseline.pathway,
    -- 0 for single cells; else which columns are summed over
    grouping(clients_baseline.age_group, clients_baseline.pathway) as margin_of,
    count(distinct clients_baseline.person_id)                     as entities
from clients_baseline
group by grouping sets (
    (clients_baseline.age_group, clients_baseline.pathway),
    (clients_baseline.age_group),
    (clients_baseline.pathway),
    ()
);

-- sex, by pathway: people in each cell
create temporary table baseline_sex as
select
    clients_baseline.sex,
    clients_baseline.pathway,
    -- 0 for single cells; else which columns are summed over
    grouping(clients_baseline.sex, clients_baseline.pathway) as margin_of,
    count(distinct clients_baseline.person_id)               as entities
from clients_baseline
group by grouping sets (
    (clients_baseline.sex, clients_baseline.pathway),
    (clients_baseline.sex),
    (clients_baseline.pathway),
    ()
);

-- education: Level of education, by pathway: people in each cell
create temporary table baseline_education as
select
    clients_baseline.education,
    clients_baseline.pathway,
    -- 0 for single cells; else which columns are summed over
    grouping(clients_baseline.education, clients_baseline.pathway) as margin_of,
    count(distinct clients_baseline.person_id)                     as entities
from clients_baseline
group by grouping sets (
    (clients_baseline.education, clients_baseline.pathway),
    (clients_baseline.education),
    (clients_baseline.pathway),
    ()
);

-- unemployed_2y, by pathway: people in each cell
create temporary table baseline_unemployed_2y as
select
    clients_baseline.unemployed_2y,
    clients_baseline.pathway,
    -- 0 for single cells; else which columns are summed over
    grouping(clients_baseline.unemployed_2y, clients_baseline.pathway) as margin_of,
    count(distinct clients_baseline.person_id) as entities
from clients_baseline
group by grouping sets (
    (clients_baseline.unemployed_2y, clients_baseline.pathway),
    (clients_baseline.unemployed_2y),
    (clients_baseline.pathway),
    ()
);

-- -----------------------------------------------------------------------------------------------------------------
-- Report risk
-- -----------------------------------------------------------------------------------------------------------------

-- employed: what everyone in the cohort is when follow-up starts
create temporary table risk_employed_start as
select
    employed.start,
    pathway.pathway,
    -- 0 for single cells; else which columns are summed over
    grouping(employed.start, pathway.pathway) as margin_of,
    count(distinct employed.person_id)        as entities
from employed
join pathway on pathway.person_id = employed.person_id
group by grouping sets (
    (employed.start, pathway.pathway),
    (employed.start),
    (pathway.pathway),
    ()
);

-- employed: those at risk, by the day their time at risk ended and by what ended it
create temporary table risk_employed_curve as
select
    pathway.pathway,
    employed.day,
    employed."end",
    0                                  as margin_of,
    count(distinct employed.person_id) as entities
from employed
join pathway on pathway.person_id = employed.person_id
where employed.start = 'at_risk'
group by pathway.pathway, employed.day, employed."end";

-- studying: what everyone in the cohort is when follow-up starts
create temporary table risk_studying_start as
select
    studying.start,
    pathway.pathway,
    -- 0 for single cells; else which columns are summed over
    grouping(studying.start, pathway.pathway) as margin_of,
    count(distinct studying.person_id)        as entities
from studying
join pathway on pathway.person_id = studying.person_id
group by grouping sets (
    (studying.start, pathway.pathway),
    (studying.start),
    (pathway.pathway),
    ()
);

-- studying: those at risk, by the day their time at risk ended and by what ended it
create temporary table risk_studying_curve as
select
    pathway.pathway,
    studying.day,
    studying."end",
    0                                  as margin_of,
    count(distinct studying.person_id) as entities
from studying
join pathway on pathway.person_id = studying.person_id
where studying.start = 'at_risk'
group by pathway.pathway, studying.day, studying."end";

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
        'baseline_age_group' as cube,
        coalesce(baseline_age_group.age_group, 'all') || ', ' ||
        coalesce(baseline_age_group.pathway, 'all') as cell,
        baseline_age_group.margin_of,
        baseline_age_group.entities,
        5 as smallest
    from baseline_age_group
    union all
    select
        3 as place,
        'baseline_sex' as cube,
        coalesce(baseline_sex.sex, 'all') || ', ' ||
        coalesce(baseline_sex.pathway, 'all') as cell,
        baseline_sex.margin_of,
        baseline_sex.entities,
        5 as smallest
    from baseline_sex
    union all
    select
        4 as place,
        'baseline_education' as cube,
        coalesce(baseline_education.education, 'all') || ', ' ||
        coalesce(baseline_education.pathway, 'all') as cell,
        baseline_education.margin_of,
        baseline_education.entities,
        5 as smallest
    from baseline_education
    union all
    select
        5 as place,
        'baseline_unemployed_2y' as cube,
        coalesce(baseline_unemployed_2y.unemployed_2y, 'all') || ', ' ||
        coalesce(baseline_unemployed_2y.pathway, 'all') as cell,
        baseline_unemployed_2y.margin_of,
        baseline_unemployed_2y.entities,
        5 as smallest
    from baseline_unemployed_2y
    union all
    select
        6 as place,
        'risk_employed_start' as cube,
        coalesce(risk_employed_start.start, 'all') || ', ' ||
        coalesce(risk_employed_start.pathway, 'all') as cell,
        risk_employed_start.margin_of,
        risk_employed_start.entities,
        10 as smallest
    from risk_employed_start
    union all
    select
        7 as place,
        'risk_employed_curve' as cube,
        coalesce(risk_employed_curve.pathway, 'all') || ', ' ||
        coalesce(risk_employed_curve."end", 'all') as cell,
        risk_employed_curve.margin_of,
        sum(risk_employed_curve.entities) as entities,
        10 as smallest
    from risk_employed_curve
    group by risk_employed_curve.pathway, risk_employed_curve."end", risk_employed_curve.margin_of
    union all
    select
        8 as place,
        'risk_studying_start' as cube,
        coalesce(risk_studying_start.start, 'all') || ', ' ||
        coalesce(risk_studying_start.pathway, 'all') as cell,
        risk_studying_start.margin_of,
        risk_studying_start.entities,
        5 as smallest
    from risk_studying_start
    union all
    select
        9 as place,
        'risk_studying_curve' as cube,
        coalesce(risk_studying_curve.pathway, 'all') || ', ' ||
        coalesce(risk_studying_curve."end", 'all') as cell,
        risk_studying_curve.margin_of,
        sum(risk_studying_curve.entities) as entities,
        5 as smallest
    from risk_studying_curve
    group by risk_studying_curve.pathway, risk_studying_curve."end", risk_studying_curve.margin_of
) as cells
order by cells.place, cells.margin_of desc, cells.cell nulls last;
