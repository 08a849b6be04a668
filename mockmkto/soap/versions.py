"""Which versions of the API there are, and which of two is the later one."""

from __future__ import annotations

__all__ = ["VERSIONS", "edition", "position"]

VERSIONS: tuple[str, ...] = (
    "1_3",
    "1_4",
    "1_5",
    "1_6",
    "1_7",
    "1_8",
    "1_9",
    "2_0",
    "2_1",
    "2_2",
    "2_3",
    "2_4",
    "2_5",
    "2_6",
    "2_7",
    "2_8",
    "2_9",
    "3_0",
    "3_1",
)
"""The versions that are served, oldest first, as the path of the endpoint spells them. The last one is the vendor's
last (documented). Old clients have 1_3 to 1_8 hard-wired (captured)."""

_POSITIONS = {version: position for position, version in enumerate(VERSIONS)}

_EDITIONS = ("1_3", "1_9", "2_0", "2_1", "2_2", "2_3", "2_9", "3_1")
"""The last version of each run of versions that are alike: 2_4 to 2_9 are as 2_7, 3_0 is as 3_1, and 1_4 to 1_9 are
alike (assumed; that the others differ from their neighbours is captured)."""


def position(version: str) -> int:
    """The place of a version among all: the later it is, the higher. Raises KeyError where there is no such version."""
    return _POSITIONS[version]


def edition(version: str) -> str:
    """The newest version with the same operations and types: what depends on those alone is built once for all."""
    return next(last for last in _EDITIONS if position(last) >= position(version))
