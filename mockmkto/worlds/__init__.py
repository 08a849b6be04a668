"""A fixture, checked and loaded into a subscription.

`read_worlds` and `read_all` read and check, and raise `FixtureError` with everything that is wrong; only what they
return can be loaded, so nothing is ever half-loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from mockmkto.worlds.empty import EMPTY, empty_world
from mockmkto.worlds.loading import fill, load
from mockmkto.worlds.problems import FixtureError, Problem
from mockmkto.worlds.shipped import find_fixture, shipped_fixtures
from mockmkto.worlds.world import FixtureLead, FixtureWorld

__all__ = [
    "FixtureError",
    "FixtureLead",
    "FixtureWorld",
    "Problem",
    "fill",
    "find_fixture",
    "load",
    "parse_worlds",
    "read_all",
    "read_worlds",
    "shipped_fixtures",
]

# What reads and checks files is a seventh of a start: most servers start with the empty world, which has none.


def parse_worlds(content: str | bytes, name: str, most_values: int | None = None) -> tuple[FixtureWorld, ...]:
    """Every world of a fixture in YAML or JSON; `name` stands for the file in messages.

    It may have `most_values` values, keys among them, aliases followed; `None`: `mockmkto.worlds.reading.MAX_VALUES`.

    Raises:
        FixtureError: something is wrong, with file, line, key and what was expected.
    """
    from mockmkto.worlds import files

    return files.parse_worlds(content, name, most_values)


def read_worlds(path: str | os.PathLike[str]) -> tuple[FixtureWorld, ...]:
    """Every world of a fixture file.

    Raises:
        FixtureError: the file cannot be read, or something in it is wrong.
    """
    from mockmkto.worlds import files

    return files.read_worlds(path)


def read_all(names_or_files: Iterable[str | os.PathLike[str]]) -> tuple[FixtureWorld, ...]:
    """Every world of several fixtures, each a shipped one's name or a file.

    Raises:
        FixtureError: one of them is wrong, or two of them claim one subscription, one user id or one client id.
    """
    given = list(names_or_files)
    if given == [EMPTY]:
        return (empty_world(),)
    from mockmkto.worlds import files

    return files.read_all(given)
