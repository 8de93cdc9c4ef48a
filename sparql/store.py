"""What the engine is loaded with, and loading it.

Two kinds of sources: the graphs of a release, and plain RDF files. The store lies in memory; the workers are forked
from the process that loaded it and share its pages, so one copy serves them all.

The default graph of a release is loaded explicitly, each triple once: the engine's own union of graphs counts a triple
that stands in two graphs twice, and a SUM over it would be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from mingzhang.errors import EmptyFile, InputError, NotFound, NotText, ReleaseError, Unsupported
from mingzhang.release import Release
from mingzhang.sparql.engine import Question, names_a_graph

SUFFIXES = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".nquads": ox.RdfFormat.N_QUADS,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".ttl": ox.RdfFormat.TURTLE,
    ".turtle": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


@dataclass(frozen=True)
class Source:
    """What a store is to hold.

    `files` are read in order. With `merge_into_default`, every quad of a named graph is put into the default graph
    as well, except those of the graphs in `apart`. `base_iri` resolves relative IRIs of the files.
    """

    files: tuple[str, ...]
    merge_into_default: bool
    apart: tuple[str, ...] = ()
    base_iri: str = ""


def release_source(release: Release) -> Source:
    """All graphs of a release. Raises ReleaseError where a graph file is missing."""
    files = tuple(str(release.graphs / name) for name in sorted(set(release.manifest.graphs.values())))
    for file in files:
        if not Path(file).is_file():
            raise ReleaseError(f"{file}: a graph of the release is missing; build the release again")
    return Source(files, True, (release.leaves_graph,), release.manifest.base_uri)


def rdf_source(files: Sequence[Path]) -> Source:
    """Plain RDF files; their graphs are served as the files give them. Raises NotFound, EmptyFile, Unsupported."""
    for file in files:
        if not file.is_file():
            raise NotFound(str(file), "there is no such file", "check the name")
        if file.suffix.lower() not in SUFFIXES:
            raise Unsupported(
                str(file), f"{file.suffix!r} is no RDF file we know", f"use one of {', '.join(SUFFIXES)}"
            )
        if file.stat().st_size == 0:
            raise EmptyFile(str(file), "the file is empty", "give a file with RDF in it")
    return Source(tuple(str(file.resolve()) for file in files), False)


def quads(source: Source) -> Iterator[ox.Quad]:
    """The quads of a source, those for the default graph besides. Blank nodes of two files are never the same.

    Raises NotText or InputError where a file cannot be parsed, with its line.
    """
    apart = frozenset(ox.NamedNode(iri) for iri in source.apart)
    default = ox.DefaultGraph()
    for name in source.files:
        path = Path(name)
        try:
            for quad in ox.parse(
                path=name,
                format=SUFFIXES[path.suffix.lower()],
                base_iri=source.base_iri or path.as_uri(),
                rename_blank_nodes=True,
            ):
                yield quad
                if source.merge_into_default and quad.graph_name != default and quad.graph_name not in apart:
                    yield ox.Quad(quad.subject, quad.predicate, quad.object, default)
        except SyntaxError as error:
            raise InputError(name, f"no valid RDF ({error.msg})", "correct the file") from error
        except UnicodeDecodeError as error:
            raise NotText(name, "the file is not UTF-8", "convert it to UTF-8") from error


def load(source: Source) -> ox.Store:
    """A store in memory holding a source. Raises what `quads` raises."""
    store = ox.Store()
    store.bulk_extend(quads(source))
    return store


@dataclass(frozen=True)
class Loaded:
    """A source in memory: all of it, and its default graph alone.

    To find what a subject has in one graph, the engine looks at what it has in all of them, and in a release everything
    stands in two. A query that names no graph sees the default graph only, and takes two thirds of the time over a store
    that holds nothing else; that costs half as much memory again.
    """

    everything: ox.Store
    default: ox.Store

    def for_question(self, question: Question) -> ox.Store:
        """The store to ask."""
        return self.everything if names_a_graph(question) else self.default


def loaded(source: Source) -> Loaded:
    """A source loaded for queries. Raises what `quads` raises."""
    everything = load(source)
    if not any(True for _ in everything.named_graphs()):
        return Loaded(everything, everything)
    default = ox.Store()
    default.bulk_extend(everything.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    return Loaded(everything, default)
