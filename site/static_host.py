"""A release behind a plain static host: RDF files beside the pages, and the configuration that makes names answer."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
from jinja2 import Environment

from mingzhang.errors import ReleaseError
from mingzhang.release import Release
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.jsonld import entity_jsonld
from mingzhang.site.kept import FOLDER
from mingzhang.site.links import page_path
from mingzhang.site.namespaces import PREFIXES
from mingzhang.site.quads import Subject
from mingzhang.site.terms import ntriples
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


def write_rdf_files(site: Path, graph: ReleaseGraph, iri: str) -> None:
    """Writes an entity's Turtle and JSON-LD beside its page, which is there already."""
    target = site / page_path(iri, graph.base)
    writer = TurtleWriter(graph.base)
    text = b"".join(map(writer.text, _with_blank_nodes(graph, iri)))
    target.with_suffix(".ttl").write_bytes(header(graph.base) + text)
    target.with_suffix(".jsonld").write_text(entity_jsonld(graph, iri) + "\n", encoding="utf-8")


def _with_blank_nodes(graph: ReleaseGraph, iri: str) -> list[Subject]:
    """A subject and the blank nodes that are reached from it, each once."""
    reached = {iri: _subject(graph, iri)}
    left = [iri]
    while left:
        for values in graph.about.get(left.pop(), {}).values():
            for value in values:
                if value.kind == "blank" and value.value not in reached:
                    reached[value.value] = _subject(graph, value.value)
                    left.append(value.value)
    return list(reached.values())


def _subject(graph: ReleaseGraph, name: str) -> Subject:
    """What is said of a subject, as the graph files have it."""
    pairs = [
        f"<{predicate}> {ntriples(value)}".encode()
        for predicate, values in graph.about.get(name, {}).items()
        for value in values
    ]
    return Subject((name if name.startswith("_:") else f"<{name}>").encode(), sorted(pairs))
