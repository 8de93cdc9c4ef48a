"""A release behind a plain static host: RDF files beside the pages, and the configuration that makes names answer."""

from __future__ import annotations

from jinja2 import Environment

from mingzhang.release import Release
from mingzhang.site.book import Book
from mingzhang.site.jsonld import entity_jsonld
from mingzhang.site.kept import FOLDER
from mingzhang.site.links import page_path
from mingzhang.site.quads import by_subject, merged_triples
from mingzhang.site.turtle import TurtleWriter, header


def write_nginx_config(release: Release, environment: Environment, rdf_files: bool) -> None:
    """Writes `site-config/nginx.conf` into the release. `rdf_files`: whether Turtle and JSON-LD stand by the pages."""
    folder = release.path / FOLDER
    folder.mkdir(exist_ok=True)
    text = environment.get_template("nginx.conf").render(rdf_files=rdf_files)
    (folder / "nginx.conf").write_text(f"{text}\n", encoding="utf-8")


def write_rdf_files(release: Release, book: Book) -> int:
    """Writes each entity's Turtle and JSON-LD beside its page and returns how many entities.

    The pages must be there already: their folders are used. Raises ReleaseError where a graph file is damaged.
    """
    start = f"<{book.base}id/"
    graphs = {iri: name for iri, name in release.manifest.graphs.items() if iri != release.leaves_graph}
    blanks = {
        subject: pairs
        for subject, pairs in by_subject(merged_triples(release.graphs, graphs))
        if subject.startswith("_:")
    }
    writer, prefixes, count = TurtleWriter(book.base), header(book.base), 0
    for subject, pairs in by_subject(merged_triples(release.graphs, graphs)):
        if not subject.startswith(start) or "#" in subject:
            continue
        iri = subject[1:-1]
        target = release.site / page_path(iri, book.base)
        lines = _lines(subject, pairs)
        reached = [value for _, value in pairs if value.startswith("_:")]
        for node in reached:
            lines += _lines(node, blanks.get(node, []))
            reached += [v for _, v in blanks.get(node, []) if v.startswith("_:") and v not in reached]
        target.with_suffix(".ttl").write_bytes(prefixes + writer.text(lines))
        target.with_suffix(".jsonld").write_text(entity_jsonld(book.graph, iri) + "\n", encoding="utf-8")
        count += 1
    return count


def _lines(subject: str, pairs: list[tuple[str, str]]) -> list[bytes]:
    return [f"{subject} {predicate} {value}".encode() for predicate, value in pairs]
