"""What can be wrong with the design of a study: faults that a reason can set aside, and the reasons."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from studyspec.source import Diagnostic, Related, Severity, Span


def look_ahead(span: Span, what: str, known: str, proved: bool, related: tuple[Related, ...] = ()) -> Diagnostic:
    verb = "is known only" if proved else "cannot be shown to be known by then: it is settled"
    return Diagnostic(
        "look-ahead",
        f"{what} is decided at the index, but this {verb} {known}.",
        span,
        _known_by_then(span.text, known),
        related,
    )


#: A window that ends at the index already.
_ENDS_AT_INDEX = re.compile(r"(\b(before|covering) index|, index[)\]])(?!\s*[-+])")
_LATER = re.compile(r"(\d+ days?) after the index")


def _known_by_then(text: str, known: str) -> str:
    if _ENDS_AT_INDEX.search(text) is None:
        return "Use what is known on the index day: let windows end at the index, `[index - 1 year, index)`."
    later = _LATER.fullmatch(known)
    if later is not None:
        return (
            "The window ends at the index, but merged spells and durations are settled later:"
            f" let it end so much earlier, at `index - {later[1]}`."
        )
    return "How a spell ends is known once it has ended: ask for those that have, `ending before index`."


def last_known(span: Span, column: str, what: str) -> Diagnostic:
    return Diagnostic(
        "last-known",
        f"{what} uses `{column}`, which holds the last known value, not the value on the index day.",
        span,
        'Use a dated source, or write `allow last-known because "…"` with the reason why it does no harm.',
    )


def immortal_time(span: Span, follow_up: Span) -> Diagnostic:
    return Diagnostic(
        "immortal-time",
        "Follow-up starts before the exposure is decided: people must survive the window to become exposed.",
        span,
        f"Start follow-up where the exposure window ends, `follow-up from {span.text} to …`.",
        (Related(follow_up, "follow-up starts here"),),
    )


def exposure_reads_follow_up(span: Span, known: str) -> Diagnostic:
    return Diagnostic(
        "exposure-after-start",
        f"This is settled {known}, which is not before follow-up starts: results cannot be broken down by it.",
        span,
        "Ask about what comes before follow-up starts, within the exposure's window, or start follow-up later.",
    )


def before_coverage(span: Span, table: str, start: datetime.date) -> Diagnostic:
    return Diagnostic(
        "before-coverage",
        f"This looks further back than the data: `{table}` is complete from {start.isoformat()}.",
        span,
        'Shorten the window, start the index later, or allow it: `allow before-coverage because "…"` on the element.',
    )


def past_data(span: Span, table: str, end: datetime.date) -> Diagnostic:
    return Diagnostic(
        "past-data",
        f"This looks further than the data go: `{table}` ends {end.isoformat()}.",
        span,
        "End the index period or the window earlier.",
    )


def follow_up_past_data(span: Span) -> Diagnostic:
    return Diagnostic(
        "follow-up-past-data",
        "Follow-up may run past the end of the data, where nothing can be seen to happen.",
        span,
        "Add `end of data`: `to earliest(…, end of data)`.",
    )


def looks_ahead_undated(span: Span, event: str) -> Diagnostic:
    return Diagnostic(
        "event-known-later",
        f"The condition looks ahead of the row's day, so this event is not known on the day it is dated; {event}.",
        span,
        "Date it when it is known: `dated at its start + 30 days`.",
    )


def unused_allow(span: Span, code: str) -> Diagnostic:
    return Diagnostic(
        "allow-unused",
        f"Nothing here needs `allow {code}`.",
        span,
        "Remove it, or put it on the element that needs it.",
        severity=Severity.WARNING,
    )


def allow_refused(span: Span, code: str, allowable: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "allow-refused",
        f"`{code}` cannot be allowed.",
        span,
        f"Only design checks can: {', '.join(sorted(allowable))}.",
    )
