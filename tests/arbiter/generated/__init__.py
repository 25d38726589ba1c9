"""Studies made by Hypothesis: every construct of the resolved core, over a small model, on awkward rows."""

from tests.arbiter.generated.features import FEATURES as FEATURES
from tests.arbiter.generated.features import RUN as RUN
from tests.arbiter.generated.show import parts as parts
from tests.arbiter.generated.studies import Case as Case
from tests.arbiter.generated.studies import cases as cases
from tests.arbiter.generated.studies import studies as studies
