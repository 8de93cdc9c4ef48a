"""Every kind of URI of a real release, asked for with every kind of Accept header, from the service on a real socket.

The right answer is worked out here from RFC 9110 §12.5.1 as a table, not from the code that negotiates.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from mingzhang.release import Release, current_release

FORMATS = {
    "html": "text/html",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
# `mingzhang serve` would rebuild the release for its port, since no address was chosen for it.
SERVE = """
import sys
from pathlib import Path
from mingzhang.release import current_release
from mingzhang.sparql.server import ServiceOptions, serve_release
serve_release(current_release(Path(sys.argv[1])), ServiceOptions(port=0), lambda url: print(url, flush=True))
"""
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
ACCEPTS: list[tuple[str | None, str | None]] = [
    (None, "html"),
    ("", "html"),
    ("*/*", "html"),
    ("*/*;q=0.1", "html"),
    ("text/*", "html"),
    ("text/html", "html"),
    ("TEXT/HTML", "html"),
    ("text/html; charset=utf-8", "html"),
    ("text/html;q=0.2", "html"),
    (CHROMIUM, "html"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
    ("text/turtle", "ttl"),
    ("Text/Turtle", "ttl"),
    ("text/turtle , text/html;q=0.1", "ttl"),
    ("text/turtle;charset=utf-8", "ttl"),
    ("text/turtle;q=0.001", "ttl"),
    ("text/turtle, text/html;q=0.9", "ttl"),
    ("text/html;q=0.9, text/turtle", "ttl"),
    ("text/turtle;q=0.8, text/html;q=0.9", "html"),
    ("text/html;q=0.5, text/turtle;q=0.6, application/n-triples;q=0.55", "ttl"),
    ("text/html;q=0, text/*", "ttl"),
    ("text/turtle, */*;q=0.1", "ttl"),
    ("*/*;q=0.1, text/turtle", "ttl"),
    ("image/png, text/turtle;q=0.1", "ttl"),
    (",, text/turtle,,", "ttl"),
    ("nonsense, text/turtle", "ttl"),
    ("application/n-triples", "nt"),
    ("application/n-triples, text/turtle;q=0.5, */*;q=0.1", "nt"),
    ("text/turtle;q=0.4, application/n-triples;q=0.5", "nt"),
    ("application/ld+json", "jsonld"),
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
    ("application/ld+json, text/html;q=0.1", "jsonld"),
    ("application/ld+json;q=0.9, application/rdf+xml;q=0.8", "jsonld"),
    ("application/rdf+xml", "rdf"),
    ("application/rdf+xml, text/html;q=0.3, */*;q=0.1", "rdf"),
    ("application/rdf+xml;q=1.0, text/turtle;q=0.99", "rdf"),
    (
        "text/html;q=0, text/turtle;q=0, application/n-triples;q=0, application/ld+json;q=0, application/rdf+xml",
        "rdf",
    ),
    ("image/png", None),
    ("text/csv", None),
    ("application/pdf, image/*", None),
    ("text/turtle;q=0", None),
    ("*/*;q=0", None),
    ("text/html;q=0.000, text/turtle;q=0.0", None),
    ("video/*;q=0.9, audio/*", None),
]

SOURCE_ACCEPTS: list[tuple[str | None, str | None]] = [
    (None, "html"), ("", "html"), ("*/*", "html"), ("*/*;q=0.1", "html"), ("text/*", "html"), ("text/html", "html"),
    ("TEXT/HTML", "html"), ("text/html; charset=utf-8", "html"), ("text/html;q=0.2", "html"), (CHROMIUM, "html"),
    ("text/html, text/plain", "html"), ("text/plain, text/html", "html"), ("text/plain;q=0.8, text/html;q=0.9", "html"),
    ("text/html, text/plain;q=0.9", "html"), ("text/turtle, */*;q=0.1", "html"), ("application/pdf, */*;q=0.5", "html"),
    ("nonsense", "html"), ("*/*, text/plain;q=0.1", "html"), ("text/plain;q=0, */*", "html"), (",, text/html ,,", "html"),
    ("text/*;q=0.5, text/plain;q=0.4", "html"), ("text/html;level=1", "html"),
    ("text/plain", "txt"), ("Text/Plain", "txt"), ("text/plain;charset=utf-8", "txt"), ("text/plain;q=0.001", "txt"),
    ("text/plain, text/html;q=0.9", "txt"), ("text/html;q=0.9, text/plain", "txt"), ("text/html;q=0, text/*", "txt"),
    ("text/html;q=0, */*;q=0.1", "txt"), ("*/*;q=0.1, text/plain", "txt"), ("text/plain, */*;q=0.1", "txt"),
    ("text/plain;format=flowed", "txt"), ("image/png, text/plain;q=0.1", "txt"), ("text/*;q=0.4, text/plain;q=0.5", "txt"),
    ("text/turtle", None), ("application/pdf", None), ("image/*", None), ("text/plain;q=0", None), ("*/*;q=0", None),
    ("text/html;q=0, text/plain;q=0.000", None), ("application/*", None), ("text/csv;q=0.9, text/xml", None),
]  # fmt: skip
"""A source that is a text: its page, or the file."""
GRAPH_ACCEPTS: list[tuple[str | None, str | None]] = [
    (None, "text/turtle"), ("", "text/turtle"), ("*/*", "text/turtle"), ("*/*;q=0.1", "text/turtle"), ("text/*", "text/turtle"),
    ("text/turtle", "text/turtle"), ("TEXT/TURTLE", "text/turtle"), ("text/turtle;charset=utf-8", "text/turtle"),
    ("text/turtle;q=0.001", "text/turtle"), ("text/html, text/turtle;q=0.1", "text/turtle"), ("text/html, */*;q=0.1", "text/turtle"),
    ("text/turtle, application/n-triples;q=0.9", "text/turtle"), ("application/trig;q=0.5, text/turtle;q=0.6", "text/turtle"),
    ("application/*, text/turtle", "text/turtle"), ("nonsense, text/turtle", "text/turtle"), (",text/turtle,", "text/turtle"),
    ("application/n-triples", "application/n-triples"), ("application/*", "application/n-triples"),
    ("text/turtle;q=0, */*", "application/n-triples"), ("application/n-triples, */*;q=0.1", "application/n-triples"),
    ("text/turtle;q=0.4, application/n-triples;q=0.5", "application/n-triples"), ("image/png, application/n-triples;q=0.2", "application/n-triples"),
    ("application/rdf+xml", "application/rdf+xml"), ("application/rdf+xml, text/html;q=0.3", "application/rdf+xml"),
    ("application/rdf+xml;q=1.0, text/turtle;q=0.99", "application/rdf+xml"), ("application/rdf+xml;q=0.8, */*;q=0.7", "application/rdf+xml"),
    ("application/ld+json", "application/ld+json"), ('application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"', "application/ld+json"),
    ("application/ld+json;q=0.9, application/rdf+xml;q=0.8", "application/ld+json"), ("text/html, application/ld+json;q=0.1", "application/ld+json"),
    ("application/n-quads", "application/n-quads"), ("application/n-quads, text/turtle;q=0.5", "application/n-quads"),
    ("application/trig", "application/trig"), ("application/trig, application/n-quads;q=0.9", "application/trig"),
    ("text/html", None), ("image/png", None), ("text/csv", None), ("*/*;q=0", None), ("text/turtle;q=0", None),
    ("video/*;q=0.9, audio/*", None), ("text/html;q=0.9, application/pdf", None), ("text/plain, text/csv;q=0.1", None),
]  # fmt: skip
"""A named graph has no page: RDF alone, Turtle first."""


@pytest.fixture(scope="module")
def release(built: Path) -> Release:
    """The release of the examples."""
    return current_release(built)


@pytest.fixture(scope="module")
def client(built: Path) -> Iterator[httpx.Client]:
    """A client of the service over the release as it was built; redirects are answers, not detours."""
    command = [sys.executable, "-c", SERVE, str(built)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = next(
                found[0] for line in process.stdout if (found := re.search(r"http://[0-9.:]+", line))
            )
            with httpx.Client(base_url=address, timeout=60) as made:
                yield made
        finally:
            process.terminate()


def _one_of_each_kind(release: Release) -> dict[str, str]:
    """Kind → path of one entity below `/id/`, the middle one of each kind; a department's unit is a kind of its own."""
    kinds = defaultdict(list)
    for path in sorted((release.site / "doc").rglob("*.html")):
        name = path.relative_to(release.site / "doc").with_suffix("").as_posix()
        if "/" in name:
            kinds["unit" if "/unit/" in name else name.partition("/")[0]].append(name)
    return {kind: names[len(names) // 2] for kind, names in kinds.items()}


def test_there_are_forty_headers_and_every_kind_the_issue_names(release: Release) -> None:
    assert len({accept for accept, _ in ACCEPTS}) >= 40
    wanted = {
        "disclosure",
        "department",
        "unit",
        "finding",
        "division",
        "fund-source",
        "code",
        "project",
        "indicator",
        "fact",
        "figure",
    }
    assert wanted | {"form", "release", "table", "sum", "scheme"} <= set(_one_of_each_kind(release))


def test_every_kind_of_thing_answers_every_header(release: Release, client: httpx.Client) -> None:
    for name in _one_of_each_kind(release).values():
        for accept, suffix in ACCEPTS:
            headers = {} if accept is None else {"Accept": accept}
            request = client.build_request("GET", f"/id/{name}", headers=headers)
            if accept is None:
                del request.headers["Accept"]
            answer = client.send(request)
            assert "accept" in answer.headers["Vary"].lower(), (name, accept)
            assert answer.headers["Access-Control-Allow-Origin"] == "*", (name, accept)
            if suffix is None:
                assert answer.status_code == 406, (name, accept)
                assert all(media_type in answer.text for media_type in FORMATS.values()), (name, accept)
            else:
                assert answer.status_code == 303, (name, accept)
                assert answer.headers["Location"].endswith(f"/doc/{name}.{suffix}"), (name, accept)


def test_the_vocabulary_of_its_terms_answers_every_header(client: httpx.Client) -> None:
    """A term is a name with a fragment, so its document is the vocabulary: by `Accept`, without a redirect."""
    for accept, suffix in ACCEPTS:
        answer = client.get("/ontology", headers={"Accept": accept or ""})
        assert "accept" in answer.headers["Vary"].lower(), accept
        if suffix is None:
            assert answer.status_code == 406, accept
        else:
            assert answer.status_code == 200, accept
            assert answer.headers["Content-Type"].startswith(FORMATS[suffix]), accept


def _asked(client: httpx.Client, path: str, accept: str | None) -> httpx.Response:
    request = client.build_request("GET", path, headers={} if accept is None else {"Accept": accept})
    if accept is None:
        del request.headers["Accept"]
    return client.send(request)


def test_a_source_answers_every_header_with_its_page_or_its_bytes(
    release: Release, client: httpx.Client
) -> None:
    assert len({accept for accept, _ in SOURCE_ACCEPTS}) >= 40
    sha256 = release.manifest.disclosures[0].source_sha256
    for accept, suffix in SOURCE_ACCEPTS:
        answer = _asked(client, f"/source/{sha256}", accept)
        assert "accept" in answer.headers["Vary"].lower() or suffix is None, accept
        if suffix is None:
            assert answer.status_code == 406, accept
            assert "text/plain" in answer.text, accept
        else:
            assert answer.status_code == 200, accept
            is_page = answer.headers["Content-Type"].startswith("text/html")
            assert is_page == (suffix == "html"), accept
            assert is_page or answer.content == (release.sources / sha256).read_bytes(), accept


def test_every_named_graph_answers_every_header(release: Release, client: httpx.Client) -> None:
    assert len({accept for accept, _ in GRAPH_ACCEPTS}) >= 40
    # The smallest one: that every graph is there is asked below.
    graph = min(release.manifest.graphs.items(), key=lambda item: (release.graphs / item[1]).stat().st_size)[
        0
    ]
    path = graph.removeprefix(release.manifest.base_uri)
    for accept, media_type in GRAPH_ACCEPTS:
        answer = _asked(client, f"/{path}", accept)
        if media_type is None:
            assert answer.status_code == 406, accept
        else:
            assert answer.status_code == 200, accept
            assert answer.headers["Content-Type"].startswith(media_type), accept
            assert "accept" in answer.headers["Vary"].lower(), accept
    for iri in release.manifest.graphs:
        assert client.head(f"/{iri.removeprefix(release.manifest.base_uri)}").status_code == 200, iri


def test_the_table_has_every_kind_of_name_that_the_release_mints(release: Release) -> None:
    """Names under the base URI, by their first part: a kind that nobody asked for would be noticed here."""
    base, minted = release.manifest.base_uri, set()
    for file in release.manifest.graphs.values():
        for quad in ox.parse(path=str(release.graphs / file), format=ox.RdfFormat.N_QUADS):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(base):
                minted.add(quad.subject.value.removeprefix(base).partition("#")[0])
    kinds = {"/".join(name.split("/")[:2]) for name in minted if name.startswith("id/")}
    assert {kind.removeprefix("id/") for kind in kinds} <= set(_one_of_each_kind(release))
    others = {name.partition("/")[0] for name in minted} - {"id"}
    assert others <= {"", "source", "graph", "dumps", ".well-known", "releases", "sparql", "queries"}


def test_no_page_leads_nowhere(release: Release, client: httpx.Client) -> None:
    """Every address that a page of the release or of the service links to answers, and has the place that is named.

    Pages are read from the disk; what is no page of the release is asked for, RDF of each kind once.
    """
    pages = {
        f"/{file.relative_to(release.site)}": file.read_text("utf-8") for file in release.site.rglob("*.html")
    }
    index = client.get("/queries", headers={"Accept": "text/html"}).text
    service = ["/queries", "/sparql", "/releases/", *set(re.findall(r'href="(/queries/[a-z-]+)"', index))]
    pages |= {path: client.get(path, headers={"Accept": "text/html"}).text for path in service}
    places = {
        path: set(map(html.unescape, re.findall(r'\bid="([^"]*)"', page))) for path, page in pages.items()
    }
    dead, asked = set(), set()
    for path, page in pages.items():
        for link in set(map(html.unescape, re.findall(r'\b(?:href|src|action)="(/[^"]*|#[^"]*)"', page))):
            name, _, fragment = link.partition("#")
            name = name or path
            known = next((one for one in (name, f"{name}.html", f"{name}index.html") if one in pages), None)
            if known is not None:
                if fragment and fragment not in places[known]:
                    dead.add((path, link))
                continue
            rdf = re.fullmatch(r"(/[a-z]+/[a-z-]+)/.*(\.(?:ttl|nt|jsonld|rdf))", name)
            once = "".join(rdf.groups()) if rdf else name
            if once not in asked:
                asked.add(once)
                if client.head(name, follow_redirects=True).status_code >= 400:
                    dead.add((path, link))
    assert len(pages) > 1000
    assert len(asked) > 50
    assert dead == set()


def _terms(release: Release) -> dict[str, str]:
    """Kind of term → path below `/terms/` of the middle one."""
    kinds = defaultdict(list)
    for page in sorted((release.site / "terms").rglob("*.html")):
        kinds[page.parent.name].append(f"{page.parent.name}/{page.stem}")
    return {kind: names[len(names) // 2] for kind, names in kinds.items()}


def test_every_kind_of_term_answers_every_header(release: Release, client: httpx.Client) -> None:
    """A term's own document, at the address of its page: by `Accept`, without a redirect."""
    assert set(_terms(release)) == {"class", "property", "individual", "rule"}
    for name in _terms(release).values():
        for accept, suffix in ACCEPTS:
            answer = client.get(f"/terms/{name}", headers={"Accept": accept or ""})
            assert "accept" in answer.headers["Vary"].lower(), (name, accept)
            assert answer.headers["Access-Control-Allow-Origin"] == "*", (name, accept)
            if suffix is None:
                assert answer.status_code == 406, (name, accept)
            else:
                assert answer.status_code == 200, (name, accept)
                assert answer.headers["Content-Type"].startswith(FORMATS[suffix]), (name, accept)


def test_every_term_answers_in_every_format_with_its_validators(
    release: Release, client: httpx.Client
) -> None:
    for name in _terms(release).values():
        tags = set()
        for suffix, media_type in FORMATS.items():
            answer = client.get(f"/terms/{name}.{suffix}", headers={"Accept": "image/png"})
            assert answer.status_code == 200, (name, suffix)
            assert answer.headers["Content-Type"].startswith(media_type), (name, suffix)
            for other in set(FORMATS) - {suffix}:
                link = f'</terms/{name}.{other}>; rel="alternate"; type="{FORMATS[other]}"'
                assert link in answer.headers["Link"], (name, suffix)
            tag = answer.headers["ETag"]
            again = client.get(f"/terms/{name}.{suffix}", headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b""), (name, suffix)
            head = client.head(f"/terms/{name}.{suffix}")
            assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag), (name, suffix)
            tags.add(tag)
        assert len(tags) == len(FORMATS), name


def test_a_term_of_an_old_address_is_the_same(release: Release, client: httpx.Client) -> None:
    """Under a release's own address too."""
    for name in _terms(release).values():
        now = client.get(f"/terms/{name}.nt").text
        then = client.get(
            f"/releases/{release.manifest.id}/terms/{name}", headers={"Accept": "application/n-triples"}
        )
        assert (then.status_code, then.text) == (200, now), name


def test_the_vocabulary_says_the_same_in_every_format(client: httpx.Client) -> None:
    forms = {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "jsonld": ox.RdfFormat.JSON_LD,
        "rdf": ox.RdfFormat.RDF_XML,
    }
    said = {
        suffix: {line for line in _lines(client.get(f"/ontology.{suffix}").content, form) if "_:" not in line}
        for suffix, form in forms.items()
    }
    assert len(said["ttl"]) > 500
    assert all(lines == said["ttl"] for lines in said.values())


def test_every_kind_of_document_answers_in_every_format_with_its_validators(
    release: Release, client: httpx.Client
) -> None:
    for name in _one_of_each_kind(release).values():
        for suffix, media_type in FORMATS.items():
            answer = client.get(f"/doc/{name}.{suffix}", headers={"Accept": "image/png"})
            assert answer.status_code == 200, (name, suffix)
            assert answer.headers["Content-Type"].startswith(media_type), (name, suffix)
            links = answer.headers["Link"]
            assert 'rel="canonical"' in links, (name, suffix)
            assert 'rel="describedby"' in links or 'rel="alternate"' in links, (name, suffix)
            tag = answer.headers["ETag"]
            again = client.get(f"/doc/{name}.{suffix}", headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b""), (name, suffix)
            head = client.head(f"/doc/{name}.{suffix}")
            assert (head.status_code, head.content) == (200, b""), (name, suffix)
            assert head.headers["ETag"] == tag, (name, suffix)


def test_what_is_not_there_is_404_with_the_nearest_thing(release: Release, client: httpx.Client) -> None:
    for kind, name in _one_of_each_kind(release).items():
        answer = client.get(f"/id/{name}-not-there", follow_redirects=True)
        assert answer.status_code == 404, kind
        near = answer.json()["nearest"]
        assert near.startswith(("/doc/", "/source/")), kind
        assert client.get(near).status_code == 200, kind
        page = client.get(f"/doc/{name}-not-there", headers={"Accept": "text/html"})
        assert page.status_code == 404, kind
        assert f'<a href="{near}">' in page.text, kind


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/id/code/functional/2100177", "/doc/code/functional/21001.html"),
        ("/doc/code/functional/2990199.ttl", "/doc/scheme/functional.html"),
        ("/id/fact/411300/yi-liao-bao-zhang-ju/2021-budget/0000", "/doc/disclosure/411300/yi-liao-bao-zhang-ju/2021-budget.html"),
        ("/id/disclosure/411300/yi-liao-bao-zhang-ju/1999-budget", "/doc/department/411300/yi-liao-bao-zhang-ju.html"),
        ("/id/department/411300/nobody", "/doc/division/411300.html"),
        ("/id/fund-source/nothing", "/doc/scheme/fund-source.html"),
        ("/id/nonsense", "/doc/disclosure.html"),
        ("/terms/property/Fact", "/terms/class/Fact.html"),
        ("/terms/Fact.ttl", "/terms/class/Fact.html"),
        ("/terms/class/Nothing", "/ontology.html"),
        ("/compare/nothing.html", "/compare/"),
        ("/source/ffff", "/doc/disclosure.html"),
    ],
)  # fmt: skip
def test_the_nearest_thing_is_one_level_up(client: httpx.Client, path: str, near: str) -> None:
    assert client.get(path).json()["nearest"] == near


def _embedded(page: str) -> str:
    found = re.search(r'<script type="application/ld\+json" id="statements">(.*?)</script>', page, re.DOTALL)
    assert found, "a page without its statements"
    return found[1]


def _lines(data: str | bytes, form: ox.RdfFormat) -> set[str]:
    return {f"{quad.subject} {quad.predicate} {quad.object}" for quad in ox.parse(data, format=form)}


def test_each_page_holds_the_triples_of_its_turtle(release: Release, client: httpx.Client) -> None:
    """Asked for of one of each kind over HTTP; every page of the release is held against the graphs below."""
    for name in _one_of_each_kind(release).values():
        page = _lines(_embedded(client.get(f"/doc/{name}.html").text), ox.RdfFormat.JSON_LD)
        turtle = _lines(client.get(f"/doc/{name}.ttl").content, ox.RdfFormat.TURTLE)
        named = {line for line in turtle if not line.startswith("_:") and " _:" not in line}
        assert {line for line in page if not line.startswith("_:") and " _:" not in line} == named, name


def test_every_page_of_the_release_holds_the_triples_of_the_graphs(release: Release) -> None:
    said = defaultdict(set)
    for graph, file in release.manifest.graphs.items():
        if graph != release.leaves_graph:
            for quad in ox.parse(path=str(release.graphs / file), format=ox.RdfFormat.N_QUADS):
                if isinstance(quad.object, ox.BlankNode) or isinstance(quad.subject, ox.BlankNode):
                    continue
                said[str(quad.subject)].add(f"{quad.subject} {quad.predicate} {quad.object}")
    start = f"<{release.manifest.base_uri}id/"
    entities = [subject for subject in said if subject.startswith(start) and "#" not in subject]
    assert len(entities) > 1000
    for subject in entities:
        path = release.site / "doc" / f"{subject.removeprefix(start).rstrip('>')}.html"
        page = _lines(_embedded(path.read_text(encoding="utf-8")), ox.RdfFormat.JSON_LD)
        own = {line for line in page if line.startswith(subject) and " _:" not in line}
        assert own == said[subject], subject


def test_a_page_names_itself_and_its_other_forms(release: Release, client: httpx.Client) -> None:
    for name in _one_of_each_kind(release).values():
        page = client.get(f"/doc/{name}.html").text
        canonical = re.search(r'<link rel="canonical" href="([^"]+)">', page)
        assert canonical is not None, name
        assert html.unescape(canonical[1]).endswith(f"/doc/{name}.html"), name
        for suffix, media_type in FORMATS.items():
            if suffix != "html":
                assert f'<link rel="alternate" type="{media_type}" href="/doc/{name}.{suffix}">' in page, name


def test_problems_are_json_for_who_asks_for_it(client: httpx.Client) -> None:
    answer = client.get(
        "/id/fact/none/at/all", headers={"Accept": "application/problem+json, text/turtle;q=0.5"}
    )
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(answer.text)["status"] == 404
