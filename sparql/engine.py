"""One query against one store: the dataset it sees, and its answer written to a file, whole and counted.

Runs inside a worker process (or in the command line's own). Nothing here knows of HTTP.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from typing import IO, Any, BinaryIO, cast

import pyoxigraph as ox

from mingzhang.errors import QueryError, QuerySyntaxError, QueryTooLarge
from mingzhang.sparql import formats
from mingzhang.sparql.guard import FromClauses
from mingzhang.sparql.rows import SolutionCount, json_solutions, solutions_in

ENGINE = f"pyoxigraph {ox.__version__}"
# "error at 1:16: expected …" is how the engine words a syntax error.
AT = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
SMALL_BYTES = 256 * 1024
"""An answer that stays below this is handed on without a file. A larger one is written in pieces of this size."""
# An escape may stand for any letter of them, to an engine that goes by the book (SPARQL 1.1 §19.2).
GRAPH_WORDS = re.compile(r"graph|from|\\u", re.IGNORECASE)
MERGE = ox.NamedNode("urn:x-mingzhang:merge")

PREFIXES = {
    "mz": "https://w3id.org/mingzhang/ontology#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xkos": "http://rdf-vocabulary.ddialliance.org/xkos#",
    "qb": "http://purl.org/linked-data/cube#",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "sh": "http://www.w3.org/ns/shacl#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
}
"""For writing Turtle. Queries declare their own: no prefix is known by magic."""


class AnswerNotWritten(QueryError):
    """The file an answer goes into cannot be written: the disk is full, most likely. Ours to mend, not the query's."""


@dataclass(frozen=True)
class Question:
    """A query and how it is to be answered.

    `default_graphs` and `named_graphs` are the protocol's dataset; both None where the request names none.
    `from_clauses` are those of the query itself, as its outline says. `format_key` is a key of formats.BY_KEY. `limit_bytes` bounds the written answer.
    """

    query: str
    format_key: str
    base_iri: str
    limit_bytes: int
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    from_clauses: FromClauses | None = None

    def to_json(self) -> dict[str, Any]:
        raw = dict(vars(self))  # asdict would copy each value, at a tenth of a small query's cost
        if self.from_clauses is not None:
            raw["from_clauses"] = vars(self.from_clauses)
        return raw

    @staticmethod
    def from_json(raw: dict[str, Any]) -> Question:
        if raw["from_clauses"] is not None:
            raw["from_clauses"] = FromClauses(**raw["from_clauses"])
        return Question(**raw)


@dataclass(frozen=True)
class Answer:
    """A whole answer: rows (solutions or triples; 1 for a boolean), bytes, their SHA-256 in hex, and the bytes
    themselves where there are few; None where they went into the file."""

    rows: int
    size_bytes: int
    sha256: str
    body: bytes | None


class BoundedWriter:
    """What the engine writes into (it only calls `write` and `flush`): refuses more than `limit_bytes`, and passes it on
    to a file once it is more than SMALL_BYTES, digested and, if it holds solutions in the format `counted`, counted."""

    def __init__(self, target: BinaryIO, limit_bytes: int) -> None:
        self.target = target
        self.limit_bytes = limit_bytes
        self.counted = ""
        self.waiting = bytearray()
        self.passed_on_bytes = 0
        self.digest: Any = None
        self.count: SolutionCount | None = None

    @property
    def size_bytes(self) -> int:
        return self.passed_on_bytes + len(self.waiting)

    def write(self, data: bytes) -> int:
        self.waiting += data
        if self.size_bytes > self.limit_bytes:
            raise QueryTooLarge(
                f"the answer passes {self.limit_bytes} bytes; add LIMIT, ask for fewer columns, or take the dumps"
            )
        if len(self.waiting) >= SMALL_BYTES:
            self.pass_on()
        return len(data)

    def flush(self) -> None:
        """Nothing: the engine calls it at moments of its own."""

    def pass_on(self) -> None:
        """Puts what waits into the file. Raises AnswerNotWritten."""
        if self.digest is None:
            self.digest = hashlib.sha256()
            self.count = SolutionCount(self.counted) if self.counted else None
        piece = bytes(self.waiting)
        self.waiting.clear()
        self.digest.update(piece)
        if self.count is not None:
            self.count.feed(piece)
        self.passed_on_bytes += len(piece)
        try:
            self.target.write(piece)
            self.target.flush()
        except OSError as error:
            raise AnswerNotWritten(
                f"the answer cannot be written ({error.strerror}); free some disk space"
            ) from error

    def finished(self, rows: int = 1) -> Answer:
        """The answer, once all of it has been written. `rows` is given where they are not counted."""
        if not self.passed_on_bytes:
            body = bytes(self.waiting)
            if self.counted:
                rows = solutions_in(body, self.counted)
            return Answer(rows, len(body), hashlib.sha256(body).hexdigest(), body)
        self.pass_on()
        if self.count is not None:
            rows = self.count.total if self.count.is_sure else self.solutions_in_file()
        return Answer(rows, self.passed_on_bytes, self.digest.hexdigest(), None)

    def solutions_in_file(self) -> int:
        with mmap(self.target.fileno(), 0, access=ACCESS_READ) as whole:
            return json_solutions(whole)


def names_a_graph(question: Question) -> bool:
    """Whether a question may see more than the default graph. Where the word stands does not matter: a query that only
    looks as if it named a graph is answered as well, if not as fast."""
    if question.default_graphs is not None or question.named_graphs is not None:
        return True
    return question.from_clauses is not None or GRAPH_WORDS.search(question.query) is not None


def answer(store: ox.Store, question: Question, target: BinaryIO) -> Answer:
    """The answer; one that is not small is written into `target` (a file, at its start).

    Raises QuerySyntaxError with line and column, QueryTooLarge at the limit, QueryError where evaluation fails,
    AnswerNotWritten where the file cannot be written.
    """
    merge: ox.NamedNode | None = None
    try:
        default, named = dataset(store, question)
        merge = default if isinstance(default, ox.NamedNode) else None
        results = store.query(
            question.query, base_iri=question.base_iri or None, default_graph=default, named_graphs=named
        )
        return written(results, question.format_key, BoundedWriter(target, question.limit_bytes))
    except SyntaxError as error:
        raise syntax_error(str(error)) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise QueryError(f"the query cannot be evaluated: {error}") from error
    finally:
        if merge is not None:
            store.remove_graph(merge)  # or the next query here would see it


def written(
    results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, format_key: str, writer: BoundedWriter
) -> Answer:
    """All results, written. Raises what the engine and the writer raise."""
    if isinstance(results, ox.QueryTriples):
        return writer.finished(write_graph(results, format_key, writer))
    if isinstance(results, ox.QuerySolutions):
        writer.counted = format_key
    results.serialize(cast(IO[bytes], writer), format=formats.RESULTS[format_key])
    return writer.finished()


def syntax_error(message: str) -> QuerySyntaxError:
    """The engine's message with its line and column taken out of it."""
    match = AT.search(message)
    if match is None:
        return QuerySyntaxError(f"the query is malformed: {message}")
    line, column, expected = int(match[1]), int(match[2]), match[3]
    short = expected if len(expected) <= 300 else expected[:300] + " …"
    return QuerySyntaxError(f"the query is malformed at line {line}, column {column}: {short}", line, column)


Graphs = list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]


def dataset(
    store: ox.Store, question: Question
) -> tuple[Graphs | ox.NamedNode | None, list[ox.NamedNode | ox.BlankNode] | None]:
    """Default graph and named graphs for the engine; None and None for the store's own.

    SPARQL 1.1 Protocol §2.1.4: what the request names wins over FROM. SPARQL 1.1 §13.2: the default graph is the RDF
    merge of the graphs named, and a merge is a set; the engine's is not, so several graphs are merged here first.
    """
    if question.default_graphs is not None or question.named_graphs is not None:
        default = [ox.NamedNode(iri) for iri in question.default_graphs or ()]
        named = [ox.NamedNode(iri) for iri in question.named_graphs or ()]
    elif question.from_clauses is not None and len(question.from_clauses.graphs) > 1:
        default = resolved(store, question, question.from_clauses.graphs)
        named = resolved(store, question, question.from_clauses.named)
    else:
        return None, None
    distinct = sorted(set(default), key=lambda node: node.value)
    if len(distinct) > 1:
        return merged(store, distinct), list(named)
    return list(distinct), list(named)


def resolved(store: ox.Store, question: Question, names: Iterable[str]) -> list[ox.NamedNode]:
    """Graph names as written in FROM clauses → IRIs. The engine itself resolves prefixes and BASE."""
    assert question.from_clauses is not None
    query = f"{question.from_clauses.prologue}\nSELECT ?graph {{ VALUES ?graph {{ {' '.join(names)} }} }}"
    found = store.query(query, base_iri=question.base_iri or None)
    return [row[0] for row in found if isinstance(row[0], ox.NamedNode)]  # type: ignore[union-attr]


def merged(store: ox.Store, graphs: list[ox.NamedNode]) -> ox.NamedNode:
    """The name of a graph holding each triple of these graphs once, for one query; made in this process's own copy of
    the store. That query does not see it by GRAPH: the named graphs are listed, and it is not among them.
    """
    for graph in graphs:
        store.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, MERGE)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    return MERGE


def write_graph(triples: Iterable[ox.Triple], format_key: str, writer: BoundedWriter) -> int:
    """Writes triples, each once: an RDF graph is a set, and the engine repeats those that several solutions give."""
    distinct = relabelled(dict.fromkeys(triples))
    write_triples(distinct, format_key, writer)
    return len(distinct)


def relabelled(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The triples with blank nodes numbered as they come. The store's own labels are new each time it is loaded, and
    the same question to the same release is to give the same bytes."""
    labels: dict[ox.BlankNode, ox.BlankNode] = {}

    def renamed(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term, ox.BlankNode(f"b{len(labels)}"))
        if isinstance(term, ox.Triple):
            return ox.Triple(renamed(term.subject), term.predicate, renamed(term.object))
        return term

    return [ox.Triple(renamed(t.subject), t.predicate, renamed(t.object)) for t in triples]


def write_triples(triples: list[ox.Triple], format_key: str, writer: BoundedWriter | io.BytesIO) -> None:
    """Writes triples; Turtle and TriG with the prefixes that occur, in order of their names.

    The engine would write its prefixes in a random order.
    """
    if format_key not in ("turtle", "trig"):
        ox.serialize(triples, cast(IO[bytes], writer), formats.RDF[format_key])
        return
    used = {namespace_of(term) for triple in triples for term in iris_of(triple)}
    prefixes = {name: namespace for name, namespace in PREFIXES.items() if namespace in used}
    ox.serialize(triples, cast(IO[bytes], HeadSorter(writer)), formats.RDF[format_key], prefixes=prefixes)


def iris_of(triple: ox.Triple) -> Iterator[str]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value


def namespace_of(iri: str) -> str:
    """Up to and with the last `#` or `/`."""
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


class HeadSorter:
    """Passes on what is written, the `@prefix` lines at its beginning in order."""

    def __init__(self, writer: BoundedWriter | io.BytesIO) -> None:
        self.writer = writer
        self.head: bytes | None = b""

    def write(self, data: bytes) -> int:
        if self.head is None:
            self.writer.write(data)
            return len(data)
        self.head += data
        lines = self.head.split(b"\n")
        size = next((i for i, line in enumerate(lines) if not b"@prefix ".startswith(line[:8])), None)
        if size is not None:
            self.pass_on_head(lines, size)
        return len(data)

    def pass_on_head(self, lines: list[bytes], size: int) -> None:
        self.head = None
        self.writer.write(b"\n".join([*sorted(lines[:size]), *lines[size:]]))

    def flush(self) -> None:
        if self.head:
            lines = self.head.split(b"\n")
            self.pass_on_head(lines, len(lines) - 1)
        self.writer.flush()
