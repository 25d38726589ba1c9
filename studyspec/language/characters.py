"""Characters and names: what may stand in a document, so that two names can never look alike to the one who signs."""

from __future__ import annotations

import re

#: Bytes a name may have in UTF-8: the limit of PostgreSQL, the strictest engine.
MAX_NAME_BYTES = 63

# Controls but tab and newline; zero-width and direction marks; separators of lines; tags; variation selectors;
# surrogates; interlinear marks.  All are invisible, and some reorder what a reader sees.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_MAX_REPORTED = 20

#: Scripts that are written together in one word (UTS 39, highly restrictive level).
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)


def unseen(text: str) -> list[int]:
    """Offsets of characters that cannot be seen or that change the direction of the text; at most twenty."""
    if text.isascii() and text.isprintable():
        return []
    found = []
    for match in _UNSEEN.finditer(text):
        found.append(match.start())
        if len(found) == _MAX_REPORTED:
            break
    return found


def scripts(name: str) -> tuple[str, ...]:
    """The scripts that a name mixes and that are not written together; empty for a name in one script."""
    if name.isascii():
        return ()
    import unicodedata

    used: dict[str, None] = {}
    for character in name:
        if unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lo"):
            used[unicodedata.name(character, "UNKNOWN").split(" ", 1)[0]] = None
    if len(used) <= 1 or any(used.keys() <= group for group in _TOGETHER):
        return ()
    return tuple(word.capitalize() for word in used)


def normal(name: str) -> str:
    """A name in Unicode normal form C, so that it is the same however it was typed."""
    if name.isascii():
        return name
    import unicodedata

    return unicodedata.normalize("NFC", name)


def word_end(text: str, start: int, end: int) -> int:
    """Where the word that starts at `start` ends; `start` itself where no word starts there."""
    if start >= end or not text[start].isidentifier():
        return start
    position = start + 1
    while position < end and (text[position].isidentifier() or ("a" + text[position]).isidentifier()):
        position += 1
    return position


# --- Finnish personal identity codes ---------------------------------------------------------------------------------

_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{6})[-+A-FYXWVUa-fyxwvu](\d{3})([0-9A-Za-z])(?![0-9A-Za-z])")
_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def identity_codes(text: str) -> list[tuple[int, int]]:
    """Where a text holds what may be a real person's identity code: shape and check character right, number not one
    of 900 to 999, which are for tests."""
    found = []
    for match in _IDENTITY.finditer(text):
        date, number, check = match.groups()
        if _CHECK[int(date + number) % 31] == check.upper() and int(number) < 900:
            found.append((match.start(), match.end()))
    return found
