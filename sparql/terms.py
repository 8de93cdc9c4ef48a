"""What a query comes to over one release, and how its answer is worded: the question for an engine, format, entity tag,
warnings, receipt. Nothing is asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mingzhang.errors import QueryError
from mingzhang.release import Release
from mingzhang.sparql import formats
from mingzhang.sparql.delivery import Asker, Delivery
from mingzhang.sparql.engine import Question
from mingzhang.sparql.formats import HTML, Format
from mingzhang.sparql.guard import Outline, outline
from mingzhang.sparql.kept import Answered, Held
from mingzhang.sparql.origins import ADDING
from mingzhang.sparql.problems import problem_of
from mingzhang.sparql.protocol import QueryOperation, answer_format
from mingzhang.sparql.receipts import Receipt, entity_tag, query_digest, same_again
from mingzhang.sparql.sums import NO_OVERLAPS, Overlaps, sum_warnings

SHOWN_ON_PAGE_BYTES = 2 * 1024 * 1024
"""A result page shows a table of at most this size; the whole is one click away."""


@dataclass(frozen=True)
class Served:
    """What is served: its id and title, and the base URI its names begin with; `release` is None for plain RDF files
    and for an engine elsewhere, which have no pages of their own. `fixed` is False where the data may change without
    our knowing: answers then have no validators and are not kept. `overlaps` is what in it a sum may count twice."""

    id: str
    title: str
    base_uri: str
    release: Release | None
    fixed: bool = True
    overlaps: Overlaps = NO_OVERLAPS


def served_release(release: Release) -> Served:
    """A release as it is served."""
    manifest = release.manifest
    return Served(manifest.id, manifest.title, manifest.base_uri, release, overlaps=Overlaps.of(release))


@dataclass(frozen=True)
class Wanted:
    """What a query comes to: the question for the engine, the format and Content-Type of the answer, its entity tag (""
    for none), what is to be said about its sums, and the query string it came in, where that may stand in a link."""

    question: Question
    chosen: Format
    content_type: str
    etag: str
    warnings: tuple[str, ...]
    encoded: str


class Named(Protocol):
    """An engine, of which only its name matters here."""

    @property
    def name(self) -> str:
        """Engine and version, for receipts."""


@dataclass(frozen=True)
class Terms:
    """What is said about queries over one release, answered by this engine, and about their answers."""

    served: Served
    engine: Named
    result_limit_bytes: int

    def wanted(self, asker: Asker, operation: QueryOperation) -> Wanted:
        """What a query operation comes to. Raises Problem."""
        try:
            about = outline(operation.query)
        except QueryError as error:
            raise problem_of(error) from error
        chosen, content_type = answer_format(formats.offered(about.form), operation.format_key, asker.accept)
        question = self.question(operation, about, chosen)
        etag = "" if about.changing else self.tag(question, content_type)
        warnings = self.warnings(question, about)
        return Wanted(question, chosen, content_type, etag, warnings, operation.encoded)

    def delivery(self, wanted: Wanted, answered: Answered) -> Delivery:
        """An answer as it is sent, with its receipt."""
        receipt = self.receipt(wanted.question, answered, wanted.warnings, wanted.encoded).headers()
        kind, etag, sha256 = wanted.content_type, wanted.etag, answered.sha256
        if isinstance(answered, Held):
            return Delivery(answered.body, kind, etag, receipt, sha256=sha256)
        return Delivery(answered.file, kind, etag, receipt, sha256=sha256, start=answered.start)

    def warnings(self, question: Question, about: Outline) -> tuple[str, ...]:
        """What is to be said about the sums of a query."""
        if about.words.isdisjoint(ADDING):
            return ()
        named = (*(question.default_graphs or ()), *(question.named_graphs or ()))
        return sum_warnings(question.query, question.base_iri, named, self.served.overlaps)

    def question(self, operation: QueryOperation, about: Outline, chosen: Format) -> Question:
        """What the engine is asked; for a page, in a format that the page is made from."""
        page = chosen is HTML
        graph = about.form in ("CONSTRUCT", "DESCRIBE")
        return Question(
            query=operation.query,
            format_key=("turtle" if graph else "json") if page else chosen.key,
            base_iri=self.served.base_uri,
            limit_bytes=SHOWN_ON_PAGE_BYTES if page else self.result_limit_bytes,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            from_clauses=about.from_clauses,
        )

    def tag(self, question: Question, content_type: str) -> str:
        """The entity tag of an answer; empty where the data may change without our knowing."""
        return (
            entity_tag(self.served.id, self.engine.name, question, content_type) if self.served.fixed else ""
        )

    def receipt(
        self, question: Question, answered: Answered, warnings: tuple[str, ...], encoded: str = ""
    ) -> Receipt:
        """The receipt of an answer."""
        return Receipt(
            self.served.id,
            self.engine.name,
            query_digest(question.query),
            answered.rows,
            answered.elapsed_ms,
            same_again(self.served.id, question, encoded),
            warnings,
        )
