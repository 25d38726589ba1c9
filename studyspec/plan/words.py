"""The words for what is not the study's own: where units leave, how they start follow-up, and how it ends."""

from __future__ import annotations

from studyspec.plan.cubes import Category, Labels

INCLUDED = Category("included", {"en": "Included", "fi": "Mukana", "sv": "Inkluderade"})
UNMATCHED = Category("unmatched", {"en": "Not matched", "fi": "Ei verrokkina", "sv": "Inte matchade"})
LEFT_AT: Labels = {"en": "Left at", "fi": "Poistui kohdassa", "sv": "Lämnade vid"}
START: Labels = {"en": "At the start of follow-up", "fi": "Seurannan alussa", "sv": "Vid uppföljningens början"}
DAY: Labels = {"en": "Days since start", "fi": "Päiviä alusta", "sv": "Dagar sedan start"}
END: Labels = {"en": "How follow-up ended", "fi": "Miten seuranta päättyi", "sv": "Hur uppföljningen slutade"}
ATTRITION: Labels = {"en": "Attrition", "fi": "Kohortin muodostuminen", "sv": "Bortfall"}

STARTS = (
    Category("at_risk", {"en": "At risk", "fi": "Seurannassa", "sv": "Under risk"}),
    Category("prior", {"en": "Had it before", "fi": "Oli jo aiemmin", "sv": "Hade det tidigare"}),
    Category("ended", {"en": "Follow-up over before", "fi": "Seuranta päättyi ennen", "sv": "Uppföljningen var slut"}),
    Category("time_zero", {"en": "On the first day", "fi": "Ensimmäisenä päivänä", "sv": "Första dagen"}),
)
UNEXPLAINED = Category(
    "unexplained", {"en": "End not explained", "fi": "Päättyminen selittämättä", "sv": "Slutet inte förklarat"}
)
EVENT = Category("event", {"en": "Event", "fi": "Tapahtuma", "sv": "Händelse"})
ENTERED = Category("entered", {"en": "Entered", "fi": "Tuli seurantaan", "sv": "Tillkom"})
NOT_FOLLOWED = Category(
    "not_followed", {"en": "No longer followed", "fi": "Ei enää seurannassa", "sv": "Inte längre uppföljd"}
)
LEFT = Category("left", {"en": "Went on in another", "fi": "Jatkoi toisessa", "sv": "Fortsatte i en annan"})
CENSORED = Category("censored", {"en": "Censored", "fi": "Sensuroitu", "sv": "Censurerad"})

PERIOD: dict[str, Labels] = {
    "month": {"en": "Month", "fi": "Kuukausi", "sv": "Månad"},
    "quarter": {"en": "Quarter", "fi": "Neljännes", "sv": "Kvartal"},
    "year": {"en": "Year", "fi": "Vuosi", "sv": "År"},
}

_UNKNOWN = {"en": "not known", "fi": "ei tiedossa", "sv": "okänt"}


def unknown(labels: Labels) -> Labels:
    """The label of a criterion's unknowns, in every language that the label has."""
    return {language: f"{text}: {_UNKNOWN.get(language, _UNKNOWN['en'])}" for language, text in labels.items()}


def titled(name: str, label: str) -> str:
    """A name with its label, where the label says more than the name."""
    return name if label.casefold() == name.replace("_", " ").casefold() else f"{name}: {label}"


def said(name: str, label: str, *more: str) -> str | None:
    """What stands above a column: its label and whatever more there is, unless the name says it all."""
    lines = [part for part in (titled(name, label), *more) if part and part != name]
    return "; ".join(lines) or None


def text(labels: Labels, language: str, name: str) -> str:
    """What readers see in one language: the label, one in another language, or the name itself."""
    return labels.get(language) or next(iter(labels.values()), name)
