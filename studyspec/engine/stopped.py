"""What is left of an engine's exception: the kind of trouble, and nothing it says, since engines quote rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

T = TypeVar("T")
Trouble = Literal["memory", "cast", "other"]


class Stopped(Exception):
    """The engine raised.  Holds what kind of trouble it was and the name of the exception's class; none of its text.

    Raised outside the handler of the engine's own exception, so that neither `__cause__` nor `__context__` leads to it.
    """

    def __init__(self, trouble: Trouble, failure: str) -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble
        self.failure = failure


def quietly(work: Callable[[], T], trouble: Callable[[Exception], Trouble]) -> T:
    """Do the work; whatever it raises becomes a Stopped, with nothing of the exception left in reach.

    trouble: the engine's own way to tell its exceptions apart.  Ctrl-C passes.
    """
    stopped: Stopped
    try:
        return work()
    except Exception as error:
        stopped = Stopped(trouble(error), type(error).__name__)
    raise stopped
