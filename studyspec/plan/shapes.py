"""Values made of values, wherever these are read from: bands, groups, cases, numbers, lengths of time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Literal

from studyspec.plan.nodes import Call, Case, Constant, InList, Scalar
from studyspec.semantics import core
from studyspec.semantics.walk import children

#: Whole numbers of 64 bits are below it.
LARGE = 2**63
TEN = 10
#: Digits after the point of every decimal but constants.
DIGITS = 6

# --- categories ------------------------------------------------------------------------------------------------------


def band(operand: Scalar, bands: tuple[tuple[str, int, int | None], ...]) -> Scalar:
    """The key of the band that a number falls in."""
    whens: list[tuple[Scalar, Scalar]] = []
    for key, low, high in bands:
        if high is None:
            test: Scalar = Call(">=", (operand, Constant(low)))
        elif low == high:
            test = Call("=", (operand, Constant(low)))
        else:
            test = Call("between", (operand, Constant(low), Constant(high)))
        whens.append((test, Constant(key)))
    return Case(tuple(whens))


def group(operand: Scalar, groups: tuple[tuple[str, tuple[str, ...]], ...]) -> Scalar:
    """The key of the group that a code falls in."""
    return Case(tuple((InList(operand, codes), Constant(key)) for key, codes in groups))


def first_case(cases: Sequence[tuple[str, Scalar | None, bool]]) -> Scalar:
    """The key of the first case whose condition is true; unknown once one is unknown.

    cases: key, condition (None for `otherwise`), and whether that may be unknown
    """
    whens: list[tuple[Scalar, Scalar]] = []
    for at, (key, condition, nullable) in enumerate(cases):
        if condition is None:
            return Case(tuple(whens), Constant(key)) if whens else Constant(key)
        whens.append((condition, Constant(key)))
        if nullable and at < len(cases) - 1:
            whens.append((Call("is null", (condition,)), Constant(None)))
    return Case(tuple(whens))


# --- conditions ------------------------------------------------------------------------------------------------------


def negated(condition: Scalar) -> Scalar:
    """True where a condition is false."""
    if isinstance(condition, Call) and condition.operator in ("is null", "is not null"):
        return Call("is null" if condition.operator == "is not null" else "is not null", condition.operands)
    return Call("not", (condition,))


def number_that(conditions: tuple[Scalar, ...]) -> Scalar:
    """How many of several conditions are true."""
    return total([Case(((one, Constant(1)),), Constant(0)) for one in conditions])


def may_be_null(expr: core.Expr) -> bool:
    """Whether bad data could make unknown what the model says is known: not so for what only asks for rows."""
    match expr:
        case core.RowQuery() | core.Known() | core.Literal_() | core.MemberOf():
            return False
        case core.Not() | core.Logic() | core.AtLeast():
            return any(may_be_null(part) for part in children(expr))
        case _:
            return True


# --- numbers ---------------------------------------------------------------------------------------------------------


def total(terms: Sequence[Scalar]) -> Scalar:
    """The sum of terms, tens of them put together first: databases take sums of two, and nest them only so deep."""
    while len(terms) > 1:
        tens = [terms[at : at + TEN] for at in range(0, len(terms), TEN)]
        terms = [reduce(lambda left, right: Call("+", (left, right)), ten) for ten in tens]
    return terms[0]


def arithmetic(op: Literal["+", "-", "*", "/"], left: Scalar, right: Scalar, decimal: bool) -> Scalar:
    """Of two numbers.  decimal: whether one of them is, and so the result, of six digits, half away from zero.

    Of two constants it is worked out here, where a database might take them for small integers or round otherwise.
    One too large for 64 bits is left to the database, and so is a division by zero.
    """
    if isinstance(left, Constant) and isinstance(right, Constant):
        constant = _worked_out(op, left.value, right.value, decimal)
        if constant is not None:
            return constant
    if op == "/":
        return _divided(left, right)
    if not decimal:
        return Call(op, (left, right))
    if op == "*":  # databases give a product only the room of its sides
        left, right = (left, _wide(right)) if isinstance(left, Constant) else (_wide(left), right)
        return Call("to decimal", (Call("*", (left, right)),))
    made = Call(op, (left, right))
    return made if max(_digits(left), _digits(right)) <= DIGITS else Call("to decimal", (made,))


def _worked_out(op: str, left: object, right: object, decimal: bool) -> Constant | None:
    if not isinstance(left, int | Decimal) or not isinstance(right, int | Decimal) or (op == "/" and right == 0):
        return None
    a, b = Fraction(left), Fraction(right)
    if op == "/":
        return Constant(_six_digits(a / b))
    exact = {"+": a + b, "-": a - b, "*": a * b}[op]
    if decimal:
        return Constant(_six_digits(exact))
    return Constant(int(exact)) if abs(exact) < LARGE else None


def _six_digits(exact: Fraction) -> Decimal:
    """Rounded half away from zero."""
    whole, rest = divmod(abs(exact) * 10**DIGITS, 1)
    rounded = int(whole) + (rest >= Fraction(1, 2))
    return Decimal(f"{rounded if exact >= 0 else -rounded}e-{DIGITS}")


def _divided(left: Scalar, right: Scalar) -> Scalar:
    """A quotient; a constant of more than six digits is made one of six, the other side being moved along."""
    more = max(_digits(left), _digits(right)) - DIGITS
    if more > 0:
        left, right = _moved(left, more), _moved(right, more)
    return Call("/", (left, right))


def _moved(number: Scalar, digits: int) -> Scalar:
    """A number times ten, so many times."""
    if isinstance(number, Constant) and isinstance(number.value, int | Decimal):
        return Constant(_six_digits(Fraction(number.value) * 10**digits))
    return Call("*", (_wide(number), Constant(10**digits)))


def _wide(number: Scalar) -> Scalar:
    """A number as a decimal with all the room there is."""
    wide = isinstance(number, Call) and number.operator in ("to decimal", "/")
    return number if wide else Call("to decimal", (number,))


def _digits(number: Scalar) -> int:
    """Digits after the point of a constant; what databases compute has six at most."""
    if not isinstance(number, Constant) or not isinstance(number.value, Decimal):
        return 0
    exponent = number.value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


# --- lengths of time -------------------------------------------------------------------------------------------------


def elapsed(unit: core.Unit, start: Scalar, end: Scalar) -> Scalar:
    """Whole units completed from one day to another; negative, and the other way round, where the end comes first."""
    if unit == "day":
        return Call("days between", (start, end))
    if unit == "week":
        return Call("whole part", (Call("days between", (start, end)), Constant(7)))
    months = Call("completed months", (start, end))
    return months if unit == "month" else Call("whole part", (months, Constant(12)))
