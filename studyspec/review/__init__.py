"""What the compiler understood, told back to people: `explain` gives the facts of any name in a study."""

from studyspec.review.explain import explain as explain
from studyspec.review.layout import as_json as as_json
from studyspec.review.layout import text as text
from studyspec.review.types import Explained as Explained
