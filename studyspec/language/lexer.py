"""Tokens of the study language.  One token for words: the parser's state decides whether a word is a keyword."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass

from studyspec.language import faults
from studyspec.language.characters import word_end
from studyspec.language.tables import END
from studyspec.source import Diagnostic, Span

UNITS = {"day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "months": "month"}
UNITS |= {"year": "year", "years": "year"}
TYPE_WORDS = ("condition", "integer", "decimal", "date", "boolean", "text")
PERIODS = ("month", "quarter", "year")
TIME_ZERO_RULES = ("keep", "exclude", "refuse")

#: Words with a meaning of their own, each with the terminals it may stand for.
KEYWORDS: dict[str, tuple[str, ...]] = {
    word: (word.upper(),)
    for word in (
        *("study", "version", "language", "title", "purpose", "model", "permit", "codelist", "parameter", "define"),
        *("cohort", "exposure", "outcome", "report", "attrition", "baseline", "risk", "label", "legal", "gap"),
        *("allow", "because", "include", "level", "where", "otherwise", "dated", "competing", "of", "by", "from"),
        *("to", "code", "and", "or", "not", "between", "in", "bands", "at", "with", "any", "no", "first", "last"),
        *("starting", "ending", "during", "before", "covering", "window", "earliest", "true", "false", "index"),
        *("is", "known", "unknown", "group", "groups", "policy", "import", "spells", "varying", "state", "events"),
        *("while", "after", "entry", "washout", "every", "union", "intersect", "except", "ratio", "seed", "none"),
        *("under", "trend", "distribution", "within", "censored"),
    )
}
KEYWORDS |= dict.fromkeys(TYPE_WORDS, ("TYPE_WORD",))
KEYWORDS |= dict.fromkeys(UNITS, ("UNIT",))
KEYWORDS |= {"sha256": ("SHA",)}
KEYWORDS |= {"keep": ("TIME_ZERO_RULE",), "refuse": ("TIME_ZERO_RULE",), "exclude": ("TIME_ZERO_RULE", "EXCLUDE")}

#: What follows a word that takes a column of rows, `smallest grade of study`; without it the word is a name.
_COLUMN = r"(?!\s+(?:and|or|not|in|is|at|of|between|with)\b)(?=\s+[^\s()\[\],]+\s+of(?![\w-]))"

#: `cases working where …` and `cases other otherwise`; without a case the word is a name.
_CASE = (
    r"(?!\s+(?:and|or|not|in|is|at|of|between|with)\b)"
    r"""(?=\s+[^\s()\[\],"=<>!+*/-]+\s+(?:"|(?:where|otherwise)(?![\w-])))"""
)

#: `days of residence at index` and `days of exactly one residence …` are the column days of the table residence: a row
#: query takes no `at`, and counts a table alone.
_QUERY = r"(?!\s+[^\s()\[\],]+\s+at(?![\w-]))(?!\s+exactly\s+one(?![\w-]))"

#: Words that are one token together, by their first word.
TOGETHER: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    first: tuple((re.compile(pattern + r"(?![\w-])"), kind) for pattern, kind in patterns)
    for first, patterns in {
        "days": ((r"days\s+of" + _QUERY, "DAYS_OF"), (r"days\s+from", "UNIT_FROM")),
        "weeks": ((r"weeks\s+from", "UNIT_FROM"),),
        "months": ((r"months\s+from", "UNIT_FROM"),),
        "years": ((r"years\s+from", "UNIT_FROM"),),
        "count": ((r"count\s+of" + _QUERY, "COUNT_OF"),),
        "end": ((r"end\s+of\s+data", "END_OF_DATA"),),
        "start": ((r"start\s+of\s+data", "START_OF_DATA"),),
        "follow": (
            (r"follow-up\s+start", "FOLLOW_UP_START"),
            (r"follow-up\s+end", "FOLLOW_UP_END"),
            (r"follow-up", "FOLLOW_UP"),
        ),
        "its": ((r"its\s+start", "ITS_START"), (r"its\s+end", "ITS_END"), (r"its\s+date", "ITS_DATE")),
        "at": ((r"at\s+time\s+zero", "AT_TIME_ZERO"), (r"at\s+least", "AT_LEAST")),
        "sum": ((r"sum\s+of" + _COLUMN, "SUM_OF"),),
        "smallest": (("smallest" + _COLUMN, "SMALLEST"),),
        "largest": (("largest" + _COLUMN, "LARGEST"),),
        "distinct": (("distinct" + _COLUMN, "DISTINCT"),),
        "not": ((r"not\s+in", "NOT_IN"),),
        "latest": ((r"latest(?=\s*\()", "LATEST"),),
        "exactly": ((r"exactly\s+one", "EXACTLY_ONE"),),
        "mean": ((r"mean\s+of" + _COLUMN, "MEAN_OF"),),
        "member": ((r"member\s+of" + _QUERY, "MEMBER_OF"),),
        "cases": (("cases" + _CASE, "CASES"),),
        "that": ((r"that\s+day", "THAT_DAY"),),
        "first": (("first-ever", "FIRST_EVER"),),
        "every": tuple((rf"every\s+{p}(?=\s+during(?![\w-]))", f"EVERY_{p.upper()}") for p in PERIODS),
        "recorded": ((r"recorded\s+in", "RECORDED_IN"), (r"recorded\s+where", "RECORDED_WHERE")),
        "switch": ((r"switch-day\s+events", "SWITCH_DAY"),),
        "assigned": ((r"assigned\s+from", "ASSIGNED_FROM"),),
        "matched": ((r"matched\s+on", "MATCHED_ON"),),
        "with": ((r"with\s+replacement", "WITH_REPLACEMENT"),),
        "merged": ((r"merged\s+within", "MERGED_WITHIN"),),
    }.items()
}

#: The same in words, for whoever misspells one.
PHRASES = (
    *("days of", "count of", "sum of", "end of data", "start of data", "follow-up start", "follow-up end", "follow-up"),
    *("its start", "its end", "its date", "at time zero", "at least", "not in", "smallest", "largest", "distinct"),
    *("mean of", "member of", "days from", "weeks from", "months from", "years from", "cases", "that day"),
    *("every month", "every quarter", "every year", "recorded in", "recorded where", "switch-day events"),
    *("assigned from", "matched on", "with replacement", "merged within", "first-ever"),
    *("exactly one", "latest"),
)

#: Words that an expression takes for itself where a value is expected, and that therefore cannot be names.
RESERVED = frozenset({"not", "any", "no", "first", "last", "true", "false", "earliest", "index", "bands", "groups"})

#: Names that nothing is compared with: what other languages call a value that is not there.
UNKNOWNS = frozenset({"null", "NULL", "None", "nan", "NaN"})

_PUNCTUATION = {
    "(": "LEFT_PAREN", ")": "RIGHT_PAREN", "[": "LEFT_BRACKET", "]": "RIGHT_BRACKET", ",": "COMMA", ":": "COLON",
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "=": "EQUAL",
}  # fmt: skip
_HABITS = {
    "==": "=", "&&": "and", "||": "or", "<>": "!=", "=>": ">=", "=<": "<=", "~=": "!=", "!": "not", "&": "and",
    "|": "or", "≠": "!=", "≤": "<=", "≥": ">=", "–": "-", "—": "-", "−": "-",
}  # fmt: skip
_OPERATOR = re.compile(r"==|&&|\|\||<>|=>|=<|~=|!=|<=|>=|[<>!&|≠≤≥–—−]")
_SPACE = re.compile(r"[ \t\n]*")
_SPACE_AND_COMMENTS = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-])")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:[-+][0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?(?![\w.+-])")
_CHECK_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-])")
_RAGGED = re.compile(r"[\w.]*")
#: What is reached for after a dot: `services.where(…)`.
_METHOD = re.compile(r"\.(\w+)")
_DOTTED = re.compile(r"\w+(?:\.\w+)+")
_QUOTES = "'‘’‚‛“”„‟«»`´"
#: `1.1.2019`, `2019/1/1`: three numbers with the same mark between them.
_DATE_LIKE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?:T[0-9:.]+Z?)?(?![\w/-]|\.[0-9])")
_QUOTED_DATE = re.compile(rf"[{_QUOTES}]([0-9]+[-/.][0-9]+[-/.][0-9]+|[0-9]{{8}})[{_QUOTES}]")
#: Marks of comments elsewhere; two signs before a digit are signs.
_COMMENT = re.compile(r"--(?![0-9])|//|/\*|\*/")


class Fault(Exception):
    """One thing wrong in a clause; it goes no further than the clause."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.code)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class Token:
    kind: str
    start: int
    end: int
    text: str


class Lexer:
    """Tokens of text[start:end], one at a time.

    place: the span of a stretch of `text` in the file, which differs inside YAML scalars
    comments: whether # begins a comment (in the study spelling; YAML's comments are YAML's own)
    """

    __slots__ = ("_space", "end", "place", "position", "taken", "text")

    def __init__(self, text: str, start: int, end: int, place: Callable[[int, int], Span], comments: bool) -> None:
        self.text, self.position, self.end, self.place = text, start, end, place
        self.taken: list[Token] = []
        self._space = _SPACE_AND_COMMENTS if comments else _SPACE

    def again(self, text: str, start: int, end: int, place: Callable[[int, int], Span]) -> Lexer:
        """A lexer of the same spelling over another text."""
        other = Lexer(text, start, end, place, False)
        other._space = self._space
        return other

    def next(self, accepted: Container[str]) -> Token:
        """The next token, where the parser could take the terminals `accepted`.  Raises Fault."""
        space = self._space.match(self.text, self.position, self.end)
        start = space.end() if space else self.position
        if start >= self.end:
            return Token(END, start, start, "")
        token = self._read(start, accepted)
        self.position = token.end
        return token

    def _read(self, start: int, accepted: Container[str]) -> Token:
        text = self.text
        character = text[start]
        if character == '"':
            return self._string(start)
        if "0" <= character <= "9":
            return self._number(start, accepted)
        comment = _COMMENT.match(text, start, self.end)
        if comment:
            from studyspec.language.habitfaults import comment_mark

            raise Fault(comment_mark(comment.group(), self.place(start, comment.end())))
        operator = _OPERATOR.match(text, start, self.end)
        if operator:
            found = operator.group()
            if found in _HABITS:
                raise Fault(faults.operator_habit(found, _HABITS[found], self.place(start, operator.end())))
            return Token("COMPARE", start, operator.end(), found)
        if character in _PUNCTUATION:
            return Token(_PUNCTUATION[character], start, start + 1, character)
        end = word_end(text, start, self.end)
        if end > start:
            return self._word(start, end, accepted)
        raise Fault(self._foreign(start, accepted))

    def _foreign(self, start: int, accepted: Container[str]) -> Diagnostic:
        """What is wrong with a character that no token begins with."""
        from studyspec.language import habitfaults, habits

        text, character = self.text, self.text[start]
        method = _METHOD.match(text, start, self.end)
        before = self.taken[-1] if self.taken else None
        if method and method.group(1) not in habits.METHODS and before and before.end == start and "AT" not in accepted:
            dotted = _DOTTED.match(text, before.start, self.end)
            if before.kind == "NAME" and dotted:
                whole = dotted.group()
                return habitfaults.name_written(whole, whole.replace(".", "_"), self.place(before.start, dotted.end()))
        if method:
            instead = habits.METHODS.get(method.group(1), "Write COLUMN of TABLE, and which of its rows.")
            return faults.python_habit(method.group(), instead, self.place(start, method.end()))
        if text.startswith("%in%", start):
            return faults.operator_habit("%in%", "in", self.place(start, start + 4))
        if character in _QUOTES:
            quoted = _QUOTED_DATE.match(text, start, self.end)
            if quoted:
                from studyspec.language.shapes import date_meant

                # `date '2019-01-01'`
                first = before.start if before and before.text.lower() == "date" else start
                span = self.place(first, quoted.end())
                return habitfaults.date_written(text[first : quoted.end()], date_meant(quoted.group(1)) or "", span)
            return faults.quotation_marks(self.place(start, start + 1))
        span = self.place(start, start + 1)
        if character in habits.CHARACTERS:
            return habitfaults.character_habit(character, habits.CHARACTERS[character], span)
        return faults.character_unknown(span)

    def _string(self, start: int) -> Token:
        match = _STRING.match(self.text, start, self.end)
        if match is None:
            stop = self.text.find("\n", start, self.end)
            raise Fault(faults.unclosed_string(self.place(start, self.end if stop < 0 else stop)))
        return Token("TEXT", start, match.end(), match.group())

    def _number(self, start: int, accepted: Container[str]) -> Token:
        for kind, pattern in (("VERSION_NUMBER", _VERSION), ("CHECK_CODE", _CHECK_CODE), ("DATE", _DATE)):
            if kind == "DATE" or kind in accepted:
                match = pattern.match(self.text, start, self.end)
                if match:
                    return Token(kind, start, match.end(), match.group())
        dated = _DATE_LIKE.match(self.text, start, self.end)
        if dated:
            from studyspec.language.habitfaults import date_written
            from studyspec.language.shapes import date_meant

            meant = date_meant(dated.group())
            if meant is not None:
                raise Fault(date_written(dated.group(), meant, self.place(start, dated.end())))
        match = _NUMBER.match(self.text, start, self.end)
        assert match is not None
        end = match.end()
        ragged = _RAGGED.match(self.text, end, self.end)
        if ragged and ragged.end() > end:
            raise Fault(self._ragged(start, ragged.end(), accepted))
        return Token("NUMBER", start, end, match.group())

    def _ragged(self, start: int, end: int, accepted: Container[str]) -> Diagnostic:
        """What is wrong with a number that runs into a word."""
        from studyspec.language import habitfaults
        from studyspec.language.shapes import length_meant

        whole, span = self.text[start:end], self.place(start, end)
        if "NAME" in accepted and "NUMBER" not in accepted:
            return faults.name_invalid(whole, span)
        meant = length_meant(whole)
        before = self.taken[-1].text if self.taken else ""
        # Where codes are compared and listed, `30d` is more likely one of them.
        code = before in ("=", "!=") or ("TEXT" in accepted and "NAME" not in accepted)
        if meant is not None and (not code or whole.lstrip("0123456789") in UNITS):
            return habitfaults.duration_written(whole, meant, span)
        return faults.number_invalid(whole, span) if "." in whole else faults.code_unquoted(whole, span)

    def _word(self, start: int, end: int, accepted: Container[str]) -> Token:
        text = self.text
        word = text[start:end]
        whole: Token | None = None
        for pattern, kind in TOGETHER.get(word, ()):
            match = pattern.match(text, start, self.end)
            if match and kind in accepted:
                return Token(kind, start, match.end(), match.group())
            if match and whole is None and kind == "FOLLOW_UP":
                whole = Token(kind, start, match.end(), match.group())
        if "CHECK_CODE" in accepted:
            match = _CHECK_CODE.match(text, start, self.end)
            if match:
                return Token("CHECK_CODE", start, match.end(), match.group())
        kinds = KEYWORDS.get(word, ())
        for kind in kinds:
            if kind in accepted:
                return Token(kind, start, end, word)
        if whole is not None:
            return whole
        if kinds and "NAME" not in accepted:
            return Token(kinds[0], start, end, word)
        return Token("NAME", start, end, word)
