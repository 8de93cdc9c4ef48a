"""What every page has: its names, its address, what it is in a sentence, and how to cite it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mingzhang.site.book import Book
from mingzhang.site.jsonld import entity_jsonld, script_json
from mingzhang.site.links import Link, href
from mingzhang.site.words import KINDS, Words, either

HOME = Link("/", "明账", "Mingzhang")
_NO_KEY = re.compile(r"[^0-9A-Za-z]")
"""What a BibTeX key has none of."""


@dataclass(frozen=True)
class Citation:
    """How to cite the page's subject, in three forms."""

    text_zh: str
    text_en: str
    bibtex: str
    csl_json: str


@dataclass(frozen=True)
class Frame:
    """What every page shows around its content."""

    kind: str
    """What kind of thing, as a key of `words.KINDS`; "" for pages that are about no entity."""
    kind_zh: str
    kind_en: str
    title_zh: str
    title_en: str
    about_zh: str
    """What it is, in a sentence."""
    about_en: str
    path: str
    """Root-relative address of the page."""
    iri: str = ""
    """The entity's IRI, "" for pages about no entity."""
    canonical: str = ""
    """Absolute address of the page."""
    crumbs: tuple[Link, ...] = ()
    """The way here from the front page."""
    stem: str = ""
    """The page's address without `.html`, where the same statements are also at `.ttl`, `.nt`, `.jsonld`, `.rdf`."""
    jsonld: str = ""
    """The entity's statements, safe inside a script element."""
    dataset_jsonld: str = ""
    """The same for dataset search engines, in schema.org's terms; disclosures and the front page only."""
    citation: Citation | None = None


def entity_frame(
    book: Book,
    iri: str,
    kind: str,
    title: Words,
    about: Words,
    crumbs: tuple[Link, ...] = (),
    dataset_jsonld: str = "",
) -> Frame:
    """The frame of a page about an entity."""
    kind_zh, kind_en = either(KINDS, kind)
    path = href(iri, book.base)
    return Frame(
        kind,
        kind_zh,
        kind_en,
        *title,
        *about,
        path,
        iri,
        book.base.rstrip("/") + path,
        (HOME, *crumbs),
        # A source file's own address answers with the file or its page; only entities have RDF documents.
        path.removesuffix(".html") if path.startswith("/doc/") else "",
        entity_jsonld(book.graph, iri),
        dataset_jsonld,
        citation(book, iri, title),
    )


def plain_frame(
    book: Book,
    path: str,
    title: Words,
    about: Words,
    dataset_jsonld: str = "",
    crumbs: tuple[Link, ...] = (),
) -> Frame:
    """The frame of a page that is about no single entity: lists, the front page."""
    address = book.base.rstrip("/") + path
    way = () if path == "/" else (HOME, *crumbs)
    return Frame("", "", "", *title, *about, path, "", address, way, dataset_jsonld=dataset_jsonld)


def citation(book: Book, iri: str, title: Words) -> Citation:
    """How to cite an entity as this release has it."""
    manifest = book.manifest
    zh, en = title
    year = manifest.date[:4]
    key = "mingzhang-" + _NO_KEY.sub("-", iri.rsplit("/id/", 1)[-1])
    publisher = manifest.title or "明账 Mingzhang"
    csl = {
        "id": key,
        "type": "dataset",
        "title": zh,
        "publisher": publisher,
        "version": manifest.id,
        "issued": {"date-parts": [[int(part) for part in manifest.date.split("-")]]},
        "URL": iri,
    }
    bibtex = (
        f"@misc{{{key},\n  title = {{{zh}}},\n  publisher = {{{publisher}}},\n  year = {{{year}}},\n"
        f"  version = {{{manifest.id}}},\n  url = {{{iri}}}\n}}"
    )
    return Citation(
        f"{zh}．{publisher}，发布 {manifest.id}．{iri}",
        f"{en or zh}. {publisher}, release {manifest.id}. {iri}",
        bibtex,
        script_json(csl),
    )
