"""From IRIs to addresses of pages: root-relative, so that a release reads the same under any host."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from mingzhang.site.namespaces import MZ


@dataclass(frozen=True)
class Link:
    """Something that has a page: where it is and what it is called."""

    href: str
    """Root-relative; "" where there is no page, and then only the name is shown."""
    zh: str
    en: str = ""
    note: str = ""
    """A code, a year or a count, shown smaller beside the name."""


def kind_of(iri: str, base: str) -> str:
    """What an entity's IRI says it is: the first segment of its path; `unit` for a department's unit."""
    body = iri.removeprefix(f"{base}id/")
    kind = body.partition("/")[0]
    return "unit" if kind == "department" and "/unit/" in body else kind


def page_path(iri: str, base: str) -> str:
    """The file of an entity's page inside the site folder, as `doc/fact/….html`."""
    return f"doc/{iri.removeprefix(f'{base}id/')}.html"


def href(iri: str, base: str) -> str:
    """Where a page shows this IRI, "" where none does.

    `{base}id/code/functional/208` → `/doc/code/functional/208.html`;
    `{base}source/ab…#line=12` → `/source/ab….html#line=12`; `mz:Fact` → `/ontology#Fact`.
    """
    if iri.startswith(base):
        rest = iri[len(base) :]
        if rest.startswith("id/"):
            body, _, fragment = rest[3:].partition("#")
            return f"/doc/{body}.html" + (f"#{fragment}" if fragment else "")
        if rest.startswith("source/"):
            body, _, fragment = rest.partition("#")
            return f"/{body}.html" + (f"#{fragment}" if fragment else "")
        return ""
    return f"/ontology#{iri[len(MZ) :]}" if iri.startswith(MZ) else ""


def sparql_href(query: str) -> str:
    """The editor with a query in it."""
    return f"/sparql?query={quote(query, safe='')}"
