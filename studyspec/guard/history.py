"""Cohorts released before: no two, nor any combination of them, may differ by a few people.

Everyone in some cohort belongs to one atom: those in exactly the same cohorts.  Published numbers of several cohorts
can be combined to numbers of any union of atoms, so an atom of a few people is a few people who can be told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from studyspec.guard import faults
from studyspec.guard.cohorts import differences
from studyspec.guard.types import History
from studyspec.plan.cubes import Membership
from studyspec.source import Refused

#: With more earlier cohorts than this there are too many combinations: the new one is compared with each alone.
MOST_ATOMS = 8


def require_same_divisions(membership: Membership, history: History, divisions: tuple[tuple[str, str], ...]) -> None:
    """Raises Refused (crossing-releases) where people released before are now divided at other points.

    Subtracting the two tables would count those in between.
    """
    now = dict(divisions)
    for earlier, divided in zip(history.memberships, history.divisions, strict=False):
        if earlier.members.isdisjoint(membership.members):
            continue
        if any(value in now and now[value] != cuts for value, cuts in divided):
            raise Refused(faults.crossing_releases())


def require_all_apart(memberships: Sequence[Membership], history: History, minimum: int) -> None:
    """Raises Refused (differencing) where cohorts of a new release, alone or two together, can be subtracted from
    earlier ones to a few people."""
    for one in memberships:
        require_apart(one, history, minimum)
    earlier = {m.members: m for m in history.memberships if m.population in {new.population for new in memberships}}
    new = {m.members: m for m in memberships if m.members not in earlier}
    if len(new) < 2 or len(earlier) > MOST_ATOMS:
        return
    for found in differences([*earlier.values(), *new.values()]):
        if any(i >= len(earlier) for i in (*found.plus, *found.minus)) and 0 < found.people < minimum:
            raise Refused(faults.differencing())


def require_apart(membership: Membership, history: History, minimum: int) -> None:
    """Raises Refused (differencing) where the new cohort can be subtracted from earlier ones to a few people."""
    new = membership.members
    earlier = {m.members for m in history.memberships if m.population == membership.population}
    earlier.discard(new)
    for old in earlier:
        if 0 < len(new - old) < minimum or 0 < len(old - new) < minimum:
            raise Refused(faults.differencing())
    if len(earlier) > MOST_ATOMS or new in {m.members for m in history.memberships}:
        return
    seen_in = dict.fromkeys(new, 0)
    for i, old in enumerate(earlier):
        for person in old:
            seen_in[person] = seen_in.get(person, 0) | 1 << i
    inside = Counter(seen_in[person] for person in new)
    outside = Counter(cohorts for person, cohorts in seen_in.items() if person not in new)
    # Only atoms that the new cohort makes are its doing; the others were judged when their own cohorts came.
    for cohorts in inside.keys() | outside.keys():
        made = cohorts == 0 or (inside[cohorts] and outside[cohorts])
        if made and any(0 < n < minimum for n in (inside[cohorts], outside[cohorts])):
            raise Refused(faults.differencing())
