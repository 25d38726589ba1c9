-- What a careful person would write by hand for the sample study on the city's tables: cohort, attrition, baseline
-- and counts of outcomes by pathway and year.  No guard, no survival estimates, no map.  It is here only to be timed.
create temp table clients as
select asiakas_id as id, min(alkpv1) as index_day
from ura_ythaku
where alkpv1 between date '2019-01-01' and date '2022-12-31'
group by asiakas_id;

create temp table judged as
select
    c.id,
    c.index_day,
    p.sukup,
    p.ututku_aste,
    year(c.index_day) - year(p.syntyma_pv)
        - (strftime(c.index_day, '%m%d') < strftime(p.syntyma_pv, '%m%d'))::int as age,
    exists (
        select 1 from vaesto_kotikunta k
        where k.hlo_id = c.id and k.kunta = '049' and k.muutto_pv <= c.index_day
            and (k.lahto_pv is null or k.lahto_pv = date '9999-12-31' or k.lahto_pv > c.index_day)
    ) as resident,
    p.kieli not in ('fi', 'sv', 'se', 'smn', 'sms') as in_group,
    exists (
        select 1 from asiakas_palvelu s
        where s.asiakas_id = c.id and s.palvelukoodi in ('S01', 'S02', 'S03') and s.alku_pv < c.index_day
    ) as earlier
from clients c
join vaesto_henkilo p on p.hlo_id = c.id;

select
    count(*),
    count(*) filter (age between 18 and 64),
    count(*) filter (age between 18 and 64 and resident),
    count(*) filter (age between 18 and 64 and resident and in_group),
    count(*) filter (age between 18 and 64 and resident and in_group and not earlier)
from judged;

create temp table cohort as
select
    j.*,
    j.index_day + 180 as entry_day,
    exists (
        select 1 from asiakas_palvelu s
        where s.asiakas_id = j.id and s.palvelukoodi in ('S01', 'S02', 'S03')
            and s.alku_pv >= j.index_day and s.alku_pv < j.index_day + 180
    ) as okm,
    least(
        (j.index_day + 180 + interval 3 year)::date,
        coalesce((select min(d.kuolin_pv) from vaesto_kuolema d where d.hlo_id = j.id and d.kuolin_pv >= j.index_day), date '2024-12-31'),
        coalesce((select min(m.muuttopv) from folk_muutto m where m.hlo_id = j.id and m.muuttolaji = '42' and m.muuttopv >= j.index_day), date '2024-12-31'),
        date '2024-12-31'
    ) as exit_day
from judged j
where age between 18 and 64 and resident and in_group and not earlier;

create temp table unemployed as
select c.id, coalesce(sum(greatest(0, least(c.index_day, coalesce(nullif(y.loppv1, date '2222-11-11') + 1, date '2025-01-01'))
    - greatest((c.index_day - interval 2 year)::date, y.alkpv1))), 0) as days
from cohort c
left join ura_ythaku y on y.asiakas_id = c.id and y.alkpv1 < c.index_day
    and (y.loppv1 is null or y.loppv1 >= (c.index_day - interval 2 year)::date)
group by c.id;

select okm, sukup, count(*) from cohort group by grouping sets ((okm, sukup), (sukup), (okm), ());
select okm, ututku_aste, count(*) from cohort group by grouping sets ((okm, ututku_aste), (ututku_aste));
select okm, age < 30, age < 45, count(*) from cohort group by all;
select okm, days <= 30, days <= 182, days <= 365, count(*) from cohort join unemployed using (id) group by all;

create temp table jobs as
select c.id, min(t.alkupvm) as start_day, min(t.alkupvm + 30) as event_day
from cohort c
join tulo_tyosuhde t on t.hlo_id = c.id and t.alkupvm between c.index_day and c.exit_day
where coalesce(t.loppupvm + 1, date '2025-01-01') - t.alkupvm >= 30
group by c.id;

create temp table studies as
select c.id, min(o.alku_pv) as start_day, min(o.alku_pv) as event_day
from cohort c
join opinto_jakso o on o.oppija_id = c.id and o.tutkintotavoite = 'K' and o.alku_pv between c.index_day and c.exit_day
group by c.id;

select okm, least(3, (event_day - entry_day) // 366), count(*)
from cohort join jobs using (id) where start_day >= entry_day and event_day > entry_day and event_day <= exit_day group by all;

select okm, least(3, (event_day - entry_day) // 366), count(*)
from cohort join studies using (id) where start_day >= entry_day and event_day > entry_day and event_day <= exit_day group by all
