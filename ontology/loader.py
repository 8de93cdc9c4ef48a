"""The Turtle of this room, read with the publisher's base IRI.

The files hold relative IRIs (`<id/code/functional/208>`): a code list belongs to whoever publishes it. Terms of the
vocabulary are absolute. What is handed out is sorted N-Quads, so the same files always give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from importlib.resources import files

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from mingzhang.errors import VocabularyError
from mingzhang.ontology.namespaces import SKOS

CODE_LIST_FOLDERS = ("codelists", "forms")
ON_DEMAND = ("codelists/division.ttl",)
"""Lists of which only the entries in use are published: 3,214 divisions, of which a release needs a handful."""

_BROADER = NamedNode(f"{SKOS}broader")


def turtle_names() -> tuple[str, ...]:
    """Names of all Turtle files of this room, sorted: `("codelists/division.ttl", …, "mingzhang.ttl")`."""
    root = files("mingzhang.ontology")
    found = [entry.name for entry in root.iterdir() if entry.name.endswith(".ttl")]
    for folder in CODE_LIST_FOLDERS:
        found += [
            f"{folder}/{entry.name}" for entry in (root / folder).iterdir() if entry.name.endswith(".ttl")
        ]
    return tuple(sorted(found))


@lru_cache(maxsize=64)
def load_turtle(name: str, base_uri: str) -> tuple[Triple, ...]:
    """The triples of one file, `"codelists/functional.ttl"`, with relative IRIs resolved against `base_uri`.

    Raises VocabularyError where there is no such file or it is no Turtle.
    """
    try:
        text = (files("mingzhang.ontology") / name).read_bytes()
        return tuple(
            Triple(quad.subject, quad.predicate, quad.object)
            for quad in parse(text, RdfFormat.TURTLE, base_iri=base_uri)
        )
    except FileNotFoundError as error:
        raise VocabularyError(
            f"ontology/{name}: no such file; known are {', '.join(turtle_names())}"
        ) from error
    except (SyntaxError, ValueError) as error:
        raise VocabularyError(f"ontology/{name}: {error}; correct the Turtle") from error


def code_list_triples(base_uri: str, used: Set[str] | None = None) -> Iterator[Triple]:
    """The triples of all code lists and forms, of the divisions only those in `used` and the ones above them.

    `used` holds IRIs; None takes every division.
    """
    for name in turtle_names():
        if "/" not in name:
            continue
        triples = load_turtle(name, base_uri)
        yield from _entries_in_use(triples, used) if name in ON_DEMAND and used is not None else triples


def code_list_quads(base_uri: str, used: Set[str] | None = None) -> Iterator[str]:
    """Sorted N-Quads lines of the graph `{base_uri}graph/codelists`; see `code_list_triples` for `used`."""
    return _sorted_lines(code_list_triples(base_uri, used), f"{base_uri}graph/codelists")


def ontology_nquads(base_uri: str) -> Iterator[str]:
    """Sorted N-Quads lines of the graph `{base_uri}graph/ontology`: the vocabulary and the cube's structure."""
    vocabulary = (name for name in turtle_names() if "/" not in name)
    triples = (triple for name in vocabulary for triple in load_turtle(name, base_uri))
    return _sorted_lines(triples, f"{base_uri}graph/ontology")


def _entries_in_use(triples: Iterable[Triple], used: Set[str]) -> Iterator[Triple]:
    """Triples about the entries in `used` and their former names, about those above, and about what is no entry (the scheme)."""
    about: defaultdict[str, list[Triple]] = defaultdict(list)
    above: dict[str, str] = {}
    for triple in triples:
        subject = str(triple.subject)
        about[subject].append(triple)
        if triple.predicate == _BROADER:
            above[subject] = str(triple.object)
    wanted = {_iri(term) for term in used}
    pending = list(wanted)
    while pending:
        parent = above.get(pending.pop())
        if parent is not None and parent not in wanted:
            wanted.add(parent)
            pending.append(parent)
    entries = {str(triple.subject) for triple in triples if triple.predicate.value == f"{SKOS}inScheme"}
    for subject, mentioned in about.items():
        entry = _entry_of(subject)
        if entry in wanted or entry not in entries:
            yield from mentioned


def _entry_of(subject: str) -> str:
    """The entry that a former name belongs to (`…/410902/name/2013` → `…/410902`); anything else is its own."""
    return _iri(subject[1:-1].partition("/name/")[0]) if "/name/" in subject else subject


def _iri(text: str) -> str:
    return f"<{text}>"


def _sorted_lines(triples: Iterable[Triple], graph: str) -> Iterator[str]:
    """N-Quads lines without line end, sorted, each once."""
    plain: set[Triple] = set()
    with_blank_nodes: list[Triple] = []
    for triple in triples:
        blank = isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
        if blank:
            with_blank_nodes.append(triple)
        else:
            plain.add(triple)
    name = NamedNode(graph)
    quads = (
        Quad(triple.subject, triple.predicate, triple.object, name)
        for triple in (*plain, *_stably_labelled(with_blank_nodes))
    )
    written = serialize(quads, format=RdfFormat.N_QUADS)
    assert written is not None  # Only writing to a file returns None.
    return iter(sorted(written.decode("utf-8").splitlines()))


def _stably_labelled(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The same triples with RDFC-1.0 blank node labels: the parser's own are random and would change the bytes."""
    dataset = Dataset(
        Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()) for triple in triples
    )
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return (Triple(quad.subject, quad.predicate, quad.object) for quad in dataset)
