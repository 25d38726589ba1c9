"""The few words that tables need of their own, in the languages of the studies' readers (docs/glossary.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "attrition": "Who is in the cohort",
        "baseline": "Baseline",
        "risk": "Risk: {outcome}",
        "by": "{title} by {exposure}",
        "step": "Step",
        "removed": "Removed",
        "remaining": "Remaining",
        "everyone": "With an index date",
        "included": "In the cohort",
        "variable": "Variable",
        "category": "Category",
        "person": "person",
        "people": "People",
        "all": "All",
        "count": "N",
        "percent": "%",
        "level": "Exposure",
        "at_risk": "At risk",
        "time": "Time",
        "events": "Events",
        "estimate": "Risk",
        "day": "{n} d",
        "week": "{n} wk",
        "month": "{n} mo",
        "year": "{n} y",
        "note-rounded": "Counts are rounded to the nearest {base}; percentages are of rounded counts.",
        "note-hidden": "{mark} is not published: the number, or one that would give it away, is below {minimum}.",
        "note-zeros": "{mark} is not published: the number, or one that would give it away, is below {minimum}; "
        "zero counts as such.",
        "note-steps": "A number removed after steps marked {mark} is of those steps together.",
        "note-risk": "Risk is the Aalen-Johansen cumulative incidence, rounded to say no more than the counts.",
        "note-risk-exact": "Risk is the Aalen-Johansen cumulative incidence.",
        "trend": "Over time",
        "described": "Numbers",
        "known": "N",
        "average": "Mean",
        "median": "Median",
        "quantile": "{n} %",
        "note-numbers": "N counts who has a known value.  A mean is rounded to a step that no one {one}'s value moves "
        "it beyond, a quantile to a step as wide as {side} values next to it.",
        "period": "Period",
        "of-cohort": "{title} ({cohort})",
        "every": "Number of events: {outcome}",
        "state": "State",
        "mean": "Mean number",
        "note-clusters": "{mark} also stands where fewer than {minimum} firms, payers or other clusters are behind "
        "a number.",
        "note-leavers": "Counted at a step is who has at least one index that leaves there; the same one may be "
        "counted at several.",
        "note-overlap": "The same one may be in several categories; numbers need not add up.",
        "note-mean": "Mean number of events per {one} is that of Ghosh and Lin, rounded to say no more than "
        "the counts.",
        "note-mean-exact": "Mean number of events per {one} is that of Ghosh and Lin.",
        "note-moving": "{Many} may come under observation later, and levels may change; "
        "at risk counts who starts in the level.",
        "note-entry": "At risk counts all, also those who come under observation later.",
        "note-unchecked-clusters": "Not checked: at least {least} firms or payers in each cell, "
        "which the register {register} asks for.",
        "note-unchecked-dominance": "Not checked: at most {least} % of a sum from the largest firms "
        "or payers, which the register {register} asks for.",
        "note-open": "Exact numbers: every register behind them is public.",
        "synthetic": "SYNTHETIC DATA: invented people, no result about anyone.",
    },
    "fi": {
        "attrition": "Kohortin muodostuminen",
        "baseline": "Lähtötilanne",
        "risk": "Riski: {outcome}",
        "by": "{title}, jaottelu: {exposure}",
        "step": "Vaihe",
        "removed": "Poistui",
        "remaining": "Jäljellä",
        "everyone": "Indeksipäivän saaneet",
        "included": "Kohortissa",
        "variable": "Taustamuuttuja",
        "category": "Luokka",
        "person": "henkilö",
        "people": "Henkilöitä",
        "all": "Kaikki",
        "count": "N",
        "percent": "%",
        "level": "Altiste",
        "at_risk": "Riskijoukko",
        "time": "Aika",
        "events": "Tapahtumia",
        "estimate": "Riski",
        "day": "{n} pv",
        "week": "{n} vk",
        "month": "{n} kk",
        "year": "{n} v",
        "note-rounded": "Lukumäärät on pyöristetty lähimpään luvun {base} monikertaan; prosentit on laskettu niistä.",
        "note-hidden": "{mark}: ei julkaista, koska luku tai sen paljastava luku on alle {minimum}.",
        "note-zeros": "{mark}: ei julkaista, koska luku tai sen paljastava luku on alle {minimum}; nolla rinnastetaan.",
        "note-steps": "Merkinnän {mark} jälkeinen poistuneiden määrä koskee näitä vaiheita yhdessä.",
        "note-risk": "Riski on Aalenin–Johansenin kumulatiivinen ilmaantuvuus, pyöristetty lukumäärien tarkkuuteen.",
        "note-risk-exact": "Riski on Aalenin–Johansenin kumulatiivinen ilmaantuvuus.",
        "trend": "Ajassa",
        "described": "Luvut",
        "known": "N",
        "average": "Keskiarvo",
        "median": "Mediaani",
        "quantile": "{n} %",
        "note-numbers": "N on niiden määrä, joiden arvo tiedetään.  Keskiarvo on pyöristetty askeleeseen, jota "
        "yhdenkään arvo ei ylitä, ja fraktiili askeleeseen, joka on {side} viereisen arvon levyinen.",
        "period": "Jakso",
        "of-cohort": "{title} ({cohort})",
        "every": "Tapahtumien määrä: {outcome}",
        "state": "Tila",
        "mean": "Keskimäärin",
        "note-clusters": "{mark} myös, jos luvun takana on alle {minimum} yritystä, maksajaa tai muuta ryvästä.",
        "note-leavers": "Vaiheessa lasketaan ne, joilta poistuu siinä ainakin yksi indeksi; sama voi olla useassa "
        "vaiheessa.",
        "note-overlap": "Sama voi olla useassa luokassa; luvut eivät välttämättä summaudu.",
        "note-mean": "Tapahtumien keskimäärä henkilöä kohti (Ghosh ja Lin), pyöristetty lukumäärien tarkkuuteen.",
        "note-mean-exact": "Tapahtumien keskimäärä henkilöä kohti (Ghosh ja Lin).",
        "note-moving": "Seurantaan voi tulla myöhemmin ja taso voi vaihtua; riskijoukossa ovat tasolla aloittavat.",
        "note-entry": "Riskijoukossa ovat kaikki, myös myöhemmin seurantaan tulevat.",
        "note-unchecked-clusters": "Tarkistamatta: jokaisessa solussa vähintään {least} yritystä tai maksajaa, kuten "
        "rekisteri {register} vaatii.",
        "note-unchecked-dominance": "Tarkistamatta: suurimpien yritysten tai maksajien osuus "
        "summasta enintään {least} %, kuten rekisteri {register} vaatii.",
        "note-open": "Tarkat luvut: kaikki rekisterit niiden takana ovat julkisia.",
        "synthetic": "SYNTEETTINEN AINEISTO: keksittyjä henkilöitä, ei tuloksia kenestäkään.",
    },
    "sv": {
        "attrition": "Hur kohorten bildades",
        "baseline": "Utgångsläge",
        "risk": "Risk: {outcome}",
        "by": "{title} efter {exposure}",
        "step": "Steg",
        "removed": "Borttagna",
        "remaining": "Kvar",
        "everyone": "Med indexdatum",
        "included": "I kohorten",
        "variable": "Bakgrundsvariabel",
        "category": "Klass",
        "person": "person",
        "people": "Personer",
        "all": "Alla",
        "count": "N",
        "percent": "%",
        "level": "Exponering",
        "at_risk": "I riskmängden",
        "time": "Tid",
        "events": "Händelser",
        "estimate": "Risk",
        "day": "{n} d",
        "week": "{n} v",
        "month": "{n} mån",
        "year": "{n} år",
        "note-rounded": "Antalen är avrundade till närmaste multipel av {base}; procenten är beräknade på dem.",
        "note-hidden": "{mark} publiceras inte: talet, eller ett som röjer det, är under {minimum}.",
        "note-zeros": "{mark} publiceras inte: talet, eller ett som röjer det, är under {minimum}; noll räknas dit.",
        "note-steps": "Antalet borttagna efter steg märkta {mark} gäller dessa steg tillsammans.",
        "note-risk": "Risken är Aalen–Johansens kumulativa incidens, avrundad till antalens noggrannhet.",
        "note-risk-exact": "Risken är Aalen–Johansens kumulativa incidens.",
        "trend": "Över tid",
        "described": "Tal",
        "known": "N",
        "average": "Medelvärde",
        "median": "Median",
        "quantile": "{n} %",
        "note-numbers": "N är antalet vars värde är känt.  Ett medelvärde är avrundat till ett steg som ingens värde "
        "flyttar det över, en kvantil till ett steg som är så brett som {side} värden intill.",
        "period": "Period",
        "of-cohort": "{title} ({cohort})",
        "every": "Antal händelser: {outcome}",
        "state": "Tillstånd",
        "mean": "I medeltal",
        "note-clusters": "{mark} även där färre än {minimum} företag, betalare eller andra kluster står bakom ett tal.",
        "note-leavers": "I ett steg räknas de som har minst ett index som faller bort där; samma kan räknas i "
        "flera steg.",
        "note-overlap": "Samma kan finnas i flera klasser; talen behöver inte summera.",
        "note-mean": "Medelantalet händelser per {one} enligt Ghosh och Lin, avrundat till antalens noggrannhet.",
        "note-mean-exact": "Medelantalet händelser per {one} enligt Ghosh och Lin.",
        "note-moving": "Man kan komma under uppföljning senare och nivån kan bytas; "
        "i riskmängden är de som börjar på nivån.",
        "note-entry": "I riskmängden är alla, även de som kommer under uppföljning senare.",
        "note-unchecked-clusters": "Inte kontrollerat: minst {least} företag eller betalare i varje "
        "cell, som registret {register} kräver.",
        "note-unchecked-dominance": "Inte kontrollerat: högst {least} % av en summa från de största "
        "företagen eller betalarna, som registret {register} kräver.",
        "note-open": "Exakta tal: alla register bakom dem är offentliga.",
        "synthetic": "SYNTETISKA DATA: påhittade personer, inga resultat om någon.",
    },
}

#: What is said otherwise where it is not people that are counted.
OTHERS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "attrition": "Which {many} are in the cohort",
        "people": "{Many}",
    },
    "fi": {
        "people": "{Many}",
        "note-mean": "Tapahtumien keskimäärä, yksikkönä {one} (Ghosh ja Lin), pyöristetty lukumäärien tarkkuuteen.",
        "note-mean-exact": "Tapahtumien keskimäärä, yksikkönä {one} (Ghosh ja Lin).",
    },
    "sv": {
        "people": "{Many}",
        "note-moving": "Uppföljningen kan börja senare och nivån kan bytas; i riskmängden är de som börjar på nivån.",
    },
}


def word(name: str, language: str, **values: object) -> str:
    """A word or sentence, in English where the language has none of its own."""
    return WORDS.get(language, WORDS["en"])[name].format(**values)


def label(labels: Mapping[str, str], language: str, fallback: str) -> str:
    """What readers see of an element: its label in the language, in English, in any language, or its name."""
    return labels.get(language) or labels.get("en") or next(iter(labels.values()), "") or fallback


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted in a cohort: labels of one of its entities, and of several.  Without any they are people."""

    one: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, str] = field(default_factory=dict)

    @property
    def people(self) -> bool:
        own = {language: words["person"] for language, words in WORDS.items()}
        return not self.one or any(self.one.get(language, "").casefold() == word for language, word in own.items())

    def word(self, name: str, language: str, **values: object) -> str:
        """A word or sentence about them."""
        spoken = language if language in WORDS else "en"
        text, one, many = WORDS[spoken][name], WORDS[spoken]["person"], WORDS[spoken]["people"]
        if not self.people:
            text, one = OTHERS[spoken].get(name, text), label(self.one, language, "")
            many = label(self.many, language, one)
        return text.format(one=one, many=many, Many=many[:1].upper() + many[1:], **values)
