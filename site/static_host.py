"""A release behind a plain static host: RDF files beside the pages, and the configuration that makes names answer."""

from __future__ import annotations

from collections.abc import Mapping

import pyoxigraph as ox
from jinja2 import Environment

from mingzhang.errors import ReleaseError
from mingzhang.release import Release
from mingzhang.site.book import Book
from mingzhang.site.jsonld import entity_jsonld
from mingzhang.site.kept import FOLDER
from mingzhang.site.links import page_path
from mingzhang.site.namespaces import PREFIXES
from mingzhang.site.quads import Subject, merged_subjects
from mingzhang.site.turtle import TurtleWriter, header


def write_nginx_config(release: Release, environment: Environment, rdf_files: bool) -> None:
    """Writes `site-config/nginx.conf` into the release. `rdf_files`: whether Turtle and JSON-LD stand by the pages."""
    folder = release.path / FOLDER
    folder.mkdir(exist_ok=True)
    text = environment.get_template("nginx.conf").render(rdf_files=rdf_files)
    (folder / "nginx.conf").write_text(f"{text}\n", encoding="utf-8")


_VOCABULARY_FORMATS = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def write_vocabulary_files(release: Release) -> None:
    """The vocabulary as `ontology.nt`, `.rdf` and `.jsonld` beside its page; its Turtle is a download.

    Nothing where the release has no vocabulary. Raises ReleaseError where its graph file is damaged.
    """
    name = release.manifest.graphs.get(f"{release.manifest.base_uri}graph/ontology")
    if name is None:
        return
    path = release.graphs / name
    try:
        triples = [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS)]
    except (OSError, SyntaxError) as error:
        raise ReleaseError(f"{path}: cannot be read as N-Quads ({error}); build the release again") from error
    for suffix, form in _VOCABULARY_FORMATS.items():
        ox.serialize(triples, output=str(release.site / f"ontology.{suffix}"), format=form, prefixes=PREFIXES)


def write_rdf_files(release: Release, book: Book) -> int:
    """Writes each entity's Turtle and JSON-LD beside its page and returns how many entities.

    The pages must be there already: their folders are used. Raises ReleaseError where a graph file is damaged.
    """
    start = f"<{book.base}id/".encode()
    graphs = {iri: name for iri, name in release.manifest.graphs.items() if iri != release.leaves_graph}
    blanks = {
        subject.name: subject
        for subject in merged_subjects(release.graphs, graphs)
        if subject.name.startswith(b"_:")
    }
    writer, prefixes, count = TurtleWriter(book.base), header(book.base), 0
    for subject in merged_subjects(release.graphs, graphs):
        if not subject.name.startswith(start) or b"#" in subject.name:
            continue
        iri = subject.name[1:-1].decode()
        target = release.site / page_path(iri, book.base)
        text = b"".join(writer.text(part) for part in _with_blank_nodes(subject, blanks))
        target.with_suffix(".ttl").write_bytes(prefixes + text)
        target.with_suffix(".jsonld").write_text(entity_jsonld(book.graph, iri) + "\n", encoding="utf-8")
        count += 1
    return count


def _with_blank_nodes(subject: Subject, blanks: Mapping[bytes, Subject]) -> list[Subject]:
    """A subject and the blank nodes that are reached from it, each once."""
    parts = {subject.name: subject}
    left = [subject]
    while left:
        for pair in left.pop().pairs:
            node = blanks.get(pair.partition(b" ")[2])
            if node is not None and node.name not in parts:
                parts[node.name] = node
                left.append(node)
    return list(parts.values())
