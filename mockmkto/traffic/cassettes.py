"""Cassettes of VCR in YAML, read one interaction at a time: a cassette may be larger than memory should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mockmkto.traffic.exchange import Exchange, UnreadableTrafficError
from mockmkto.traffic.json_forms import of_interaction

__all__ = ["read_cassette"]

_LISTS = ("interactions", "http_interactions")


def _new_loader() -> type[Any]:
    """A safe loader that gives the nodes of a document one by one: libyaml's own only gives the whole."""
    from yaml.composer import Composer
    from yaml.constructor import SafeConstructor
    from yaml.resolver import Resolver

    parser: Any = getattr(yaml, "CSafeLoader", None)
    if parser is None:  # PyYAML without libyaml
        return yaml.SafeLoader
    parser = next(base for base in parser.__mro__ if base.__name__ == "CParser")

    class Loader(parser, Composer, SafeConstructor, Resolver):  # type: ignore[misc]  # see above
        def __init__(self, stream: Any) -> None:
            parser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

    return Loader


def read_cassette(file: Path) -> Iterator[Exchange]:
    """Every call of a cassette. Raises UnreadableTrafficError when it is none."""
    with file.open("rb") as stream:
        loader = _new_loader()(stream)
        try:
            for position, entry in enumerate(_interactions(loader), 1):
                yield of_interaction(entry, f"{file}, call {position}")
        except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            raise UnreadableTrafficError(f"{file} is no cassette of VCR: {' '.join(str(error).split())}") from None
        finally:
            loader.dispose()


def _interactions(loader: Any) -> Iterator[Any]:
    loader.get_event()  # the stream
    loader.get_event()  # the document
    if not isinstance(loader.get_event(), yaml.MappingStartEvent):
        raise yaml.YAMLError("expected a mapping with interactions")
    while not loader.check_event(yaml.MappingEndEvent):
        key = loader.compose_node(None, None)
        if key.value not in _LISTS or not loader.check_event(yaml.SequenceStartEvent):
            loader.compose_node(None, None)
            continue
        loader.get_event()
        while not loader.check_event(yaml.SequenceEndEvent):
            yield loader.construct_document(loader.compose_node(None, None))
        loader.get_event()
