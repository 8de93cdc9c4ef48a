"""What the routes do: one method a route, from a request's parts to a response. No routing here, no sockets.

Queries are answered in the event loop (the methods that are `async`); everything else may read files and render pages,
and runs in threads, from which it asks by way of the loop.

Read after protocol.py (what is asked), answers.py (answering it) and delivery.py (sending it).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox
from anyio import from_thread
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from mingzhang.sparql import columns, formats, pages, resources
from mingzhang.sparql.answers import Answers, computed
from mingzhang.sparql.archive import Archive, ArchivedEngine
from mingzhang.sparql.delivery import (
    Asker,
    Delivery,
    Whole,
    deliver,
    deliver_file,
    file_tag,
    holds,
    is_as_named,
    not_modified,
)
from mingzhang.sparql.description import Described, description, executables, serialized
from mingzhang.sparql.engine import Question
from mingzhang.sparql.formats import HTML, Format
from mingzhang.sparql.guard import outline
from mingzhang.sparql.kept import (
    IN_MEMORY_BYTES,
    Answered,
    Held,
)
from mingzhang.sparql.nearest import nearest
from mingzhang.sparql.negotiate import best_format
from mingzhang.sparql.pages import Choices
from mingzhang.sparql.problems import (
    Problem,
    not_acceptable,
    not_found,
    wants_page,
)
from mingzhang.sparql.protocol import (
    QueryOperation,
    Received,
    answer_format,
    query_operation,
)
from mingzhang.sparql.stored import StoredQuery, bound_query
from mingzhang.sparql.terms import Wanted, served_release

HEAD_OF_PAGE_BYTES = 4096
TITLE = re.compile(rb"<title>([^<]*?)(?: \xc2\xb7 [^<\xc2]*)?</title>")
"""A page's title without the name of the site behind it."""
TITLE_WITHIN_BYTES = 1024
_WITHDRAWN = (("找不到", "已撤下"), ("Not found", "Withdrawn"))
"""What the page for what is not there is headed, and what it is headed where an earlier release had it."""
_WAYS = (
    ("last", "以前的发布里有", "An earlier release has it"),
    ("nearest", "最接近的是", "The nearest thing there is"),
)
"""Members of a “not found” problem that lead on, with what they are called on its page."""


@dataclass(frozen=True)
class Service(Answers):
    """Everything a route needs."""

    queries: dict[str, StoredQuery]
    archive: Archive | None = None

    # --- SPARQL -----------------------------------------------------------------------------------------------

    async def sparql(
        self, asker: Asker, received: Received, client: str, endpoint: Callable[[], str]
    ) -> Response:
        """The endpoint, whose URL `endpoint` gives: an answer, or for a bare GET the service description or the editor."""
        query = ""
        try:
            operation = await computed(len(received.body), query_operation, received)
            if operation is None:
                return await run_in_threadpool(self.describe_service, asker, endpoint())
            query = operation.query
            return await self.answer(asker, operation, client)
        except Problem as problem:
            if not wants_page(asker.accept):
                raise
            return await run_in_threadpool(self.problem_page, asker, query, problem)

    def problem_page(self, asker: Asker, query: str, problem: Problem) -> Response:
        """The editor with what is wrong below it, for people."""
        page = pages.editor_page(self.examples(), query, problem=problem, has_site=self.has_site)
        return deliver_page(asker, page, problem.headers, problem.status)

    def of_release(self, release_id: str) -> Service:
        """This service over another release, or over its own. Raises Problem 404 for what is neither."""
        if release_id == self.served.id:
            return self
        release = self.archive.find(release_id) if self.archive is not None else None
        if self.archive is None or release is None:
            raise not_found(f"releases/{release_id}")
        engine = self.archive.engine(release, self.engine.name)
        return replace(self, served=served_release(release), engine=engine, archive=None)

    async def answer(self, asker: Asker, operation: QueryOperation, client: str) -> Response:
        """The answer to a query, with its receipt."""
        wanted = await computed(len(operation.query), self.wanted, asker, operation)
        if wanted.chosen is not HTML and is_as_named(asker, wanted.etag) and holds(asker, wanted.etag):
            return not_modified(wanted.etag, {"Mingzhang-Release": self.served.id})
        if wanted.chosen is HTML:
            return await run_in_threadpool(self.result_page, asker, operation, wanted, client)
        answered = await self.answered(wanted.question, client, wanted.etag, operation.timeout_s)
        given = await self.delivered(asker, wanted, answered)
        return given.response() if isinstance(given, Whole) else given

    def result_page(
        self,
        asker: Asker,
        operation: QueryOperation,
        wanted: Wanted,
        client: str,
    ) -> Response:
        """The editor with the result below it; an error is shown in its place, with its own status."""
        question, etag = wanted.question, wanted.etag
        answered = self.ask(question, client, etag and f"{etag}+page", operation.timeout_s)
        assert isinstance(answered, Held)  # SHOWN_ON_PAGE_BYTES is below IN_MEMORY_BYTES
        receipt = self.receipt(question, answered, wanted.warnings)
        page = pages.editor_page(
            self.examples(), operation.query, answer=answered.body, receipt=receipt, wish=operation.chart,
            graph=question.format_key == "turtle", base_uri=self.served.base_uri, has_site=self.has_site,
        )  # fmt: skip
        return deliver_page(asker, page, receipt.headers())

    def describe_service(self, asker: Asker, endpoint: str) -> Response:
        """The service description, or the editor for a browser."""
        offered = (*formats.GRAPHS, HTML)
        found = best_format(asker.accept, offered)
        if found is None:
            raise not_acceptable([f.media_type for f in offered])
        if found[0] is HTML:
            return deliver_page(asker, pages.editor_page(self.examples(), has_site=self.has_site))
        root = endpoint.rsplit("/sparql", 1)[0].split("/releases/", 1)[0]
        graphs = self.engine.graphs or ()
        is_older = self.served.release is not None and self.archive is None
        void = f"{root}/.well-known/void" if self.catalogue in graphs and not is_older else ""
        about = Described(endpoint, self.served.title, void, graphs)
        return deliver(asker, Delivery(serialized(description(about), found[0].key), found[0].content_type))

    def editor_file(self, asker: Asker, name: str) -> Response:
        """A file of the editor. Raises Problem 404 for what is none, or was not fetched."""
        body = pages.editor_file(name)
        if body is None:
            raise not_found(f"sparql/{name}")
        digest = hashlib.sha256(body).hexdigest()
        return deliver(asker, Delivery(body, pages.EDITOR_FILES[name], f'"{digest[:40]}"', sha256=digest))

    def file_tag(self, path: str) -> str:
        return file_tag(self.served.id, path) if self.served.fixed else ""

    @property
    def catalogue(self) -> str:
        return f"{self.served.base_uri}graph/catalogue"

    # --- things and documents ---------------------------------------------------------------------------------

    def thing(self, asker: Asker, path: str, client: str) -> Response:
        """303 from a thing to the document about it."""
        what = resources.named(path)
        chosen = resources.document_format(what, asker.accept)
        self.known(f"id/{what.name}", client)
        return Response(
            status_code=303,
            headers={"Location": f"/doc/{quoted(what.name)}.{chosen.suffix}", "Vary": "Accept"},
        )

    def known(self, path: str, client: str) -> str:
        """The IRI of a path that the store knows something about. Raises Problem 404."""
        iri = self.served.base_uri + quoted(path)
        if not resources.is_iri(iri):
            raise not_found(path)
        if not self.rows_about(iri, client):
            raise not_found(iri)
        return iri

    def rows_about(self, iri: str, client: str) -> int:
        return self.describe(iri, "ntriples", client).rows

    def describe(self, iri: str, format_key: str, client: str) -> Answered:
        """All triples about a thing, in an RDF format."""
        question = Question(
            resources.description_query(iri), format_key, self.served.base_uri, self.result_limit_bytes
        )
        return self.ask(question, client, self.tag(question, format_key))

    def document(self, asker: Asker, path: str, client: str) -> Response:
        """The document about a thing: page or RDF."""
        what = resources.named(path)
        chosen = resources.document_format(what, asker.accept)
        if chosen is HTML:
            page = self.site_file(f"doc/{what.name}.html")
            if page is not None:
                about_thing = self.is_about_thing(page, what.name, client)
                headers = {"Link": resources.alternates(what.name, chosen)} if about_thing else {}
                return deliver_file(
                    asker, page, file_tag(self.served.id, f"doc/{what.name}.html"), headers=headers
                )
        iri = self.known(f"id/{what.name}", client)
        headers = {"Link": resources.alternates(quoted(what.name), chosen)}
        tag = self.file_tag(f"doc/{what.name}.{chosen.suffix}")
        if chosen is HTML:
            answered = self.describe(iri, "ntriples", client)
            body: bytes = pages.thing_page(
                iri, what.name, whole_body(answered), self.served.base_uri, self.has_site
            )
            return deliver_page(asker, body, headers)
        answered = self.describe(iri, chosen.key, client)
        return deliver(asker, Delivery(whole_body(answered), chosen.content_type, tag, headers))

    def is_about_thing(self, page: Path, name: str, client: str) -> bool:
        """Whether a page's name has other formats: some pages (lists, indexes) are about no single thing."""
        if isinstance(self.engine, ArchivedEngine):
            # A page of an old release says so itself; loading that release to ask it would take seconds.
            return b'type="text/turtle"' in page.read_bytes()[:HEAD_OF_PAGE_BYTES]
        return bool(self.rows_about(f"{self.served.base_uri}id/{name}", client))

    def graph(self, asker: Asker, path: str, client: str) -> Response:
        """All of a named graph."""
        iri = self.served.base_uri + "graph/" + quoted(path)
        if not self.has_graph(iri, client):
            raise not_found(iri)
        chosen, _ = answer_format(formats.GRAPHS, "", asker.accept)
        operation = QueryOperation(resources.graph_query(iri), None, None, chosen.key, None)
        return from_thread.run(self.answer, asker, operation, client)

    def has_graph(self, iri: str, client: str) -> bool:
        """Whether there is a graph of this name; an engine that does not list its graphs is asked."""
        if self.engine.graphs is not None:
            return iri in self.engine.graphs
        if not resources.is_iri(iri):
            return False
        question = Question(resources.graph_exists_query(iri), "csv", self.served.base_uri, IN_MEMORY_BYTES)
        return whole_body(self.ask(question, client, self.tag(question, "text/csv"))).strip() == b"true"

    def void(self, asker: Asker, client: str) -> Response:
        """What the release holds, as VoID and DCAT: the catalogue with every download's size and checksum, or, of what
        has no downloads, the catalogue graph."""
        release = self.served.release
        file = release.dumps / "catalogue.ttl" if release is not None else None
        if file is None or not file.is_file():
            return self.graph(asker, "catalogue", client)
        chosen, content_type = answer_format(formats.GRAPHS, "", asker.accept)
        tag = self.file_tag(f"void.{chosen.suffix}")
        if chosen is formats.TURTLE:
            return deliver_file(asker, file, tag, content_type)
        triples = (quad.triple for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE))
        return deliver(asker, Delivery(serialized(triples, chosen.key), content_type, tag))

    # --- files of the release ---------------------------------------------------------------------------------

    def source(self, asker: Asker, name: str) -> Response:
        """A source file: the page with its lines, or the file itself."""
        asked = resources.source_request(name)
        release = self.served.release
        picture = self.site_file(f"source/{name}") if name.endswith(".png") else None
        if picture is not None:
            return deliver_file(asker, picture, file_tag(self.served.id, name))
        if asked is None or release is None:
            raise not_found(f"source/{name}")
        sha256, wanted = asked
        page, file = self.site_file(f"source/{sha256}.html"), release.sources / sha256
        if sha256 in release.manifest.source_urls:
            return self.withheld_source(asker, sha256, wanted, page)
        if not file.is_file():
            raise not_found(f"source/{name}")
        with file.open("rb") as handle:
            own = resources.own_format(handle.read(resources.HEAD_BYTES))
        chosen = resources.source_format(wanted, asker.accept, own)
        if chosen is None:
            raise not_found(f"source/{name}")
        if chosen is HTML and page is not None:
            links = f'</source/{sha256}.{own.suffix}>; rel="alternate"; type="{own.media_type}"'
            return deliver_file(
                asker, page, file_tag(self.served.id, f"{sha256}.html"), headers={"Link": links}
            )
        if chosen is HTML:
            raise not_found(f"source/{sha256}.html")
        # The bytes of the publisher's file, whatever their encoding: the digest in the name must hold.
        content_type = pages.text_type(file) if own is resources.TEXT else own.content_type
        return deliver_file(asker, file, f'"{sha256}"', content_type)

    def withheld_source(
        self, asker: Asker, sha256: str, wanted: Format | None, page: Path | None
    ) -> Response:
        """A source that its publisher alone gives out: its page here, or 303 to where the file is."""
        assert self.served.release is not None
        chosen = wanted or resources.source_format(None, asker.accept, resources.TEXT)
        if chosen is HTML and page is not None:
            return deliver_file(asker, page, file_tag(self.served.id, f"{sha256}.html"))
        address = self.served.release.manifest.source_urls[sha256]
        return Response(status_code=303, headers={"Location": address, "Vary": "Accept"})

    def ontology(self, asker: Asker, suffix: str) -> Response:
        """The vocabulary: its page, or its statements in any format of a document that the release holds."""
        release = self.served.release
        if release is None:
            raise not_found("ontology")
        files = {form: release.site / f"ontology.{form.suffix}" for form in resources.DOCUMENT_FORMATS}
        files[formats.TURTLE] = release.dumps / "ontology.ttl"
        return self.offered_file(asker, files, "ontology", resources.SUFFIXES.get(suffix))

    def term(self, asker: Asker, path: str) -> Response:
        """The document about one term or rule of the vocabulary: its page, or its statements in any format."""
        what = resources.named(path)
        found = {
            form: self.site_file(f"terms/{what.name}.{form.suffix}") for form in resources.DOCUMENT_FORMATS
        }
        files = {form: file for form, file in found.items() if file is not None}
        if not files:
            raise not_found(f"terms/{path}")
        return self.offered_file(asker, files, f"terms/{what.name}", what.format)

    def offered_file(
        self, asker: Asker, files: Mapping[Format, Path], stem: str, asked: Format | None
    ) -> Response:
        """Of the files that say one thing in several formats, the one asked for by its suffix (`asked`), else by Accept.

        `stem`: their address without a suffix. Raises Problem 404 where the format asked for is not among the files,
        406 where none is acceptable.
        """
        offered = tuple(form for form, file in files.items() if file.is_file())
        found = (asked, "") if asked else best_format(asker.accept, offered)
        if found is None:
            raise not_acceptable([f.media_type for f in offered])
        if found[0] not in offered:
            raise not_found(f"{stem}.{found[0].suffix}")
        links = [
            f'</{stem}.{form.suffix}>; rel="alternate"; type="{form.media_type}"'
            for form in offered
            if form is not found[0]
        ]
        if found[0] is not HTML:  # a page says itself what its address is
            links.append(f'</{stem}.{found[0].suffix}>; rel="canonical"')
        tag = file_tag(self.served.id, f"{stem}.{found[0].suffix}")
        return deliver_file(asker, files[found[0]], tag, headers={"Link": ", ".join(links)})

    def dump(self, asker: Asker, path: str) -> Response:
        """A download, whole or in ranges; or a page of the site about the downloads."""
        release = self.served.release
        if release is not None and resources.site_file(release.dumps, path) is None:
            elsewhere = self.dump_of_a_release(path)
            if elsewhere:
                return Response(status_code=302, headers={"Location": elsewhere})
            return self.release_file(asker, "site", f"dumps/{path}")
        return self.release_file(asker, "dumps", path)

    def dump_of_a_release(self, path: str) -> str:
        """Where a download is that is named by a release: `current.ttl` is the current one's, `<id>.ttl` stays that
        release's; empty for any other path."""
        name, _, suffix = path.partition(".")
        if name == "current" and suffix:
            return f"/dumps/{self.served.id}.{quoted(suffix)}"
        older = self.archive.find(name) if self.archive is not None and suffix else None
        if older is None or resources.site_file(older.dumps, path) is None:
            return ""
        return f"/releases/{name}/dumps/{quoted(path)}"

    def page(self, asker: Asker, path: str) -> Response:
        """A page or other file of the release's site."""
        release = self.served.release
        if release is None and path == "":
            return Response(status_code=303, headers={"Location": "/sparql"})
        return self.release_file(asker, "site", path)

    def release_file(self, asker: Asker, folder: str, path: str) -> Response:
        release = self.served.release
        if release is None:
            raise not_found(path)
        file = resources.site_file(release.path / folder, path)
        if file is None and folder == "site" and not path.endswith("/"):
            file = resources.site_file(release.path / folder, path + ".html")
            if file is None and resources.site_file(release.path / folder, path + "/") is not None:
                return Response(status_code=308, headers={"Location": f"/{quoted(path)}/"})
        if file is None:
            raise not_found(path)
        return deliver_file(asker, file, file_tag(self.served.id, f"{folder}/{file.name}/{path}"))

    def nearest(self, path: str) -> str:
        """The address of the page nearest to a path that is not there, "" where none is near."""
        release = self.served.release
        if release is None:
            return ""
        sources = [entry.source_sha256 for entry in release.manifest.disclosures]
        return nearest(path, lambda file: self.site_file(file) is not None, sources)

    def not_found_page(self, members: Mapping[str, object]) -> bytes | None:
        """The site's own page for what is not there, if it has one; with the way to where it last was, or to what is near.

        `members` are those of the problem: `last` and `nearest` are addresses.
        """
        page = self.site_file("404.html")
        if page is None:
            return None
        body = page.read_bytes()
        if members.get("last"):
            for missing, withdrawn in _WITHDRAWN:
                body = body.replace(missing.encode(), withdrawn.encode())
        for name, zh, en in _WAYS:
            address = escape(str(members.get(name, "")))
            if address:
                link = f'<a href="{address}"><span lang="zh-Hans">{self.title_at(address)}</span></a>'
                way = f'<p role="note"><span class="zh">{zh}：{link}</span> <span class="en" lang="en">{en}: {link}</span></p>'
                body = body.replace(b"</main>", way.encode() + b"</main>", 1)
        return body

    def title_at(self, address: str) -> str:
        """What the page at an address of the site calls itself, as it stands between its tags; else the address."""
        page = self.site_file(address.lstrip("/"))
        found = TITLE.search(page.read_bytes()[:TITLE_WITHIN_BYTES]) if page else None
        return found[1].decode().strip() if found else address

    def site_file(self, path: str) -> Path | None:
        release = self.served.release
        return resources.site_file(release.site, path) if release is not None else None

    @property
    def has_site(self) -> bool:
        """Whether the pages of a release are served too."""
        return self.served.release is not None

    def names_in(self, answer: bytes, client: str) -> dict[str, tuple[str, str]]:
        """What the things of an answer are called; nothing where that cannot be asked now, since it is no part of it."""
        things = columns.things_in(answer, self.served.base_uri)
        if not things:
            return {}
        question = Question(columns.names_query(things), "json", self.served.base_uri, IN_MEMORY_BYTES)
        try:
            return columns.names_of(whole_body(self.ask(question, client, self.tag(question, "names"))))
        except Problem:
            return {}

    def choices(self) -> Choices:
        """Parameter of stored queries → what may be given for it in this release, with its name."""
        release = self.served.release
        if release is None:
            return {}
        entries, start = release.manifest.disclosures, self.served.base_uri
        named = {
            "department": {entry.department: entry.department_name for entry in entries},
            "disclosure": {entry.iri: entry.title for entry in entries},
        }
        found = {
            parameter: tuple((iri.removeprefix(start), name) for iri, name in sorted(things.items()))
            for parameter, things in named.items()
        }
        return found | {"year": tuple((str(year), "") for year in sorted({entry.year for entry in entries}))}

    # --- stored queries ---------------------------------------------------------------------------------------

    def examples(self) -> tuple[StoredQuery, ...]:
        return tuple(self.queries.values())

    def stored_index(self, asker: Asker) -> Response:
        """All stored queries: a page, or their description in RDF (`sh:SPARQLExecutable`)."""
        offered = (HTML, *formats.GRAPHS)
        found = best_format(asker.accept, offered)
        if found is None:
            raise not_acceptable([f.media_type for f in offered])
        if found[0] is not HTML:
            triples = executables(self.examples(), self.served.base_uri)
            return deliver(asker, Delivery(serialized(triples, found[0].key), found[0].content_type))
        page = pages.queries_page(self.examples(), self.has_site)
        return deliver_page(asker, page)

    def stored(self, asker: Asker, path: str, parameters: dict[str, str], client: str) -> Response:
        """One stored query: its page with form and result, its result as CSV, JSON, …, or its description in RDF."""
        name, _, suffix = path.partition(".")
        query = self.queries.get(name)
        if query is None or (suffix and suffix not in ("csv", "tsv", "json", "xml")):
            raise not_found(f"queries/{path}")
        # A page is what /queries/{name} is by nature; data is what its suffixes are.
        offered = (HTML, *formats.TABLES, *(() if suffix else formats.GRAPHS))
        chosen, _ = answer_format(offered, suffix or parameters.get("format", ""), asker.accept)
        if chosen is HTML:
            return self.stored_page(asker, query, parameters, client)
        if chosen in formats.GRAPHS:
            triples = executables([query], self.served.base_uri)
            return deliver(asker, Delivery(serialized(triples, chosen.key), chosen.content_type))
        operation = QueryOperation(bound_query(query, parameters), None, None, chosen.key, None)
        return from_thread.run(self.answer, asker, operation, client)

    def stored_page(
        self, asker: Asker, query: StoredQuery, parameters: dict[str, str], client: str
    ) -> Response:
        """A stored query's page; what is wrong is shown on it, with its own status."""
        try:
            operation = QueryOperation(bound_query(query, parameters), None, None, "", None)
            question = self.question(operation, outline(operation.query), HTML)
            answered = self.ask(question, client, self.tag(question, "page"))
        except Problem as problem:
            page = pages.stored_page(
                query, parameters, problem=problem, choices=self.choices(), has_site=self.has_site
            )
            return deliver_page(asker, page, problem.headers, problem.status)
        receipt = self.receipt(question, answered, ())
        page = pages.stored_page(
            query,
            parameters,
            answer=whole_body(answered),
            receipt=receipt,
            base_uri=self.served.base_uri,
            names=self.names_in(whole_body(answered), client),
            choices=self.choices(),
            has_site=self.has_site,
        )
        return deliver_page(asker, page, receipt.headers())


def deliver_page(
    asker: Asker, page: bytes, headers: Mapping[str, str] = MappingProxyType({}), status: int = 200
) -> Response:
    """A page of our own."""
    return deliver(asker, Delivery(page, HTML.content_type, "", pages.PAGE_HEADERS | dict(headers), status))


def whole_body(answered: Answered) -> bytes:
    """The bytes of an answer, read from its file where it lies in one."""
    if isinstance(answered, Held):
        return answered.body
    with answered.file as file:
        file.seek(answered.start)
        return file.read()


def quoted(path: str) -> str:
    """A decoded URL path as the path of an IRI; our own names are ASCII, so this changes only what is not ours."""
    return quote(path, safe="/-._~!$&'()*+,;=:@")
