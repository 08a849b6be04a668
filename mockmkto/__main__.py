"""The process's first moment, as a script or as `python -m mockmkto`: a server's signals are caught before all else."""

import sys

from mockmkto.signals import end_at_once

__all__ = ["main"]


def main() -> int:
    """Runs the command line, whose imports take a while. Returns the exit code."""
    if sys.argv[1:2] == ["serve"]:
        end_at_once()
    from mockmkto import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
