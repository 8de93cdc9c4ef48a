"""The pages: what they say, where they lead, and that they say the same as the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest

from mingzhang.errors import ReleaseError
from mingzhang.release import open_release
from mingzhang.site.build import SiteOptions, build_site
from mingzhang.site.graph import read_graph

# Answered by the service, not by files of the site (docs/model.md, URLs of the service).
_SERVICE = re.compile(
    r"/(releases/.*|sparql(\?.*)?|queries(/.*)?|ontology\.ttl|dumps/.+|doc/.+\.(ttl|nt|jsonld|rdf)|source/[0-9a-f]{64}\.(txt|pdf|xlsx|docx))\Z"
)
_BLOCKS = {"td", "th", "tr", "li", "dt", "dd", "p", "h1", "h2", "text", "caption"}
_VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """A page as read by the standard library's parser."""

    html: str
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    text: str = ""
    unclosed: list[str] = field(default_factory=list)
    captions: int = 0
    tables: int = 0
    external: list[str] = field(default_factory=list)
    _script: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "a":
            self.links.append(values["href"])
        if tag in ("script", "img", "iframe") and "src" in values:
            self.external.append(values["src"])
        if tag == "link" and values["rel"] in ("stylesheet", "icon"):
            self.links.append(values["href"])
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "script":
            self._script = values.get("id", "")
        self.captions += tag == "caption"
        self.tables += tag == "table"
        if tag not in _VOID and not (tag == "path" or tag == "rect"):
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.text += " "
        if tag in self.unclosed:
            assert self.unclosed[-1] == tag, f"</{tag}> closes <{self.unclosed[-1]}>"
            self.unclosed.pop()

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] = data
            self._script = ""
        else:
            self.text += data


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def words(page: Page) -> str:
    return re.sub(r"\s+", " ", page.text)


@pytest.fixture(scope="module")
def pages(example: Any) -> dict[str, Page]:
    site = example.release.site
    return {str(path.relative_to(site)): read(path) for path in sorted(site.rglob("*.html"))}


def _file(site: Path, path: str) -> Path:
    """The file a static server, or the service, answers a path with."""
    name = unquote(path).lstrip("/")
    if name == "" or name.endswith("/"):
        return site / name / "index.html"
    return site / name if (site / name).is_file() else site / f"{name}.html"


def test_every_entity_of_the_release_has_a_page(example: Any) -> None:
    graph = read_graph(example.release)
    missing = [iri for iri in graph.entities() if not example.page(iri).is_file()]
    assert len(list(graph.entities())) > 60
    assert missing == []


def test_every_internal_link_leads_to_a_page_and_a_place_on_it(example: Any, pages: dict[str, Page]) -> None:
    site, broken = example.release.site, []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                continue
            target = parts.path or f"/{name}"
            if _SERVICE.match(link) or _SERVICE.match(target):
                continue
            file = _file(site, target)
            if not file.is_file() or (
                parts.fragment
                and not {parts.fragment, unquote(parts.fragment)}
                & set(pages[str(file.relative_to(site))].ids)
            ):
                broken.append((name, link))
    assert broken == []


def test_every_download_on_the_dumps_page_is_there(example: Any, pages: dict[str, Page]) -> None:
    links = [link for link in pages["dumps/index.html"].links if re.match(r"/dumps/.+", link)]
    assert len(links) > 10
    assert [link for link in links if not (example.release.path / link.lstrip("/")).is_file()] == []


_SCRIPTS = ['<script src="/static/language.js">', '<script src="/static/tables.js" defer>']
"""What every page has, and reads without."""


def test_no_page_asks_anything_of_another_server_or_needs_a_script(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert [link for link in page.external if not re.match(r"/[^/]", link)] == []
        assert 'type="text/javascript"' not in page.html
        scripts = re.findall(r"<script(?! type=\"application/ld\+json\")[^>]*>", page.html)
        # Searching alone needs one; the page says so to those who have none.
        searches = 'action="/search/" method="get"><label' in page.html
        assert scripts == _SCRIPTS + (['<script type="module" src="/static/search.js">'] if searches else [])
        assert ("<noscript>" in page.html) == searches


def test_markup_is_balanced_and_ids_are_unique(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert page.unclosed == [], name
        assert len(page.ids) == len(set(page.ids)), name


def test_every_page_has_one_heading_a_language_a_skip_link_and_captions(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert page.tags.count("h1") == 1, name
        assert page.html.startswith('<!doctype html>\n<html lang="zh-Hans">'), name
        assert page.links.count("#content") == 1, name
        assert page.captions == page.tables, name


def test_the_embedded_jsonld_holds_exactly_the_entitys_triples(example: Any) -> None:
    graph = read_graph(example.release)
    for iri in graph.entities():
        data = read(example.page(iri)).scripts["statements"]
        found = {
            (str(quad.subject), quad.predicate.value, str(quad.object))
            for quad in ox.parse(data.encode(), format=ox.RdfFormat.JSON_LD)
        }
        assert found == set(_statements(example, iri)), iri


def _statements(example: Any, iri: str) -> Iterator[tuple[str, str, str]]:
    for name, file in example.release.manifest.graphs.items():
        if name.endswith("/leaves"):
            continue
        for quad in ox.parse(path=str(example.release.graphs / file), format=ox.RdfFormat.N_QUADS):
            if quad.subject == ox.NamedNode(iri):
                yield str(quad.subject), quad.predicate.value, str(quad.object)


def test_a_fact_shows_its_amount_in_both_units_and_the_line_it_stands_on(example: Any) -> None:
    page = read(example.page(example.fact(1)))
    assert "1,200.00 万元" in words(page)
    assert "12,000,000 元" in words(page)
    assert f"/source/{example.sha256}.html#line=7" in page.links
    assert example.figure("l7n1").replace(f"{example.base}id/", "/doc/") + ".html" in page.links


def test_a_fact_says_whether_it_may_be_summed(example: Any) -> None:
    assert "Safe to sum" in words(read(example.page(example.fact(5))))
    assert "Do not add it" in words(read(example.page(example.fact(4))))


def test_a_reconciled_figure_shows_its_proof(example: Any) -> None:
    page = words(read(example.page(example.figure("l9n1"))))
    assert "800.00 = 基本支出 800.00 + 项目支出 0" in page
    assert "Reconciled" in page


def test_an_ambiguous_figure_lists_its_candidates_and_states_nothing(example: Any) -> None:
    page = words(read(example.page(example.figure("l11n3"))))
    assert "支出 / 基本支出 支出 / 项目支出" in page
    assert "Its column is not certain, so no fact was made of it" in page


def test_a_finding_says_in_both_languages_what_differs_without_becoming_markup(example: Any) -> None:
    file = next((example.release.site / "doc" / "finding").rglob("*.html"))
    page = read(file)
    assert "项目支出各科目相加 360.00，<合计> 却是 & 不合" in page.text
    assert "The codes do not add up to their <total> & differ" in page.text
    assert "360.5" in words(page)
    assert "&lt;合计&gt; 却是 &amp; 不合" in page.html


def test_the_disclosure_says_what_was_not_read(example: Any) -> None:
    page = words(read(example.page(example.disclosure)))
    assert "列未定 ambiguous 1 未读 not read 1" in page


def test_the_disclosures_total_and_its_composition_agree(example: Any) -> None:
    page = words(read(example.page(example.disclosure)))
    assert "205 教育支出 Education 1,100.00 91.7%" in page
    assert "210 卫生健康支出 Health 100.00 8.3%" in page
    assert "相加 Sum 1,200.00" in page
    assert "各部分相加" not in page


def test_a_printed_table_is_put_together_as_it_was_printed(example: Any) -> None:
    page = read(example.page(f"{example.base}id/table/{example.sha256[:12]}/1"))
    rows = re.findall(r"<tr>(.*?)</tr>", page.html, re.S)
    cells = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.S)]
        for row in rows
    ]
    assert cells[0][1:4] == ["项目 Item", "合计", "支出"]
    assert cells[1] == ["基本支出", "项目支出"]
    assert cells[2] == ["7", "合计", "1,200.00", "840.00", "360.00", ""]
    assert cells[5] == ["10", "2050199 其他教育管理事务支出", "300.00", "", "300.00", ""]
    assert cells[6] == ["11", "210 卫生健康支出", "100.00", "40.00", "", "60.00"]


def test_a_form_published_empty_is_said_to_be_empty(example: Any) -> None:
    page = words(read(example.page(f"{example.base}id/table/{example.sha256[:12]}/2")))
    assert "This form was published empty" in page


def test_the_source_page_has_every_line_and_links_every_figure(example: Any, pages: dict[str, Page]) -> None:
    page = pages[f"source/{example.sha256}.html"]
    graph = read_graph(example.release)
    figures = graph.subjects(
        "http://www.w3.org/ns/prov#wasDerivedFrom", f"{example.base}source/{example.sha256}"
    )
    assert [name for name in page.ids if name.startswith("line=")] == [
        f"line={number}" for number in range(1, 21)
    ]
    expected = {
        iri.replace(f"{example.base}id/", "/doc/") + ".html" for iri in figures if "/id/figure/" in iri
    }
    assert {link for link in page.links if link.startswith("/doc/figure/")} == expected


def test_a_code_shows_its_place_in_the_tree_and_its_total(example: Any) -> None:
    page = read(example.page(f"{example.base}id/code/functional/205"))
    assert "/doc/code/functional/20501.html" in page.links
    assert "/doc/code/functional/all.html" in page.links
    assert "1,100.00" in words(page)


def test_the_front_page_runs_its_example_query_for_real(pages: dict[str, Page]) -> None:
    page = words(pages["index.html"])
    assert "示例县教育局 2023 行政运行 800.00" in page
    assert "GRAPH <https://data.example/graph/leaves>" in page


def test_the_front_page_adds_up_one_year_and_kind_at_a_time(pages: dict[str, Page]) -> None:
    assert "2023年预算支出按功能分类（1 份公开文件）" in words(pages["index.html"])


def test_findings_are_counted_by_rule(pages: dict[str, Page]) -> None:
    page = pages["doc/finding.html"]
    assert "columns-add-up 1" in words(page)
    assert re.search(r"<text[^>]*>columns-add-up</text>", page.html)


def test_the_front_page_leads_to_everything(pages: dict[str, Page]) -> None:
    wanted = {"/queries", "/sparql", "/dumps/", "/ontology", "/doc/disclosure.html", "/doc/finding.html"}
    assert wanted <= set(pages["index.html"].links)


def test_charts_are_text_with_a_title_and_the_data_beside_them(example: Any) -> None:
    page = read(example.page(example.disclosure))
    assert page.html.count("<svg") == 2
    assert page.html.count("<title id=") == page.html.count("<desc id=") == 2
    assert re.search(r"<text[^>]*>教育支出</text>", page.html)
    assert re.search(r"<text[^>]*>1,100.00</text>", page.html)


def test_the_vocabulary_page_counts_the_uses_of_each_term(pages: dict[str, Page]) -> None:
    page = pages["ontology.html"]
    assert re.search(r"mz:Fact ?事实 Fact [^0-9]* 10 ", words(page))
    assert re.search(r"mz:amount ?金额 Amount [^0-9]* 10 ", words(page))


def test_search_engines_learn_of_the_dataset(example: Any) -> None:
    document = json.loads(read(example.page(example.disclosure)).scripts["dataset"])
    assert document["@type"] == "Dataset"
    assert document["license"] == "https://creativecommons.org/licenses/by/4.0/"
    address = document["distribution"][0]["contentUrl"].removeprefix(example.base)
    assert (example.release.path / address).is_file()


def test_the_sitemap_names_every_page_but_the_missing_one(example: Any, pages: dict[str, Page]) -> None:
    sitemap = (example.release.site / "sitemap.xml").read_text(encoding="utf-8")
    addresses = re.findall(r"<loc>(.*?)</loc>", sitemap)
    files = {
        str(_file(example.release.site, urlsplit(address).path).relative_to(example.release.site))
        for address in addresses
    }
    assert files == set(pages) - {"404.html"}
    assert len(addresses) == len(set(addresses))


def test_pages_name_their_own_address_as_canonical(example: Any, pages: dict[str, Page]) -> None:
    page = pages["doc/code/functional/205.html"]
    assert f'<link rel="canonical" href="{example.base}doc/code/functional/205.html">' in page.html
    assert '<link rel="alternate" type="text/turtle" href="/doc/code/functional/205.ttl">' in page.html


def test_a_second_build_writes_the_same_bytes(example: Any, tmp_path: Path) -> None:
    site = example.release.site
    before = _bytes(site)
    count = build_site(example.release, lambda stage, done, total: None, SiteOptions(rdf_files=True))
    after = _bytes(site)
    assert after == before
    assert count == len([path for path in after if path.suffix == ".html"])


def _bytes(site: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_progress_reaches_the_end(example: Any) -> None:
    seen: list[tuple[str, int, int]] = []
    build_site(
        example.release,
        lambda stage, done, total: seen.append((stage, done, total)),
        SiteOptions(rdf_files=True),
    )
    assert seen[0][:2] == ("pages", 0)
    assert {stage for stage, _, _ in seen} == {"pages"}
    assert seen[-1][1] == seen[-1][2] > 0


def test_a_missing_graph_file_is_named(example: Any, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text(example.release.manifest.to_json(), encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"catalogue\.nq"):
        build_site(open_release(tmp_path), lambda stage, done, total: None)
