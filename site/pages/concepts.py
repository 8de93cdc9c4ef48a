"""The pages about the words: codes and other concepts, code lists, forms, terms of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

from mingzhang.site.book import Book, is_all, own_period
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import Link, href
from mingzhang.site.money import wan, yuan
from mingzhang.site.namespaces import MZ, QB, RDFS, SKOS, TYPE, local_name
from mingzhang.site.pages.frame import Frame, entity_frame, plain_frame
from mingzhang.site.pages.money import FACTS_SHOWN, FactRow, MoneyRow, fact_row, widest_first
from mingzhang.site.words import SCHEME_DIMENSION

_UNFOLDED = 60
"""Concepts of a list that are all shown at once: what a person runs the eye over."""


@dataclass(frozen=True)
class ConceptPage:
    """A code, fund source, expenditure kind, three-public item, phase or flow."""

    frame: Frame
    code: str
    scheme: Link | None
    definition_zh: str
    definition_en: str
    broader: tuple[Link, ...]
    narrower: tuple[Link, ...]
    matches: tuple[Link, ...]
    """Concepts of other classifications it corresponds to."""
    chart: str
    """The rows of `headline` for expenditure, as SVG."""
    headline: tuple[MoneyRow, ...]
    """Per disclosure, the fact that is about this concept and narrowed down by nothing else."""
    facts: tuple[FactRow, ...]
    facts_total: int
    query: str
    """Gives all of them."""


@dataclass(frozen=True)
class TreeNode:
    """A concept and what is below it."""

    link: Link
    uses: int
    """Facts that name it."""
    children: tuple[TreeNode, ...]
    below: int
    """How many concepts lie below it, at whatever depth."""
    folded: bool
    """Whether what lies below it is only shown when asked for."""


@dataclass(frozen=True)
class SchemePage:
    frame: Frame
    definition_zh: str
    definition_en: str
    nodes: tuple[TreeNode, ...]
    """The tops of the tree."""
    leaves: int
    """Facts that may be summed along this list."""


@dataclass(frozen=True)
class CodesPage:
    frame: Frame
    schemes: tuple[tuple[Link, int, int], ...]
    """Code list, how many concepts, how many of them are used by a fact."""


@dataclass(frozen=True)
class FormPage:
    frame: Frame
    definition_zh: str
    definition_en: str
    other_titles: tuple[str, ...]
    tables: tuple[tuple[Link, Link], ...]
    """Table and its disclosure."""


def definition(graph: ReleaseGraph, iri: str, language: str) -> str:
    for predicate in (SKOS + "definition", RDFS + "comment", SKOS + "scopeNote"):
        found = graph.in_language(iri, predicate, language)
        if found:
            return found
    return ""


def concept_page(book: Book, iri: str, kind: str) -> ConceptPage:
    graph = book.graph
    scheme = graph.text(iri, SKOS + "inScheme")
    dimension = SCHEME_DIMENSION.get(local_name(scheme), "")
    facts = graph.subjects(MZ + dimension, iri) if dimension else []
    digits = book.code(iri)
    link = book.link(scheme) if scheme else None
    name_en = graph.label(iri, "en")
    about_zh = f"{link.zh}中的一项" if link else "分类中的一项"
    about_en = f"One entry of {link.en or link.zh}" if link else "One entry of a classification"
    about = (f"{about_zh}，{len(facts)} 个事实用到它。", f"{about_en}, used by {len(facts)} facts.")
    title = (f"{digits} {graph.name(iri)}".strip(), f"{digits} {name_en}".strip() if name_en else "")
    crumbs = ((link,) if link else ()) + book.links(book.ancestors(iri)[:-1])
    return ConceptPage(
        entity_frame(book, iri, kind, title, about, crumbs),
        digits,
        link,
        definition(graph, iri, "zh"),
        definition(graph, iri, "en"),
        _noted(book, sorted(graph.texts(iri, SKOS + "broader"))),
        _noted(book, sorted(graph.subjects(SKOS + "broader", iri))),
        tuple(
            Link(match, match) if not href(match, book.base) else book.link(match)
            for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
            for match in graph.texts(iri, SKOS + name)
        ),
        _headline_chart(book, facts, dimension),
        tuple(_headline_row(book, fact) for fact in _headline(book, facts, dimension)),
        tuple(fact_row(book, fact) for fact in widest_first(book, facts)[:FACTS_SHOWN]),
        len(facts),
        _query(iri, dimension),
    )


def _noted(book: Book, iris: list[str]) -> tuple[Link, ...]:
    return tuple(book.coded_link(iri) for iri in iris)


def _headline(book: Book, facts: list[str], dimension: str) -> list[str]:
    """The facts that are about a concept and narrowed down by nothing else, each of its disclosure's own period."""
    return [
        fact
        for fact in sorted(facts)
        if set(book.broken_down(fact)) <= {dimension}
        and own_period(book.graph, fact, book.graph.text(fact, QB + "dataSet"))
    ]


def _headline_row(book: Book, fact: str) -> MoneyRow:
    graph = book.graph
    flow = book.link(graph.text(fact, MZ + "flow"))
    disclosure = book.link(graph.text(fact, QB + "dataSet"))
    link = Link(
        disclosure.href,
        f"{disclosure.zh} · {flow.zh}",
        f"{disclosure.en or disclosure.zh} · {flow.en.lower()}",
    )
    amount = book.amount_yuan(fact)
    return MoneyRow(link, "", wan(amount), yuan(amount), "", href(fact, book.base))


def _headline_chart(book: Book, facts: list[str], dimension: str) -> str:
    """One concept's expenditure across departments and years; "" where fewer than two disclosures have it."""
    spent = [fact for fact in _headline(book, facts, dimension) if book.flow(fact) == "expenditure"]
    if len(spent) < 2:
        return ""
    bars = []
    for fact in spent:
        entry = book.disclosures.get(book.graph.text(fact, QB + "dataSet"))
        if entry is None:
            return ""
        department_en = book.graph.label(entry.department, "en") or entry.department_name
        name = f"{entry.department_name} {entry.year}年"
        bars.append(Bar(name, book.amount_yuan(fact), label_en=f"{department_en} {entry.year}"))
    spoken = "；".join(f"{bar.label} {wan(bar.amount_yuan)} 万元" for bar in bars)
    return bar_chart(bars, "各部门各年度的支出 Expenditure by department and year", spoken, "headline")


def _query(iri: str, dimension: str) -> str:
    if not dimension:
        return ""
    return (
        f"PREFIX mz: <{MZ}>\nPREFIX rdfs: <{RDFS}>\n"
        "SELECT ?fact ?label ?year ?amount WHERE {\n"
        f"  ?fact mz:{dimension} <{iri}> ;\n        rdfs:label ?label ;\n        mz:fiscalYear ?year ;\n"
        "        mz:amount ?amount .\n}\nORDER BY ?label"
    )


def scheme_page(book: Book, iri: str) -> SchemePage:
    graph = book.graph
    nodes = _tree(book, iri)
    size = len(nodes) + sum(node.below for node in nodes)
    about = (f"{size} 个概念。", f"{size} concepts.")
    return SchemePage(
        entity_frame(book, iri, "scheme", (graph.name(iri), graph.label(iri, "en")), about, (codes_link(),)),
        definition(graph, iri, "zh"),
        definition(graph, iri, "en"),
        nodes,
        len(graph.leaves.get(iri, ())),
    )


def _tree(book: Book, scheme: str) -> tuple[TreeNode, ...]:
    """Every concept of a list below its first broader one, brothers and sisters by IRI."""
    graph = book.graph
    members = sorted(set(graph.subjects(SKOS + "inScheme", scheme)))
    known = frozenset(members)
    children: dict[str, list[str]] = {}
    for member in members:
        broader = [parent for parent in graph.texts(member, SKOS + "broader") if parent in known]
        children.setdefault(broader[0] if broader else "", []).append(member)
    dimension = MZ + SCHEME_DIMENSION.get(local_name(scheme), "")
    is_long = len(members) > _UNFOLDED

    def node(member: str) -> TreeNode:
        below = tuple(node(child) for child in children.pop(member, []))
        size = len(below) + sum(child.below for child in below)
        # The one concept that stands for everything is no class; what is in the classes is folded.
        folded = is_long and bool(below) and not is_all(member)
        return TreeNode(book.coded_link(member), len(graph.subjects(dimension, member)), below, size, folded)

    return tuple(node(member) for member in children.pop("", []))


def codes_page(book: Book) -> CodesPage:
    graph = book.graph
    rows = []
    for scheme in sorted(graph.subjects(TYPE, SKOS + "ConceptScheme")):
        if not href(scheme, book.base):
            continue
        nodes = graph.subjects(SKOS + "inScheme", scheme)
        dimension = MZ + SCHEME_DIMENSION.get(local_name(scheme), "")
        rows.append(
            (book.link(scheme), len(nodes), sum(1 for node in nodes if graph.subjects(dimension, node)))
        )
    frame = plain_frame(
        book,
        "/doc/scheme.html",
        ("分类与代码", "Code lists"),
        ("事实的每一个维度取值于此。", "Where each dimension of a fact takes its values."),
    )
    return CodesPage(frame, tuple(rows))


def codes_link() -> Link:
    return Link("/doc/scheme.html", "分类与代码", "Code lists")


def form_page(book: Book, iri: str) -> FormPage:
    graph = book.graph
    tables = sorted(graph.subjects(MZ + "form", iri))
    scheme = graph.text(iri, SKOS + "inScheme")
    about = (
        f"一种公开表样，本次发布中有 {len(tables)} 张表用它。",
        f"A form, used by {len(tables)} tables of this release.",
    )
    return FormPage(
        entity_frame(
            book,
            iri,
            "form",
            (graph.name(iri), graph.label(iri, "en")),
            about,
            (book.link(scheme),) if scheme else (),
        ),
        definition(graph, iri, "zh"),
        definition(graph, iri, "en"),
        tuple(graph.texts(iri, SKOS + "altLabel")),
        tuple(
            (book.link(table), book.link(graph.text(table, "http://purl.org/dc/terms/isPartOf")))
            for table in tables
        ),
    )
