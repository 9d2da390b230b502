"""Every address that the portal answers at, read from the URL resolver itself, so that none can be forgotten."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
CMS = "cms/"  # below it all is Wagtail's, under one rule: managers of a partnership enter, nobody else


@dataclass(frozen=True)
class Route:
    """One URL pattern with everything it is mounted under."""

    name: str  # "namespace:name" as reverse() knows it; empty where the pattern has none
    patterns: tuple[Any, ...]

    @property
    def pattern(self) -> str:
        """The pattern as written, from the root."""
        return "".join(str(pattern) for pattern in self.patterns)

    @property
    def key(self) -> str:
        """What rows of the matrix call it."""
        return self.name or self.pattern

    @property
    def parameters(self) -> list[str]:
        """Names of what the address holds; unnamed groups of a regular expression are _0, _1 …"""
        found: list[str] = []
        for pattern in self.patterns:
            if isinstance(pattern, RoutePattern):
                found += PARAMETER.findall(str(pattern))
            else:
                found += normalize(str(pattern))[0][1]
        return found

    def path(self, values: Mapping[str, Any]) -> str:
        """An address of this route."""
        pieces = []
        for pattern in self.patterns:
            if isinstance(pattern, RoutePattern):
                pieces.append(PARAMETER.sub(lambda match: str(values[match[1]]), str(pattern)))
            else:
                pieces.append(normalize(str(pattern))[0][0] % values)
        return "/" + "".join(pieces)


def all_routes(urlconf: str | None = None) -> list[Route]:
    """Every route of the portal, Wagtail's included."""
    return list(_walk(get_resolver(urlconf), (), ""))


def _walk(resolver: URLResolver, above: tuple[Any, ...], space: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        patterns = (*above, entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(f"{space}{entry.name}" if entry.name else "", patterns)
        else:
            yield from _walk(entry, patterns, f"{space}{entry.namespace}:" if entry.namespace else space)
