"""The few words that figures need beside those of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "flow": "Flow chart: who was removed at each step, and who remained.",
        "flow-other": "Flow chart: what was removed at each step, and what remained.",
        "lines": "Lines over periods, in per cent.",
        "curves": "Points at the published times.",
        "bars": "Bars: the share of each state, in per cent.",
        "quantiles": "From the 10 % to the 90 % quantile a line, from 25 % to 75 % a box, in it the median.",
        "numbers": "All numbers are in the table {name}.",
        "gap": "{mark} and a gap: not published.",
        "joined": "Lines join published numbers; they say nothing about the time between.",
        "box": "Line: 10 % to 90 %.  Box: 25 % to 75 %.  Bar in the box: median.  Diamond: mean.",
    },
    "fi": {
        "flow": "Vuokaavio: keitä kussakin vaiheessa poistui ja keitä jäi.",
        "flow-other": "Vuokaavio: mitä kussakin vaiheessa poistui ja mitä jäi.",
        "lines": "Viivat jaksoittain, prosentteina.",
        "curves": "Pisteet julkaistuina ajankohtina.",
        "bars": "Palkit: kunkin tilan osuus prosentteina.",
        "quantiles": "Jana 10 prosentin fraktiilista 90 prosentin fraktiiliin, laatikko 25:stä 75:een, siinä mediaani.",
        "numbers": "Kaikki luvut ovat taulukossa {name}.",
        "gap": "{mark} ja aukko: ei julkaista.",
        "joined": "Viivat yhdistävät julkaistut luvut; ne eivät kerro, mitä niiden välillä tapahtuu.",
        "box": "Jana: 10–90 %.  Laatikko: 25–75 %.  Viiva laatikossa: mediaani.  Vinoneliö: keskiarvo.",
    },
    "sv": {
        "flow": "Flödesschema: vilka som togs bort i varje steg och vilka som var kvar.",
        "flow-other": "Flödesschema: vilka som togs bort i varje steg och vilka som var kvar.",
        "lines": "Linjer över perioder, i procent.",
        "curves": "Punkter vid de publicerade tiderna.",
        "bars": "Staplar: andelen i varje tillstånd, i procent.",
        "quantiles": "En linje från kvantilen 10 % till 90 %, en låda från 25 % till 75 %, i den medianen.",
        "numbers": "Alla tal finns i tabellen {name}.",
        "gap": "{mark} och en lucka: publiceras inte.",
        "joined": "Linjerna förenar publicerade tal; de säger inget om tiden emellan.",
        "box": "Linje: 10–90 %.  Låda: 25–75 %.  Streck i lådan: median.  Romb: medelvärde.",
    },
}


def word(name: str, language: str, /, **values: object) -> str:
    """A sentence, in English where the language has none of its own."""
    return WORDS.get(language, WORDS["en"])[name].format(**values)
