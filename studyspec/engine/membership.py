"""Who is in a cohort, as keyed hashes: identifiers pass through here in batches and are kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.plan.cubes import Membership
from studyspec.source import EngineFailed

KEY_BYTES = 32
DIGEST_BYTES = 16


def site_key(site: Site) -> bytes:
    """The site's key for membership sets: 32 random bytes.  Raises EngineFailed (site-key-missing, site-key-unusable).

    Making one is the release room's work; a run that cannot be compared with earlier releases must not start.
    """
    try:
        key = site.key.read_bytes()
    except OSError:
        key = b""
    if not key:
        raise EngineFailed(faults.key_missing(site.name))
    if len(key) != KEY_BYTES:
        raise EngineFailed(faults.key_unusable(site.name))
    return key


def membership(
    site: Site, cohort: str, entity: str, key: bytes, batches: Iterable[Sequence[tuple[object, ...]]]
) -> Membership:
    """Hash the identifiers, each the only column of its row.  Raises EngineFailed (engine-cube) for a missing one.

    The entity is hashed too: vacancy 17 is not person 17, or cohorts of the two would seem to share members.
    """
    members: set[bytes] = set()
    salted = blake2b(digest_size=DIGEST_BYTES, key=key)
    salted.update(entity.encode() + b"\0")
    for batch in batches:
        if any(value is None for (value,) in batch):
            raise EngineFailed(faults.cube_broken(cohort))
        for (value,) in batch:
            one = salted.copy()
            one.update(str(value).encode())
            members.add(one.digest())
    return Membership(site.population, cohort, frozenset(members))
