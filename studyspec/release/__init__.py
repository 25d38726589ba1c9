"""Release: staging inside the site, publishing outside it, and the ledger of everything that went out."""

from studyspec.release.ledger import history, refused
from studyspec.release.publishing import Release, publish
from studyspec.release.staging import Staged, reopen, stage
from studyspec.release.verification import Verified, verify

__all__ = ["Release", "Staged", "Verified", "history", "publish", "refused", "reopen", "stage", "verify"]
