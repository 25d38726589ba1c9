"""`python -m studyspec`."""

import sys

from studyspec.cli.main import main

sys.exit(main())
