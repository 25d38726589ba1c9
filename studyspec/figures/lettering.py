"""How much room text takes, and how it is broken into lines.

No font is asked: widths are those of DejaVu Sans, which is wider than what most readers see, so text fits anywhere.
"""

from __future__ import annotations

from studyspec.estimate.render import one_line

#: Widths in tenths of the font size; what stands in no class is 0.7, a CJK character 1, and combining marks take none.
_CLASSES = ((3, "'IJijlíìîï"), (4, " !(),-./:;[]ft|\u00a0"), (5, '"*_`r'), (6, "?FLcksvxyz"), (8, "&DGHNOQUÖÓÒÐØÜ"))
_WIDTHS = {character: tenths for tenths, characters in _CLASSES for character in characters} | dict.fromkeys(
    "#+<=>M^w~¬±×÷–", 9
)
_WIDTHS |= dict.fromkeys("%@Wm©®¼½¾Ææ—…", 10)


def width(text: str, size: int = 12, bold: bool = False) -> float:
    """Pixels that a text takes at most."""
    import unicodedata

    tenths = 0
    for character in text:
        if character in _WIDTHS:
            tenths += _WIDTHS[character]
        elif unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            tenths += 10 if unicodedata.east_asian_width(character) in ("W", "F") or character > "\u2000" else 7
    return tenths * size * (1.1 if bold else 1) / 10


def wrapped(text: str, room: float, size: int = 12, bold: bool = False, most: int = 4) -> list[str]:
    """Lines no wider than the room; long words are broken, and what does not fit into `most` lines ends with `…`."""
    lines: list[str] = []
    now = ""
    for word in one_line(text).split(" "):
        if now and width(f"{now} {word}", size, bold) <= room:
            now = f"{now} {word}"
            continue
        if now:
            lines.append(now)
        pieces = _broken(word, room, size, bold)
        lines += pieces[:-1]
        now = pieces[-1]
    lines.append(now)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(last + "…", size, bold) > room:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + "…"]


def _broken(word: str, room: float, size: int, bold: bool) -> list[str]:
    """A word in pieces that fit; whole where it does."""
    pieces, now = [], ""
    for character in word:
        if now and width(now + character, size, bold) > room:
            pieces.append(now)
            now = ""
        now += character
    return [*pieces, now]
