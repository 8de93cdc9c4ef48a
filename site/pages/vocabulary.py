"""The pages about the vocabulary: the whole, each class, property and individual, and each rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mingzhang.site.book import Book
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.jsonld import entity_jsonld
from mingzhang.site.links import Link, href
from mingzhang.site.model_chart import MODEL_PLACES, ClassBox, class_chart, model_chart
from mingzhang.site.namespaces import DCTERMS, LABEL, MZ, OWL, QB, RDFS, SKOS, TYPE, local_name, split_name
from mingzhang.site.pages.concepts import definition
from mingzhang.site.pages.findings import FindingRow, finding_row
from mingzhang.site.pages.frame import Frame, citation, plain_frame
from mingzhang.site.rules import Rule, rule_href
from mingzhang.site.terms import Term
from mingzhang.site.words import Words

_EXAMPLES = 3
_GAP = re.compile(r"\{[?$]\w+\}")
"""Where a message names what was found."""
_FINDINGS_SHOWN = 20
_KINDS: Mapping[str, Words] = {
    "class": ("类", "Class"),
    "property": ("属性", "Property"),
    "individual": ("个体", "Individual"),
}
_GROUPS: Mapping[str, Words] = {
    "class": ("类", "Classes"),
    "property": ("属性", "Properties"),
    "individual": ("个体", "Individuals"),
}
_RULE_KINDS: Mapping[str, Words] = {
    "accounting": ("勾稽规则", "Accounting rule"),
    "release": ("各文件之间的勾稽规则", "Accounting rule between disclosures"),
    "structure": ("结构规则", "Structure rule"),
}
_DOMAIN = (f"{RDFS}domain", "http://purl.org/dc/dcam/domainIncludes")
_RANGE = (f"{RDFS}range", "http://purl.org/dc/dcam/rangeIncludes")


@dataclass(frozen=True)
class TermRow:
    """A term in a list."""

    href: str
    name: str
    """Local name."""
    zh: str
    en: str
    definition: Words
    range: tuple[Link, ...]
    uses: int


@dataclass(frozen=True)
class RuleRow:
    href: str
    name: str
    zh: str
    en: str
    kind: Words
    messages: tuple[Words, ...]
    looked_at: int
    findings: int


@dataclass(frozen=True)
class ExampleRow:
    """A statement of this release that uses a term."""

    subject: Link
    value: Link | None


@dataclass(frozen=True)
class VocabularyPage:
    """The vocabulary as a whole."""

    frame: Frame
    chart: str
    groups: tuple[tuple[str, Words, tuple[TermRow, ...]], ...]
    """Kind, its name, its terms."""
    rules: tuple[RuleRow, ...]
    schemes: tuple[tuple[Link, int, int], ...]
    """Code list, how many concepts, how many uses by facts."""


@dataclass(frozen=True)
class TermPage:
    """A class, property or individual."""

    frame: Frame
    name: str
    definition: Words
    relations: tuple[tuple[Words, tuple[Link, ...]], ...]
    """How it stands to other terms: what it is a kind of, what it is said of, what values it takes."""
    chart: str
    """A class and its neighbours, as SVG."""
    properties: tuple[TermRow, ...]
    """What is said of things of this class."""
    leading_here: tuple[TermRow, ...]
    """Properties whose values are of this class."""
    given: tuple[str, ...]
    """Examples the vocabulary itself gives."""
    examples: tuple[ExampleRow, ...]
    """Examples of this release."""
    uses: int
    rules: tuple[RuleRow, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class RulePage:
    """A SHACL rule."""

    frame: Frame
    row: RuleRow
    comment: str
    targets: tuple[Link, ...]
    terms: tuple[Link, ...]
    findings: tuple[FindingRow, ...]
    turtle: str


class Vocabulary:
    """The terms of a release's vocabulary with their uses, worked out once for all its pages."""

    def __init__(self, book: Book, rules: tuple[Rule, ...]) -> None:
        graph = book.graph
        self.book = book
        self.rules = rules
        self.kinds = {iri: _kind(graph, iri) for iri in own_terms(graph)}
        self._uses, self._examples = _property_uses(graph)
        self._uses[MZ + "leafOf"] = sum(map(len, graph.leaves.values()))
        self._findings: dict[str, list[str]] = {}
        for finding in graph.instances("Finding"):
            self._findings.setdefault(graph.text(finding, MZ + "rule"), []).append(finding)

    def address(self, iri: str) -> str:
        """A term's page; "" for what is no term of ours."""
        return term_address(self.book.graph, iri) if iri in self.kinds else ""

    def link(self, iri: str) -> Link:
        """A term under its labels, its name as the note; a foreign one under its prefixed name."""
        prefix, local = split_name(iri)
        name = f"{prefix}:{local}" if prefix else iri
        if iri not in self.kinds:
            return Link(href(iri, self.book.base) or iri, name)
        zh, en = _labels(self.book.graph, iri)
        return Link(self.address(iri), zh, en, name)

    def uses(self, iri: str) -> int:
        """Things of a class, triples with a property, mentions of an individual."""
        graph = self.book.graph
        if self.kinds[iri] == "property":
            return self._uses.get(iri, 0)
        if self.kinds[iri] == "class":
            return len(graph.subjects(TYPE, iri))
        return sum(len(subjects) for subjects in graph.incoming.get(iri, {}).values())

    def examples(self, iri: str) -> tuple[ExampleRow, ...]:
        """The first statements of the release that use the term."""
        book = self.book
        if self.kinds[iri] == "property":
            return tuple(
                ExampleRow(book.link(subject), _value(book, value))
                for subject, value in self._examples.get(iri, ())
            )
        subjects = (
            book.graph.subjects(TYPE, iri)
            if self.kinds[iri] == "class"
            else [
                subject
                for predicate, found in book.graph.incoming.get(iri, {}).items()
                if predicate.startswith(MZ)
                for subject in found
            ]
        )
        named = [subject for subject in subjects if not subject.startswith("_:")]
        return tuple(ExampleRow(book.link(subject), None) for subject in named[:_EXAMPLES])

    def row(self, iri: str) -> TermRow:
        graph = self.book.graph
        return TermRow(
            self.address(iri),
            local_name(iri),
            *_labels(graph, iri),
            (definition(graph, iri, "zh"), definition(graph, iri, "en")),
            tuple(self.link(value) for predicate in _RANGE for value in graph.texts(iri, predicate)),
            self.uses(iri),
        )

    def rule_row(self, rule: Rule) -> RuleRow:
        zh, en = rule.zh, rule.en
        title = (f"结构：{zh}", f"Structure: {en}") if rule.kind == "structure" else (zh, en)
        return RuleRow(
            rule_href(rule.name),
            rule.name,
            *title,
            _RULE_KINDS[rule.kind],
            tuple((_GAP.sub("…", zh), _GAP.sub("…", en)) for zh, en in rule.messages),
            rule.looked_at,
            len(self._findings.get(rule.name, ())),
        )

    def findings(self, rule: Rule) -> list[str]:
        return self._findings.get(rule.name, [])

    def rules_on(self, iri: str) -> tuple[RuleRow, ...]:
        """The rules that name a term."""
        return tuple(self.rule_row(rule) for rule in self.rules if iri in rule.terms)


def own_terms(graph: ReleaseGraph) -> list[str]:
    """The terms of our own vocabulary that a release describes, sorted."""
    return sorted(iri for iri in graph.about if iri.startswith(MZ) and len(iri) > len(MZ))


def term_address(graph: ReleaseGraph, iri: str) -> str:
    """The page of one of our own terms. Classes and properties apart: some differ in a capital letter alone."""
    return f"/terms/{_kind(graph, iri)}/{local_name(iri)}.html"


def vocabulary_pages(
    book: Book, rules: tuple[Rule, ...]
) -> Iterable[tuple[str, VocabularyPage | TermPage | RulePage]]:
    """Path and record of the vocabulary's page, of each term's and of each rule's."""
    words = Vocabulary(book, rules)
    yield "ontology.html", _vocabulary_page(words)
    for iri in words.kinds:
        yield words.address(iri).lstrip("/"), _term_page(words, iri)
    for rule in rules:
        row = words.rule_row(rule)
        yield row.href.lstrip("/"), _rule_page(words, rule, row)


def vocabulary_link() -> Link:
    return Link("/ontology", "明账词汇", "Vocabulary")


def _vocabulary_page(words: Vocabulary) -> VocabularyPage:
    book = words.book
    graph = book.graph
    about = (
        f"{len(words.kinds)} 个词，{len(words.rules)} 条规则；命名空间 {MZ}",
        f"{len(words.kinds)} terms and {len(words.rules)} rules; namespace {MZ}",
    )
    groups = tuple(
        (kind, name, tuple(words.row(iri) for iri, its in words.kinds.items() if its == kind))
        for kind, name in _GROUPS.items()
    )
    schemes = []
    for scheme in sorted(graph.subjects(TYPE, SKOS + "ConceptScheme")):
        if href(scheme, book.base):
            members = graph.subjects(SKOS + "inScheme", scheme)
            used = sum(
                len(graph.subjects(name, member)) for name in _dimensions(graph, scheme) for member in members
            )
            schemes.append((book.link(scheme), len(members), used))
    return VocabularyPage(
        replace(
            plain_frame(book, "/ontology", ("明账词汇", "The Mingzhang vocabulary"), about), stem="/ontology"
        ),
        _model(words),
        tuple(group for group in groups if group[2]),
        tuple(words.rule_row(rule) for rule in words.rules),
        tuple(schemes),
    )


def _dimensions(graph: ReleaseGraph, scheme: str) -> list[str]:
    """The properties that take their values from a code list."""
    return graph.subjects(QB + "codeList", scheme)


def _model(words: Vocabulary) -> str:
    """The model as a diagram, with how many things of each class there are."""
    boxes = {name: _box(words, MZ + name) for name in MODEL_PLACES if MZ + name in words.kinds}
    if not boxes:
        return ""
    graph = words.book.graph
    boxes["Concept"] = ClassBox(
        "skos:Concept",
        "各代码表中的概念",
        "In the code lists",
        f"{len(graph.subjects(TYPE, SKOS + 'Concept')):,}",
    )
    spoken = "；".join(f"{box.name} {box.zh} {box.en} {box.count}" for box in boxes.values())
    return model_chart(
        boxes, "模型：类与它们之间的关系 The model: classes and how they lead to one another", spoken
    )


def _box(words: Vocabulary, iri: str) -> ClassBox:
    link = words.link(iri)
    if not link.note:
        return ClassBox(link.zh, "", "")
    return ClassBox(local_name(iri), link.zh, link.en, f"{words.uses(iri):,}")


def _term_page(words: Vocabulary, iri: str) -> TermPage:
    book, graph = words.book, words.book.graph
    kind = words.kinds[iri]
    zh, en = _labels(graph, iri)
    uses = words.uses(iri)
    about = _USES[kind]
    title = (f"{zh}", f"{en} · mz:{local_name(iri)}")
    plain = plain_frame(
        book,
        words.address(iri),
        title,
        (about[0].format(n=f"{uses:,}"), about[1].format(n=f"{uses:,}")),
        crumbs=(vocabulary_link(),),
    )
    frame = replace(
        plain,
        kind_zh=_KINDS[kind][0],
        kind_en=_KINDS[kind][1],
        iri=iri,
        stem=words.address(iri).removesuffix(".html"),
        jsonld=entity_jsonld(graph, iri),
        citation=citation(book, iri, title),
    )
    own = _properties_of(words, iri) if kind == "class" else []
    leading = [term for term in _leading_to(graph, iri) if words.kinds.get(term) == "property"]
    return TermPage(
        frame,
        local_name(iri),
        (definition(graph, iri, "zh"), definition(graph, iri, "en")),
        _relations(words, iri),
        _neighbours(words, iri, own, leading) if kind == "class" else "",
        tuple(words.row(term) for term in own),
        tuple(words.row(term) for term in leading),
        tuple(graph.texts(iri, SKOS + "example")),
        words.examples(iri),
        uses,
        words.rules_on(iri),
        tuple(graph.texts(iri, DCTERMS + "source")),
    )


_USES: Mapping[str, Words] = {
    "class": (
        "词汇中的一个类；本次发布中有 {n} 个。",
        "A class of the vocabulary; this release has {n} of it.",
    ),
    "property": (
        "词汇中的一个属性；本次发布中用了 {n} 次。",
        "A property of the vocabulary, used {n} times in this release.",
    ),
    "individual": (
        "词汇中的一个值；本次发布中用了 {n} 次。",
        "A value of the vocabulary, used {n} times in this release.",
    ),
}


def _labels(graph: ReleaseGraph, iri: str) -> Words:
    zh = graph.in_language(iri, LABEL, "zh") or graph.label(iri) or local_name(iri)
    return zh, graph.in_language(iri, LABEL, "en") or graph.label(iri, "en") or local_name(iri)


def _relations(words: Vocabulary, iri: str) -> tuple[tuple[Words, tuple[Link, ...]], ...]:
    graph = words.book.graph
    rows: list[tuple[Words, list[str]]] = [
        (
            ("是一种", "A kind of"),
            graph.texts(iri, RDFS + "subClassOf") + graph.texts(iri, RDFS + "subPropertyOf"),
        ),
        (
            ("其中有", "Kinds of it"),
            sorted({*graph.subjects(RDFS + "subClassOf", iri), *graph.subjects(RDFS + "subPropertyOf", iri)}),
        ),
        (("属于", "One of"), [value for value in graph.texts(iri, TYPE) if value.startswith(MZ)]),
        (("用于", "Said of"), [value for name in _DOMAIN for value in graph.texts(iri, name)]),
        (("取值", "Values"), [value for name in _RANGE for value in graph.texts(iri, name)]),
        (
            ("反向", "Inverse"),
            sorted({*graph.texts(iri, OWL + "inverseOf"), *graph.subjects(OWL + "inverseOf", iri)}),
        ),
        (("取自代码表", "Code list"), graph.texts(iri, QB + "codeList")),
    ]
    return tuple(
        (name, tuple(_related(words, value) for value in values if not value.startswith("_:")))
        for name, values in rows
        if values
    )


def _related(words: Vocabulary, iri: str) -> Link:
    book = words.book
    return book.link(iri) if iri in book.graph.about and iri.startswith(book.base) else words.link(iri)


def _properties_of(words: Vocabulary, iri: str) -> list[str]:
    """The properties said of a class or of what it is a kind of, by name."""
    graph = words.book.graph
    classes, waiting = {iri}, [iri]
    while waiting:
        for above in graph.texts(waiting.pop(), RDFS + "subClassOf"):
            if above in words.kinds and above not in classes:
                classes.add(above)
                waiting.append(above)
    return sorted({term for name in _DOMAIN for one in classes for term in graph.subjects(name, one)})


def _leading_to(graph: ReleaseGraph, iri: str) -> list[str]:
    return sorted({term for name in _RANGE for term in graph.subjects(name, iri)})


def _neighbours(words: Vocabulary, iri: str, own: list[str], leading: list[str]) -> str:
    """The diagram of a class: what leads to it, and where its own properties lead."""
    graph = words.book.graph
    outgoing: dict[str, list[str]] = {}
    for term in own:
        for value in (value for name in _RANGE for value in graph.texts(term, name)):
            if value in words.kinds or value.startswith((SKOS, QB)):
                outgoing.setdefault(value, []).append(local_name(term))
    incoming: dict[str, list[str]] = {}
    for term in leading:
        for value in (value for name in _DOMAIN for value in graph.texts(term, name)):
            incoming.setdefault(value, []).append(local_name(term))
    above = [value for value in graph.texts(iri, RDFS + "subClassOf") if not value.startswith("_:")]
    sides = [
        [(", ".join(names), _box(words, value)) for value, names in side.items()]
        for side in (incoming, outgoing)
    ]
    if not above and not sides[0] and not sides[1]:
        return ""
    this = _box(words, iri)
    spoken = "；".join(
        [f"{box.name} → {names} → {this.name}" for names, box in sides[0]]
        + [f"{this.name} → {names} → {box.name}" for names, box in sides[1]]
        + [f"{this.name} ⊂ {local_name(value)}" for value in above]
    )
    title = f"{this.zh}与相邻的类 {this.en} and the classes around it"
    return class_chart(this, [_box(words, value) for value in above], sides[0], sides[1], title, spoken)


def _rule_page(words: Vocabulary, rule: Rule, row: RuleRow) -> RulePage:
    book = words.book
    about = (
        f"一条 SHACL 规则；本次发布中查了 {rule.looked_at:,} 处，有 {row.findings:,} 个发现。",
        f"A SHACL rule; in this release it looked at {rule.looked_at:,} things and found {row.findings:,} at fault.",
    )
    crumbs = (vocabulary_link(), Link("/ontology#rules", "规则", "Rules"))
    plain = plain_frame(book, row.href, (row.zh, f"{row.en} · {rule.name}"), about, crumbs=crumbs)
    return RulePage(
        replace(
            plain,
            kind_zh=row.kind[0],
            kind_en=row.kind[1],
            stem=row.href.removesuffix(".html"),
            jsonld=rule.jsonld,
        ),
        row,
        rule.comment,
        tuple(words.link(target) for target in rule.targets),
        tuple(words.link(term) for term in sorted(rule.terms) if term in words.kinds),
        tuple(finding_row(book, finding) for finding in words.findings(rule)[:_FINDINGS_SHOWN]),
        rule.turtle,
    )


def _property_uses(graph: ReleaseGraph) -> tuple[dict[str, int], dict[str, list[tuple[str, Term]]]]:
    """How many triples use each property of our own, and the first few of them."""
    uses: dict[str, int] = {}
    examples: dict[str, list[tuple[str, Term]]] = {}
    for subject, statements in graph.about.items():
        for predicate, values in statements.items():
            if predicate.startswith(MZ):
                uses[predicate] = uses.get(predicate, 0) + len(values)
                known = examples.setdefault(predicate, [])
                if len(known) < _EXAMPLES and not subject.startswith("_:"):
                    known.append((subject, next(iter(values))))
    return uses, examples


def _value(book: Book, term: Term) -> Link:
    if term.kind != "iri":
        return Link("", term.value if term.kind == "literal" else "…")
    return book.link(term.value) if href(term.value, book.base) else Link(term.value, term.value)


def _kind(graph: ReleaseGraph, iri: str) -> str:
    types = {local_name(kind) for kind in graph.types(iri)}
    if "Class" in types:
        return "class"
    return "property" if any(kind.endswith("Property") for kind in types) else "individual"
