"""`python -m mockmkto`: the command line without its script."""

import sys

from mockmkto.cli import main

sys.exit(main())
