"""What people bring from other languages, each with what to write instead: the words of a beginner's first hour."""

from __future__ import annotations

from typing import Final

_REPORTS: Final = "The reports are attrition, baseline, trend, distribution, state, risk and events."
_UNKNOWN: Final = "What is unknown is counted by itself and never compared; ask with is unknown or is known."
_CASES: Final = "Write cases NAME where CONDITION, NAME otherwise."
_SPAN: Final = "Write during [start, end)."
_DATE: Final = "A date stands as it is: 2020-01-31."
_WHOLE: Final = 'Codes compare whole: = or in; in LIST under "23" takes a code with all that lies below it.'

#: Words that stand where none of the language's can, with what to do instead.
ABSENT: dict[str, str] = {
    "rate": f"Rates come later. {_REPORTS}",
    "survival": "Survival curves come later; report risk gives the share with the outcome by chosen times.",
    "mean": f"Write mean of COLUMN of TABLE; report baseline gives means of numbers. {_REPORTS}",
    "avg": "Write mean of COLUMN of TABLE.",
    "average": "Write mean of COLUMN of TABLE.",
    "total": "Write sum of COLUMN of TABLE.",
    "median": f"Name the number in report baseline or report distribution: they give medians. {_REPORTS}",
    "current": "Write age at index, or another time at which the value is taken.",
    "exactly": "Write exactly one TABLE; for another number (count of TABLE during [a, b]) = 2.",
    "null": _UNKNOWN,
    "none": _UNKNOWN,
    "nan": _UNKNOWN,
    "missing": "Write is unknown.",
    "xor": "Write (a and not b) or (b and not a).",
    "after": "Write during [time, end of data].",
    "within": _SPAN,
    "since": "Write during [start, end); a level of a varying exposure is from first TABLE.",
    "interval": "A period is its brackets alone: during [start, end).",
    "overlaps": "Spells are during a period when they overlap it: any TABLE during [start, end).",
    "if": _CASES,
    "case": _CASES,
    "when": _CASES,
    "then": _CASES,
    "else": "Write NAME otherwise last.",
    "min": "Write smallest COLUMN of TABLE.",
    "max": "Write largest COLUMN of TABLE.",
    "minimum": "Write smallest COLUMN of TABLE.",
    "maximum": "Write largest COLUMN of TABLE.",
    "ever": "Write any TABLE before index.",
    "exists": "Write any TABLE, and which of its rows.",
    "like": _WHOLE,
    "ilike": _WHOLE,
    "contains": _WHOLE,
    "startswith": _WHOLE,
    "is_in": 'Write in ("1", "2"), or in LIST.',
    "isin": 'Write in ("1", "2"), or in LIST.',
    "notin": 'Write not in ("1", "2"), or not in LIST.',
    "select": "A study is not a query: write any TABLE or COLUMN of TABLE, and which rows with with.",
    "where": "Rows are filtered by with: any TABLE with CONDITION. Criteria of a cohort are include and exclude.",
    "join": "Tables are never joined by hand: write a row query, or COLUMN of ENTITY for what a row points to.",
    "having": "Compare the count itself: (count of TABLE before index) >= 2.",
    "group": 'Results are grouped by a report: report … by NAME. A group of a code list is in LIST group "A".',
    "each": "Write every TABLE, and which of its rows.",
    "minus": "Days are taken away by except.",
    "union": "Days of spells are put together by or; cohorts by index from A union B.",
    "intersect": "Days that spells share are a and b; cohorts meet in index from A intersect B.",
    "below": 'Write in LIST under "23".',
    "until": "Write to, before TIME, or during [start, end).",
    "order": "first and last take rows by their date.",
    "limit": "first and last take one row; a study has no other limit.",
    "as": "A value gets its name by define NAME = VALUE.",
}

#: Words that people put before an event, or ask with where an event is meant.
EVENT_WORDS: dict[str, str] = {
    "event": "Leave out the word event: write first TABLE, every TABLE, recorded where CONDITION, or a role.",
    **dict.fromkeys(
        ("any", "no", "count", "days", "when", "if"),
        "An event is a row: write first TABLE, or every TABLE, and which of its rows.",
    ),
}

#: Characters that have a meaning in other languages, with what to write instead.
CHARACTERS: dict[str, str] = {
    "^": "Multiply a number by itself: x * x.",
    "~": "Write not, or != between values.",
    "{": 'Lists stand between parentheses: in ("1", "2").',
    "}": "Lists stand between parentheses, and clauses are only indented.",
    ";": "A statement ends with its line: leave it out.",
    "%": "Write a share as a decimal number: 0.05.",
    "@": "A value is taken at a time by at: age at index.",
    "$": "A parameter is used by its name alone.",
    "?": "Write cases NAME where CONDITION, NAME otherwise.",
    "\\": "A line goes on in the next one when that is indented: leave it out.",
}

#: Names that are called like functions, `len(x)`, with what to do instead.
CALLS: dict[str, str] = {
    "len": "Write count of TABLE, and which of its rows.",
    "count": "Write count of TABLE, and which of its rows.",
    "exists": "Write any TABLE, and which of its rows.",
    "sum": "Write sum of COLUMN of TABLE.",
    "avg": "Write mean of COLUMN of TABLE.",
    "mean": "Write mean of COLUMN of TABLE.",
    "min": "Write smallest COLUMN of TABLE, or earliest(a, b) of times.",
    "max": "Write largest COLUMN of TABLE, or latest(a, b) of times.",
    "coalesce": "Write cases NAME where CONDITION, NAME otherwise.",
    "ifelse": _CASES,
    "case_when": _CASES,
    "isnull": "Write is unknown.",
    "is_null": "Write is unknown.",
    "ageinyearsat": "Write age at index.",
    "datediff": "Write days from A to B, or years from A to B.",
    **dict.fromkeys(("date", "to_date", "as_date", "datetime", "ymd", "dmy", "mdy"), _DATE),
    "days": "A duration is a number and its unit: 30 days.",
    "months": "A duration is a number and its unit: 6 months.",
    "years": "A duration is a number and its unit: 2 years.",
    "substr": _WHOLE,
    "substring": _WHOLE,
    "abs": "Compare with both ends: x between -5 and 5.",
    "round": "Numbers are exact; published ones are rounded by the policy.",
    "c": 'A list stands between parentheses alone: in ("1", "2").',
}

#: What is called on a value after a dot, with what to do instead.
METHODS: dict[str, str] = {
    "where": "Rows are filtered by with: any TABLE with CONDITION.",
    "except_where": "Rows are filtered by with: any TABLE with not (CONDITION).",
    "sort_by": "first and last take rows by their date.",
    "first_for_patient": "Write first COLUMN of TABLE, and which of its rows.",
    "last_for_patient": "Write last COLUMN of TABLE, and which of its rows.",
    "exists_for_patient": "Write any TABLE, and which of its rows.",
    "count_for_patient": "Write count of TABLE, and which of its rows.",
    "count_distinct_for_patient": "Write distinct COLUMN of TABLE.",
    "sum_for_patient": "Write sum of COLUMN of TABLE.",
    "mean_for_patient": "Write mean of COLUMN of TABLE.",
    "minimum_for_patient": "Write smallest COLUMN of TABLE.",
    "maximum_for_patient": "Write largest COLUMN of TABLE.",
    "is_in": 'Write in ("1", "2"), or in LIST.',
    "is_not_in": 'Write not in ("1", "2"), or not in LIST.',
    "is_null": "Write is unknown.",
    "is_not_null": "Write is known.",
    "is_before": "Write < TIME, or any TABLE before TIME.",
    "is_after": "Write > TIME.",
    "is_on_or_before": "Write <= TIME.",
    "is_on_or_after": "Write >= TIME.",
    "is_on_or_between": "Write between A and B, or any TABLE during [A, B].",
    "is_between_but_not_on": "Write any TABLE during (A, B).",
    "contains": _WHOLE,
    "age_on": "Write age at TIME.",
    "year": "Compare whole dates: x >= 2020-01-01.",
    **dict.fromkeys(("na", "null", "isna", "isnull"), "Write x is unknown."),
    **dict.fromkeys(("notna", "notnull"), "Write x is known."),
    "Date": _DATE,
}

#: Words that begin a line of another language.
SQL_WORDS: Final = frozenset(
    {
        *("select", "with", "create", "insert", "update", "delete", "drop", "from", "where", "join", "left", "inner"),
        *("having", "group", "order", "limit", "case", "union"),
    }
)
PYTHON_WORDS: Final = frozenset({"dataset", "def", "class", "for", "if", "return", "print", "measures", "lambda"})
CQL_WORDS: Final = frozenset({"library", "using", "context", "valueset", "codesystem", "concept", "include"})
