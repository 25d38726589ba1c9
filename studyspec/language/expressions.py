"""Expressions back to text, with no more parentheses than reading them again needs."""

from __future__ import annotations

from typing import Literal

from studyspec.language import tree

#: Where an expression stands, from the loosest to the tightest; `bare` is after a `with` without parentheses.
Place = Literal["whole", "or", "and", "not", "test", "value", "operand", "sum", "product", "primary", "plain"]
_PLACES: tuple[Place, ...] = (
    *("whole", "or", "and", "not", "test", "value", "operand", "sum", "product", "primary", "plain"),
)
_RANK: dict[Place, int] = {place: rank for rank, place in enumerate(_PLACES)}
_Category = tree.Bands | tree.Groups | tree.Cases
_Test = tree.Compare | tree.Between | tree.In | tree.Known | tree.AtLeast


def expression(node: tree.Expr, place: Place = "whole") -> str:
    """The text of an expression that stands alone, or in a narrower place of the grammar."""
    return _at(node, place, True)


def name(node: tree.Name) -> str:
    return node.text


def quoted(value: str) -> str:
    """A text of the study spelling."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def duration(node: tree.Duration) -> str:
    return f"{node.amount} {node.unit}{'' if node.amount == 1 else 's'}"


def type_name(node: tree.TypeName) -> str:
    return f"code of {node.list.text}" if node.list is not None else node.kind


def interval(node: tree.Interval) -> str:
    left, right = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return f"{left}{_at(node.low, 'sum', False)}, {_at(node.high, 'sum', False)}{right}"


def window(node: tree.Window) -> str:
    """The words of a row query's window."""
    if isinstance(node, tree.Interval):
        return f"during {interval(node)}"
    if isinstance(node, tree.NamedWindow):
        return f"during {node.name}"
    word = "before" if isinstance(node, tree.Before) else "covering"
    return f"{word} {_at(node.time, 'sum', False)}"


def _rank(node: tree.Expr) -> int:
    if isinstance(node, tree.Logic):
        return _RANK["or" if node.op == "or" else "and"]
    if isinstance(node, tree.Not):
        return _RANK["not"]
    if isinstance(node, _Category):
        return _RANK["whole"]
    if isinstance(node, _Test):
        return _RANK["test"]
    if isinstance(node, tree.RowValue) and node.pick is None:
        return _RANK["operand"]
    if isinstance(node, tree.Rows | tree.RowValue):
        # With a bare condition it stands where a negation may, and at the end.
        return _RANK["value" if node.condition is None else "not" if _bare(node.condition) else "test"]
    if isinstance(node, tree.At | tree.Elapsed | tree.MemberOf):
        return _RANK["operand"]
    if isinstance(node, tree.Arithmetic):
        return _RANK["product" if node.op in "*/" else "sum"]
    if isinstance(node, tree.Linked):
        return _RANK["primary"]
    return _RANK["sum" if isinstance(node, tree.Shift) else "plain"]


def _bare(condition: tree.Expr) -> bool:
    """Whether a condition stands after `with` without parentheses."""
    if isinstance(condition, tree.RowValue):
        return condition.pick is None
    return not isinstance(condition, tree.Logic | tree.Not | tree.Rows | _Category)


def _open(node: tree.Expr) -> bool:
    """Whether the text ends with a bare `with`, so that nothing may follow it."""
    while True:
        if isinstance(node, tree.Rows | tree.RowValue):
            return node.condition is not None and _bare(node.condition)
        if isinstance(node, tree.Logic):
            final = node.operands[-1]
            if isinstance(final, tree.Logic) and (node.op, final.op) != ("or", "and"):
                return False
            node = final
        elif isinstance(node, tree.Not):
            node = node.operand
            if isinstance(node, tree.Logic):
                return False
        else:
            return False


def _at(node: tree.Expr, place: Place, last: bool) -> str:
    """last: whether nothing follows, so that a bare `with` may end the text."""
    if _rank(node) < _RANK[place] or (not last and _open(node)):
        return f"({_plain(node, True)})"
    return _plain(node, last)


def _plain(node: tree.Expr, last: bool) -> str:
    if isinstance(node, tree.Logic):
        # Operands of `or` may be `and`; a nested one of the same kind was written with parentheses and keeps them.
        inner: Place = "and" if node.op == "or" else "not"
        count = len(node.operands)
        return f" {node.op} ".join(
            _at(operand, inner, last and number == count) for number, operand in enumerate(node.operands, 1)
        )
    if isinstance(node, tree.Not):
        return f"not {_at(node.operand, 'not', last)}"
    if isinstance(node, tree.RowValue) and node.pick is None:
        assert isinstance(node.window, tree.Covering)
        return f"{node.column.text} of {node.table.text} at {_at(node.window.time, 'sum', False)}"
    if isinstance(node, tree.Rows | tree.RowValue):
        return _rows(node)
    if isinstance(node, tree.Bands):
        return f"{_at(node.operand, 'value', False)} in bands {', '.join(map(_band, node.bands))}"
    if isinstance(node, tree.Groups):
        return f"{_at(node.operand, 'value', False)} in groups {', '.join(map(_group, node.groups))}"
    if isinstance(node, tree.Cases):
        return f"cases {', '.join(map(_case, node.cases))}"
    if isinstance(node, _Test):
        return _test(node, "value")
    return _simple(node)


def _test(node: _Test, side: Place) -> str:
    if isinstance(node, tree.AtLeast):
        return f"at least {node.count} of ({', '.join(_at(operand, 'or', True) for operand in node.operands)})"
    if isinstance(node, tree.Compare):
        return f"{_at(node.left, side, False)} {node.op} {_at(node.right, side, False)}"
    operand = _at(node.operand, side, False)
    if isinstance(node, tree.Between):
        return f"{operand} between {_at(node.low, side, False)} and {_at(node.high, side, False)}"
    if isinstance(node, tree.Known):
        return f"{operand} is {'unknown' if node.negated else 'known'}"
    word = "not in" if node.negated else "in"
    if isinstance(node.items, tree.Name):
        group = "" if node.group is None else f" group {quoted(node.group.value)}"
        under = "" if node.under is None else f" under {quoted(node.under.value)}"
        return f"{operand} {word} {node.items.text}{group}{under}"
    return f"{operand} {word} ({', '.join(_at(item, 'primary', False) for item in node.items)})"


def _band(band: tree.Band) -> str:
    return f"{band.low}+" if band.high is None else f"{band.low}-{band.high}"


def _group(group: tree.Group) -> str:
    label = "" if group.label is None else f"{quoted(group.label.value)} "
    return f"{group.name.text} {label}({', '.join(quoted(code.value) for code in group.codes)})"


def _case(case: tree.Case) -> str:
    label = "" if case.label is None else f" {quoted(case.label.value)}"
    rule = "otherwise" if case.where is None else f"where {_at(case.where, 'or', True)}"
    return f"{case.name.text}{label} {rule}"


def _rows(node: tree.Rows | tree.RowValue) -> str:
    if isinstance(node, tree.RowValue):
        value = [node.column.text, "of"]
        words = [*value, node.pick] if node.pick == "exactly one" else [str(node.pick), *value]
        words.append(node.table.text)
    else:
        words = [node.quantifier, node.table.text]
    if node.edge:
        words.append(node.edge)
    if node.window is not None:
        words.append(window(node.window))
    if node.condition is not None:
        words.append(_with(node.condition))
    return " ".join(words)


def _with(condition: tree.Expr) -> str:
    inside = _test(condition, "operand") if isinstance(condition, _Test) else _at(condition, "operand", False)
    return f"with {inside}"


def spells(node: tree.SpellExpr, last: bool = True, alone: bool = True) -> str:
    """The text of spells; `last` as in expressions, `alone` where an operator need not be put in parentheses."""
    if isinstance(node, tree.SpellRows):
        if node.condition is None:
            return node.table.text
        text = f"{node.table.text} {_with(node.condition)}"
        return text if last or not _bare(node.condition) else f"({text})"
    if not alone:
        return f"({spells(node)})"
    if isinstance(node, tree.Merged):
        inner = spells(node.operand, alone=not isinstance(node.operand, tree.Merged))
        return f"{inner} merged within {duration(node.gap)}"
    count = len(node.operands)
    parts = [spells(operand, number == count, False) for number, operand in enumerate(node.operands, 1)]
    return f" {node.op} ".join(parts)


def index(node: tree.AnyIndex) -> str:
    """An index without its word."""
    if isinstance(node, tree.Index):
        washout = "" if node.washout is None else f" washout {duration(node.washout)}"
        return f"{expression(node.event)}{washout}"
    if isinstance(node, tree.IndexAt):
        return f"at {expression(node.time, 'sum')}"
    if isinstance(node, tree.IndexEach):
        return f"every {node.unit} {window(node.window)}"
    if isinstance(node, tree.IndexFrom):
        return f"from {f' {node.op} '.join(cohort.text for cohort in node.cohorts)}"
    if isinstance(node, tree.IndexNone):
        return "none"
    words = [f"assigned from {node.cohort.text} matched on {', '.join(_matched(one) for one in node.on)}"]
    if node.ratio != 1:
        words.append(f"ratio {node.ratio}")
    if node.replacement:
        words.append("with replacement")
    if node.seed:
        words.append(f"seed {node.seed}")
    return " ".join(words)


def _matched(node: tree.Matched) -> str:
    return node.name.text if node.within is None else f"{node.name.text} within {_simple(node.within)}"


def level(node: tree.Level) -> str:
    """What a level says after its name and label."""
    if node.where is not None:
        return f"where {expression(node.where)}"
    if node.since is not None:
        return f"from {expression(node.since)}"
    return "otherwise" if node.during is None else f"while {spells(node.during)}"


def event(node: tree.Expr | tree.Recorded) -> str:
    """What an outcome is."""
    return f"recorded where {expression(node.condition)}" if isinstance(node, tree.Recorded) else expression(node)


def _simple(node: tree.Expr) -> str:
    if isinstance(node, tree.Name):
        return node.text
    if isinstance(node, tree.Text):
        return quoted(node.value)
    if isinstance(node, tree.Number):
        return f"{node.value:f}"
    if isinstance(node, tree.Boolean):
        return "true" if node.value else "false"
    if isinstance(node, tree.Date):
        return node.value.isoformat()
    if isinstance(node, tree.Duration):
        return duration(node)
    if isinstance(node, tree.Anchor):
        return node.name
    if isinstance(node, tree.At):
        return f"{_at(node.operand, 'plain', False)} at {_at(node.time, 'sum', False)}"
    if isinstance(node, tree.Elapsed):
        return f"{node.unit}s from {_at(node.start, 'sum', False)} to {_at(node.end, 'sum', False)}"
    if isinstance(node, tree.Linked):
        return f"{node.column.text} of {node.entity.text}"
    if isinstance(node, tree.MemberOf):
        return f"member of {node.cohort.text}"
    if isinstance(node, tree.Shift):
        return f"{_at(node.operand, 'sum', False)} {node.sign} {duration(node.duration)}"
    if isinstance(node, tree.Arithmetic):
        left: Place = "product" if node.op in "*/" else "sum"
        right: Place = "primary" if node.op in "*/" else "product"
        return f"{_at(node.left, left, False)} {node.op} {_at(node.right, right, False)}"
    assert isinstance(node, tree.Earliest | tree.Latest)
    word = "earliest" if isinstance(node, tree.Earliest) else "latest"
    return f"{word}({', '.join(_at(item, 'sum', False) for item in node.items)})"
