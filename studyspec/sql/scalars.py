"""Scalars as SQL text: on one line where they fit, laid out over several where they do not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, InList, InStep, Running, Scalar, Shift
from studyspec.sql.dialects import AND, ATOM, COMPARISON, NOT, OR, PRODUCT, SUM, Dialect, Spelled
from studyspec.sql.quote import identifier, literal, string

WIDTH = 100
TAB = "    "
_INFIX = ("=", "<>", "<", "<=", ">", ">=")
#: Operator -> how tightly it holds, and how tightly its left and right side must.
_ARITHMETIC = {"+": (SUM, SUM, PRODUCT), "-": (SUM, SUM, PRODUCT), "*": (PRODUCT, PRODUCT, ATOM)}
#: How many days a unit that is counted has, as the times of reports have it.
_COUNTED = {"counted days": "", "counted weeks": " * 7", "counted months": " * 30.4375", "counted years": " * 365.25"}
_FUNCTIONS = ("coalesce", "least", "greatest", "nullif", "grouping", "md5")
_AGGREGATES = {"count": "count({})", "count distinct": "count(distinct {})"}
_WINDOWS = {"next": "lead", "previous": "lag", "place": "row_number"}
#: Of one other row, not of a stretch of them.
_ONE_ROW = ("next", "previous", "place")
_BEFORE = "rows between unbounded preceding and 1 preceding"


class Speller:
    """Spells scalars in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def name(self, name: str) -> str:
        return identifier(name, self.dialect)

    def string(self, text: str) -> str:
        return string(text, self.dialect)

    def lines(self, scalar: Scalar, indent: int = 0, level: int = OR) -> list[str]:
        """The scalar's lines; all but the first start with `indent` spaces.  level: how tightly it must hold."""
        flat = self.flat(scalar, level)
        if indent + len(flat) <= WIDTH and not _is_tall(scalar):
            return [flat]
        stands_alone = self._level(scalar) >= level
        broken = self._broken(scalar, indent if stands_alone else indent + len(TAB))
        if broken is None:
            return [flat]
        if stands_alone:
            return broken
        inner = " " * (indent + len(TAB))
        return ["(", inner + broken[0], *broken[1:], " " * indent + ")"]

    # --- on one line ---

    def flat(self, scalar: Scalar, level: int = OR) -> str:
        text = self._flat(scalar)
        return text if self._level(scalar) >= level else f"({text})"

    def _flat(self, scalar: Scalar) -> str:
        match scalar:
            case Column():
                return f"{self.name(scalar.table)}.{self.name(scalar.name)}"
            case Constant(value=None):
                return f"cast(null as {self.dialect.cast('date')})"
            case Constant():
                return literal(scalar.value, self.dialect)
            case Call():
                return self._call(scalar)
            case Shift():
                form = self._shift(scalar)
                return self._moved(scalar, self.flat(scalar.operand, form.inner))
            case Case():
                whens = [f"when {self.flat(c)} then {self._chosen(scalar, v)}" for c, v in scalar.whens]
                otherwise = [] if scalar.otherwise is None else [f"else {self.flat(scalar.otherwise)}"]
                return " ".join(["case", *whens, *otherwise, "end"])
            case InList():
                return self._in_list(scalar)
            case InStep():
                column = self._flat(scalar.column)
                listed = " ".join(("select", column, "from", self.name(scalar.column.table)))
                return f"{self.flat(scalar.operand, SUM)} {'not in' if scalar.negated else 'in'} ({listed})"
            case Aggregate():
                inner = "*" if scalar.operand is None else self.flat(scalar.operand)
                return _AGGREGATES.get(scalar.function, scalar.function + "({})").format(inner)
            case Running():
                return (
                    f"{_WINDOWS.get(scalar.function, scalar.function)}({self._of(scalar)}) over ({self._over(scalar)})"
                )

    def _call(self, call: Call) -> str:
        operator, operands = call.operator, call.operands
        if operator in _INFIX:
            left, right = (self.flat(one, SUM) for one in operands)
            return f"{left} {operator} {right}"
        if operator in _ARITHMETIC:
            _, on_left, on_right = _ARITHMETIC[operator]
            return f"{self.flat(operands[0], on_left)} {operator} {self.flat(operands[1], on_right)}"
        if operator in ("and", "or"):
            level = NOT if operator == "and" else AND
            return f" {operator} ".join(self.flat(one, level) for one in operands)
        if operator in _FUNCTIONS:
            return f"{operator}({', '.join(self.flat(one) for one in operands)})"
        if operator.startswith("to "):
            return f"cast({self.flat(operands[0])} as {self.dialect.cast(operator[3:])})"
        if operator in _COUNTED:
            day, n = self.flat(operands[0], self.dialect.counted.inner), self.flat(operands[1], PRODUCT)
            return self.dialect.counted.template.format(day=day, n=n + _COUNTED[operator])
        match operator:
            case "first day of year":
                return self.dialect.first_day.template.format(n=self.flat(operands[0]))
            case "not":
                return f"not {self.flat(operands[0], ATOM)}"
            case "is null" | "is not null" | "is not true" | "is not false":
                return f"{self.flat(operands[0], SUM)} {operator}"
            case "between":
                value, low, high = (self.flat(one, SUM) for one in operands)
                return f"{value} between {low} and {high}"
            case "/" | "whole part":
                form = self._division(call)
                left, right = (self.flat(one, form.inner) for one in operands)
                template = re.sub(r"\(\n +", "(", form.template).replace("\n)", ")")
                return re.sub(r"\n +", " ", template).format(left=left, right=right)
            case "joined text":
                return " || ".join(self.flat(one, SUM) for one in operands)
            case "by code point":
                form = self.dialect.by_code_point
                return form.template.format(text=self.flat(operands[0], form.inner))
            case "days between":
                form = self.dialect.days_between
                start, end = (self.flat(one, form.inner) for one in operands)
                return form.template.format(start=start, end=end)
            case "completed years":
                return " ".join(line.strip() for line in self._years(call, 0))
            case "completed months":
                return " ".join(line.strip() for line in self._months(call, 0))
        raise ValueError(f"the emitter does not know {operator}")

    def _chosen(self, case: Case, value: Scalar) -> str:
        """A value of a case on one line; a null has the type of the others, if there are any."""
        others = (*(one for _, one in case.whens), case.otherwise)
        typed = any(one is not None and one != Constant(None) for one in others)
        return "null" if typed and value == Constant(None) else self.flat(value)

    def _division(self, call: Call) -> Spelled:
        return self.dialect.divided if call.operator == "/" else self.dialect.whole_part

    def _shift(self, shift: Shift) -> Spelled:
        dialect, on = self.dialect, shift.amount >= 0
        if shift.unit == "day":
            return dialect.add_days if on else dialect.subtract_days
        if shift.unit == "month":
            return dialect.add_months if on else dialect.subtract_months
        return dialect.add_years if on else dialect.subtract_years

    def _moved(self, shift: Shift, day: str) -> str:
        n = abs(shift.amount)
        unit = shift.unit if n == 1 else f"{shift.unit}s"
        months = 12 * n if shift.unit == "year" else n
        return self._shift(shift).template.format(day=day, n=n, unit=unit, months=months)

    def _in_list(self, scalar: InList) -> str:
        if not scalar.values:
            return self._flat(_in_nothing(scalar))
        if len(scalar.values) == 1:
            sign = "<>" if scalar.negated else "="
            return f"{self.flat(scalar.operand, SUM)} {sign} {string(scalar.values[0], self.dialect)}"
        values = ", ".join(string(value, self.dialect) for value in scalar.values)
        return f"{self.flat(scalar.operand, SUM)} {'not in' if scalar.negated else 'in'} ({values})"

    def _of(self, scalar: Running) -> str:
        return "" if scalar.function == "place" else self.flat(scalar.operand)

    def _over(self, scalar: Running) -> str:
        parts = "partition by " + ", ".join(self.flat(one) for one in scalar.partition) if scalar.partition else ""
        if not scalar.order:
            return parts
        order = ", ".join(f"{self.flat(one)} nulls last" for one in scalar.order)
        frame = "" if scalar.function in _ONE_ROW else f" {_BEFORE}"
        return f"{parts} order by {order}{frame}".lstrip()

    # --- on several lines ---

    def _broken(self, scalar: Scalar, indent: int) -> list[str] | None:
        match scalar:
            case Case():
                return self._case(scalar, indent)
            case InList() if len(scalar.values) > 1:
                return self._long_list(scalar, indent)
            case Call(operator="and" | "or"):
                return self._long_logic(scalar, indent)
            case Call(operator="completed years"):
                return self._years(scalar, indent)
            case Call(operator="completed months"):
                return self._months(scalar, indent)
            case Call(operator="/" | "whole part"):
                return self._long_division(scalar, indent)
            case Call() if scalar.operator in _INFIX or scalar.operator in _ARITHMETIC:
                _, on_left, on_right = _ARITHMETIC.get(scalar.operator, (COMPARISON, SUM, SUM))
                left = self.lines(scalar.operands[0], indent, on_left)
                right = self.lines(scalar.operands[1], indent + len(TAB), on_right)
                return [*left, f"{' ' * (indent + len(TAB))}{scalar.operator} {right[0]}", *right[1:]]
            case Call(operator="between"):
                value = self.lines(scalar.operands[0], indent, SUM)
                low, high = (self.flat(one, SUM) for one in scalar.operands[1:])
                return [*value, f"{' ' * (indent + len(TAB))}between {low} and {high}"]
            case Call() if scalar.operator in _FUNCTIONS:
                return self._arguments(scalar.operator, scalar.operands, indent)
            case Aggregate() if scalar.operand is not None:
                function = _AGGREGATES.get(scalar.function, scalar.function + "({})").format("")[:-1]
                inner = indent + len(TAB)
                lines = self.lines(scalar.operand, inner)
                return [function, " " * inner + lines[0], *lines[1:], " " * indent + ")"]
            case Running():
                return self._long_over(scalar, indent)
            case Call() if scalar.operator.startswith("to "):
                return self._long_cast(scalar, indent)
            case Call(operator="not"):
                lines = self.lines(scalar.operands[0], indent, ATOM)
                return [f"not {lines[0]}", *lines[1:]]
            case Call(operator="by code point"):
                form = self.dialect.by_code_point
                text = "\n".join(self.lines(scalar.operands[0], indent, form.inner))
                return form.template.format(text=text).split("\n")
            case Shift():
                inner = self._shift(scalar).inner
                return self._moved(scalar, "\n".join(self.lines(scalar.operand, indent, inner))).split("\n")
        return None

    def _case(self, case: Case, indent: int) -> list[str]:
        inner = indent + len(TAB)
        pad = " " * inner
        lines = ["case"]
        for condition, value in case.whens:
            tests = self.lines(condition, inner + len(TAB))
            values = self.lines(value, inner + len(TAB)) if value != Constant(None) else [self._chosen(case, value)]
            if len(tests) == 1:
                lines += [f"{pad}when {tests[0]} then {values[0]}", *values[1:]]
            else:
                lines += [f"{pad}when {tests[0]}", *tests[1:], f"{pad}{TAB}then {values[0]}", *values[1:]]
        if case.otherwise is not None:
            values = self.lines(case.otherwise, inner)
            lines += [f"{pad}else {values[0]}", *values[1:]]
        return [*lines, " " * indent + "end"]

    def _long_list(self, scalar: InList, indent: int) -> list[str]:
        head = f"{self.flat(scalar.operand, SUM)} {'not in' if scalar.negated else 'in'} ("
        values = [string(value, self.dialect) for value in scalar.values]
        return [head, *self.filled(values, indent + len(TAB)), " " * indent + ")"]

    def filled(self, pieces: Sequence[str], indent: int) -> list[str]:
        """Pieces with commas between, as many on a line as fit."""
        inner = " " * indent
        lines, line = [], inner
        for at, piece in enumerate(pieces):
            whole = piece + ("," if at < len(pieces) - 1 else "")
            if len(line) > indent and len(line) + len(whole) >= WIDTH:
                lines.append(line.rstrip())
                line = inner
            line += whole + " "
        return [*lines, line.rstrip()]

    def _long_logic(self, call: Call, indent: int) -> list[str]:
        level = NOT if call.operator == "and" else AND
        found: list[str] = []
        for at, operand in enumerate(call.operands):
            lines = self.lines(operand, indent + len(TAB), level)
            found += [lines[0] if at == 0 else f"{' ' * indent}{call.operator} {lines[0]}", *lines[1:]]
        return found

    def _long_cast(self, call: Call, indent: int) -> list[str]:
        inner = indent + len(TAB)
        lines = self.lines(call.operands[0], inner)
        lines[-1] += f" as {self.dialect.cast(call.operator[3:])}"
        return ["cast(", " " * inner + lines[0], *lines[1:], " " * indent + ")"]

    def _long_division(self, call: Call, indent: int) -> list[str]:
        form, pad = self._division(call), " " * indent
        template = form.template.replace("\n", f"\n{pad}")
        inner = indent + len(TAB) if template != form.template else indent
        left, right = ("\n".join(self.lines(one, inner, form.inner)) for one in call.operands)
        return template.format(left=left, right=right).split("\n")

    def _arguments(self, function: str, operands: tuple[Scalar, ...], indent: int) -> list[str]:
        inner = indent + len(TAB)
        found = [f"{function}("]
        for at, operand in enumerate(operands):
            lines = self.lines(operand, inner)
            lines[-1] += "," if at < len(operands) - 1 else ""
            found += [" " * inner + lines[0], *lines[1:]]
        return [*found, " " * indent + ")"]

    def _long_over(self, scalar: Running, indent: int) -> list[str]:
        pad = " " * (indent + len(TAB))
        operand = [""] if scalar.function == "place" else self.lines(scalar.operand, indent)
        found = [f"{_WINDOWS.get(scalar.function, scalar.function)}({operand[0]}", *operand[1:]]
        found[-1] += ") over ("
        if scalar.partition:
            found += _pieces("partition by", [self.flat(one) for one in scalar.partition], pad)
        if scalar.order:
            found += _pieces("order by", [f"{self.flat(one)} nulls last" for one in scalar.order], pad)
            if scalar.function not in _ONE_ROW:
                found.append(pad + _BEFORE)
        return [*found, " " * indent + ")"]

    def _years(self, call: Call, indent: int) -> list[str]:
        """Calendar years between, less one before the birthday.

        In the month of birth, only 29 February can come after the month's last day: the birthday is then that day.
        """
        birth, day = call.operands
        if day == Constant(None):  # no database can tell of what type an untyped null's year is
            return [f"cast(null as {self.dialect.cast('integer')})"]
        pad = " " * (indent + len(TAB))
        month_b, month_d = self._part("month", birth), self._part("month", day)
        next_day = self._part("day", Shift(day, 1, "day"))
        return [
            f"{self._part('year', day)} - {self._part('year', birth)} - case",
            f"{pad}when {month_d} < {month_b} then 1",
            f"{pad}when {month_d} > {month_b} then 0",
            f"{pad}when {self._part('day', day)} >= {self._part('day', birth)} then 0",
            f"{pad}when {next_day} = 1 then 0",
            f"{pad}else 1",
            " " * indent + "end",
        ]

    def _months(self, call: Call, indent: int) -> list[str]:
        """Calendar months between, less one that is not complete, whichever way they are counted.

        A month is complete on the same day of the month, or on the last day of a month that is too short.
        """
        start, end = call.operands
        if Constant(None) in (start, end):
            return [f"cast(null as {self.dialect.cast('integer')})"]
        pad = " " * (indent + len(TAB))
        first, last = self.flat(start, SUM), self.flat(end, SUM)
        day_s, day_e = self._part("day", start), self._part("day", end)
        after_s, after_e = (self._part("day", Shift(one, 1, "day")) for one in (start, end))
        return [
            f"({self._part('year', end)} - {self._part('year', start)}) * 12",
            f"{pad}+ {self._part('month', end)}",
            f"{pad}- {self._part('month', start)}",
            f"{pad}+ case",
            f"{pad}{TAB}when {last} >= {first}",
            f"{pad}{TAB}{TAB}and {day_e} < {day_s}",
            f"{pad}{TAB}{TAB}and {after_e} > 1",
            f"{pad}{TAB}{TAB}then -1",
            f"{pad}{TAB}when {last} < {first}",
            f"{pad}{TAB}{TAB}and {day_s} < {day_e}",
            f"{pad}{TAB}{TAB}and {after_s} > 1",
            f"{pad}{TAB}{TAB}then 1",
            f"{pad}{TAB}else 0",
            f"{pad}end",
        ]

    def _part(self, part: str, day: Scalar) -> str:
        form = self.dialect.part
        return form.template.format(part=part, day=self.flat(day, form.inner))

    # --- how tightly ---

    def _level(self, scalar: Scalar) -> int:
        match scalar:
            case Shift():
                return self._shift(scalar).level
            case InList():
                return COMPARISON if scalar.values else ATOM
            case InStep():
                return COMPARISON
            case Constant():
                return ATOM if not isinstance(scalar.value, int) or scalar.value >= 0 else SUM
            case Call():
                return self._call_level(scalar)
        return ATOM

    def _call_level(self, call: Call) -> int:
        if call.operator in _FUNCTIONS or call.operator.startswith("to "):
            return ATOM
        levels = {"and": AND, "or": OR, "not": NOT, "completed years": SUM, "completed months": SUM, "joined text": SUM}
        if call.operator == "by code point":
            return min(self.dialect.by_code_point.level, self._level(call.operands[0]))
        if call.operator == "days between":
            return self.dialect.days_between.level
        if call.operator in ("/", "whole part"):
            return self._division(call).level
        if call.operator in _COUNTED:
            return self.dialect.counted.level
        if call.operator == "first day of year":
            return self.dialect.first_day.level
        if call.operator in _ARITHMETIC:
            return _ARITHMETIC[call.operator][0]
        return levels.get(call.operator, COMPARISON)


def _is_tall(scalar: Scalar) -> bool:
    """What is laid out over several lines even where it would fit on one."""
    match scalar:
        case Case():
            return len(scalar.whens) > 1
        case Call(operator="completed years" | "completed months"):
            return True
        case Call():
            return any(_is_tall(one) for one in scalar.operands)
        case Running():
            return bool(scalar.order)
    return False


def _pieces(head: str, pieces: Sequence[str], pad: str) -> list[str]:
    """A clause of several pieces: on one line, or one piece a line where they do not fit."""
    line = f"{pad}{head} {', '.join(pieces)}"
    if len(pieces) == 1 or len(line) <= WIDTH:
        return [line]
    return [pad + head, *(f"{pad}{TAB}{one}," for one in pieces[:-1]), f"{pad}{TAB}{pieces[-1]}"]


def _in_nothing(scalar: InList) -> Case:
    """Membership in no codes at all: false, or unknown where the value is."""
    return Case(((Call("is not null", (scalar.operand,)), Constant(scalar.negated)),))
