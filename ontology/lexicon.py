"""What a header, a row label or a title means, as the Turtle in this room says.

The lexicon knows wordings, never files: a new wording or form is a line of Turtle in `codelists/` or `forms/`.
Labels are compared after `normal_label`, so numbering (一、 （二） 3. 其中：) and white space do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

import pyoxigraph as ox

from mingzhang.errors import VocabularyError
from mingzhang.ontology.added_forms import BASE, AddedForms, added_triples
from mingzhang.ontology.namespaces import MZ, RDF, RDFS, SKOS
from mingzhang.ontology.titles import TitleKey, TitleQualifier, TitleWords

_NUMBERING = re.compile(
    r"^(?:其中[:：]?|[一二三四五六七八九十百]+、|[(（][一二三四五六七八九十百]+[)）]、?|[0-9]+(?:[.．][0-9]+)*[、.．]"
    r"|[(（][0-9]+[)）]|[0-9]+、)"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:年度?|(?=预算|决算))")
_SUBTOTAL = re.compile("(?:小计|合计)$")
# How a wording begins (… after NFKC) that stands for all that end with what follows it.
_ENDS = "..."
# The number of a table before its title: 表1：, 公开03表, 附表2-1.
_TABLE_NUMBER = re.compile(
    r"^(?:附|公开|预算|决算)?表?(?:[0-9]+|[一二三四五六七八九十]+)(?:-[0-9]+)?表?[:.、]*(?=\D)"
)


@dataclass(frozen=True)
class Concept:
    """A concept of a code list. `key` is its IRI below the base, as `id/fund-source/general-public`.

    `origin` and `vintage` (any, current, carryover) are the two facets of a fund source, else empty.
    """

    key: str
    scheme: str
    notation: str
    name: str
    labels: frozenset[str]
    broader: tuple[str, ...] = ()
    origin: str = ""
    vintage: str = ""


@dataclass(frozen=True)
class SpecialReading:
    """A wording that denotes other concepts on one form, where `where_also` (if any) stands beside it."""

    label: str
    concepts: tuple[str, ...]
    where_also: str


@dataclass(frozen=True)
class Form:
    """A table form: what all its amounts have in common and what its rows are."""

    slug: str
    name: str
    titles: frozenset[str]
    dimensions: Mapping[str, str]
    """Dimension name (`fundSource`, `expenditureKind`, `flow`, `threePublicItem`) → concept key."""
    revenue_vintage: str
    row_schemes: frozenset[str]
    column_schemes: frozenset[str]
    """Classifications whose classes may stand as column heads (`dept-economic` …)."""
    special_readings: tuple[SpecialReading, ...]
    narrowed_by: tuple[str, ...] = ()
    """Concept keys that a title's qualifier adds: 不含上年结转."""


@dataclass(frozen=True)
class Subdivision:
    """How a column group whose lowest header row was lost may be divided."""

    parts: tuple[str, ...]


# Labels recur by the thousand in a document: the same few words, row after row.
@lru_cache(maxsize=65_536)
def normal_text(text: str) -> str:
    """NFKC, without white space, quotation marks in one form."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", "", folded).replace("“", '"').replace("”", '"')


@lru_cache(maxsize=65_536)
def normal_label(text: str) -> str:
    """A label as it is compared: NFKC, no white space, no year, no leading numbering, no closing colon."""
    label = _YEAR.sub("", normal_text(text)).strip("*#")
    previous = None
    while previous != label:
        previous, label = label, _NUMBERING.sub("", label)
    return label.rstrip(":：")


@dataclass(frozen=True)
class BodyNameWords:
    """What names of bodies are made of beside divisions and endings (forms/body-names.ttl)."""

    prefixes: tuple[str, ...] = ()
    """Before a division: 共青团, 政协."""
    central_prefixes: tuple[str, ...] = ()
    """Central bodies whose offices are named after them and a division: 国家税务总局."""
    place_named: tuple[str, ...] = ()
    """Endings of bodies that may be named after a place without its 省 or 市: 学院."""
    place_named_doubt: tuple[str, ...] = ()
    """Those of them that provinces have in cities too."""
    nationalities: tuple[str, ...] = ()
    """What the short name of an autonomous division leaves out: 彝族."""
    former_divisions: tuple[tuple[str, str], ...] = ()
    """(name that a division had, its code of today): documents keep the name of their year."""


class Lexicon:
    """All wordings and concepts of the ontology room, indexed for reading."""

    def __init__(
        self,
        concepts: Iterable[Concept],
        roles: Mapping[str, str],
        forms: Iterable[Form],
        subdivisions: Iterable[Subdivision],
        body_suffixes: Iterable[str],
        section_suffixes: Iterable[str],
        unit_headings: Iterable[str] = (),
        central_bodies: Iterable[str] = (),
        title_prefixes: Iterable[str] = (),
        title_endings: Iterable[str] = (),
        title_qualifiers: Iterable[TitleQualifier] = (),
        department_suffixes: Iterable[str] = (),
        body_names: BodyNameWords = BodyNameWords(),
    ) -> None:
        self.body_names = body_names
        self.concepts: Mapping[str, Concept] = MappingProxyType({c.key: c for c in concepts})
        self.roles = MappingProxyType({label: role for label, role in roles.items() if label[:3] != _ENDS})
        self._role_endings = tuple(
            sorted(
                ((label[3:], role) for label, role in roles.items() if label[:3] == _ENDS),
                key=lambda item: (-len(item[0]), item[0]),
            )
        )
        self.forms = tuple(forms)
        self.subdivisions = tuple(subdivisions)
        self.body_suffixes = tuple(sorted(body_suffixes, key=lambda s: (-len(s), s)))
        self._department_suffixes = tuple(sorted(department_suffixes))
        self._section_suffixes = tuple(sorted(section_suffixes))
        self.central_bodies = tuple(sorted(central_bodies, key=lambda s: (-len(s), s)))
        self._unit_headings = frozenset(map(normal_label, unit_headings))
        self._title_prefixes = tuple(sorted(title_prefixes, key=lambda s: (-len(s), s)))
        by_label: dict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            for label in concept.labels:
                by_label[label].append(concept)
        self._by_label = MappingProxyType(dict(by_label))
        self._titles = {title: form for form in self.forms for title in form.titles}
        self._title_words = TitleWords(title_endings, title_qualifiers)
        self._bodies = self._title_bodies()
        self._ancestors: dict[str, frozenset[str]] = {}
        self._funds = {(c.origin, c.vintage): c for c in self.concepts.values() if c.origin}

    def role(self, text: str) -> str | None:
        """The header role a wording has (`code`, `unit-code`, `label`, `total` …), by all of it or by its end; else None."""
        label = normal_label(text)
        role = self.roles.get(label)
        if role is not None or label in self._by_label:
            return role
        return next((role for ending, role in self._role_endings if label.endswith(ending)), None)

    def names_a_section(self, text: str) -> bool:
        """Whether a label ends as names of a finance bureau's sections do: 社保科."""
        label = normal_label(text)
        return len(label) > 1 and label.endswith(self._section_suffixes)

    def names_a_department(self, text: str) -> bool:
        """Whether a body's name ends as those do that have budget units below them: 局, 委员会, 厅."""
        return normal_text(text).endswith(self._department_suffixes)

    def heads_units(self, text: str) -> bool:
        """Whether a column's heading says that budget units' names stand below: 单位名称."""
        return normal_label(text) in self._unit_headings

    def names_a_body(self, text: str) -> bool:
        """Whether a label ends as names of departments and budget units do."""
        label = re.sub(r"\(.*\)$", "", normal_label(text))
        return len(label) > 2 and label.endswith(self.body_suffixes)

    def concepts_named(self, text: str, schemes: frozenset[str] | None = None) -> tuple[Concept, ...]:
        """Every concept with that wording, of the given schemes where any are given; 公务用车购置费小计 is 公务用车购置费."""
        label = normal_label(text)
        found = self._by_label.get(label) or self._by_label.get(_SUBTOTAL.sub("", label), [])
        return tuple(c for c in found if schemes is None or c.scheme in schemes)

    def code(self, scheme: str, notation: str) -> Concept | None:
        """The concept of a classification code, as `code("functional", "2080505")`."""
        return self.concepts.get(f"id/code/{scheme}/{notation}")

    def ancestors(self, key: str) -> frozenset[str]:
        """Every concept above this one, itself included."""
        if key not in self._ancestors:
            self._ancestors[key] = self._find_ancestors(key)
        return self._ancestors[key]

    def _find_ancestors(self, key: str) -> frozenset[str]:
        seen: set[str] = set()
        todo = [key]
        while todo:
            here = todo.pop()
            if here not in seen and here in self.concepts:
                seen.add(here)
                todo.extend(self.concepts[here].broader)
        return frozenset(seen)

    def fund_source(self, origin: str, vintage: str) -> Concept | None:
        """The fund source with these two facets; a source that is not divided by year stands for current too."""
        found = self._funds.get((origin, vintage))
        if found is None and vintage == "current":
            found = self._funds.get((origin, "any"))
        return found

    def _title_bodies(self) -> dict[tuple[str, frozenset[str]], Form]:
        """(body, classifications) of every known title → its form; a body that two forms share names neither."""
        found: dict[tuple[str, frozenset[str]], Form | None] = {}
        for title, form in self._titles.items():
            key = self._title_words.key(title)
            if key is not None and key.body and not key.narrowed_by:
                known = found.setdefault((key.body, key.schemes), form)
                found[key.body, key.schemes] = form if known is form else None
        return {key: form for key, form in found.items() if form is not None}

    def form_of_title(self, title: str, names: Iterable[str] = ()) -> Form | None:
        """The form a title names, whatever year, numbering or body (`names`) is printed with it; else None."""
        label = normal_label(title)
        for name in sorted((normal_text(n) for n in names if n), key=len, reverse=True):
            label = label.replace(name, "")
        bare = _TABLE_NUMBER.sub("", label)
        candidates = [label, re.sub(r"\((?:一|二|三|四|五|六|七|八|九|十)+\)$", "", label), bare]
        while (prefix := next((p for p in self._title_prefixes if bare.startswith(p)), None)) is not None:
            bare = bare.removeprefix(prefix).lstrip("-—–:·")
            candidates.append(bare)
        known = next((self._titles[c] for c in candidates if c in self._titles), None)
        return known or next(filter(None, map(self._form_of_parts, candidates)), None)

    def _form_of_parts(self, title: str) -> Form | None:
        """The form with this title's body, narrowed to what the words in brackets say."""
        key = self._title_words.key(title)
        if key is None:
            return None
        form = self._bodies.get((key.body, key.schemes))
        if form is None and len(key.schemes) == 1 and (key.body, frozenset()) in self._bodies:
            form = _by_classes(self._bodies[key.body, frozenset()], key)
        return replace(form, narrowed_by=key.narrowed_by) if form and key.narrowed_by else form


def _by_classes(form: Form, key: TitleKey) -> Form:
    """A form whose title names the classification of its rows, in place of the one it usually has."""
    others = form.row_schemes - {"functional", "dept-economic", "gov-economic"}
    return replace(form, row_schemes=others | key.schemes)


@cache
def load_lexicon(added: tuple[AddedForms, ...] = ()) -> Lexicon:
    """The lexicon of this installation and of added Turtle, read once.

    Raises VocabularyError where the Turtle contradicts itself; of added Turtle with its file and line.
    """
    graph = _read_turtle(_turtle_files())
    for one in added:
        _add(graph, one)
    return Lexicon(
        _concepts(graph),
        _roles(graph),
        _forms(graph),
        _subdivisions(graph),
        title_qualifiers=_title_qualifiers(graph),
        body_names=_body_names(graph),
        **_words(graph),
    )


_Graph = dict[str, dict[str, list[ox.NamedNode | ox.Literal | ox.BlankNode]]]


def _turtle_files() -> list[Traversable]:
    room = files("mingzhang.ontology")
    found = [
        item
        for folder in ("codelists", "forms")
        for item in (room / folder).iterdir()
        if item.name.endswith(".ttl")
    ]
    return sorted(found, key=lambda item: item.name)


def _read_turtle(sources: Iterable[Traversable]) -> _Graph:
    """Subject → predicate → objects. Subjects are IRIs below the base, or `_:` names unique over the files."""
    graph: _Graph = defaultdict(lambda: defaultdict(list))
    for source in sources:
        try:
            for triple in ox.parse(source.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=BASE):
                subject = _name(triple.subject)
                graph[subject][triple.predicate.value].append(_plain_object(triple))
        except SyntaxError as error:
            raise VocabularyError(f"ontology/{source.name}: {error}") from error
    return graph


def _add(graph: _Graph, added: AddedForms) -> None:
    """Puts added Turtle into the graph. Raises VocabularyError, for a title or a heading that has another meaning too."""
    known = {subject for subject in graph if not subject.startswith("_:")}
    titles = {t: s for s in _of_class(graph, "Form") for t in _titles_of(graph, s)}
    roles = _roles(graph)
    triples = added_triples(added, known)
    for triple in triples:
        graph[_name(triple.subject)][triple.predicate.value].append(_plain_object(triple))
    forms, headings = frozenset(_of_class(graph, "Form")), frozenset(_of_class(graph, "HeaderRole"))
    for subject in sorted({_name(t.subject) for t in triples}):
        for label in _titles_of(graph, subject):
            if subject in forms and titles.get(label, subject) != subject:
                raise added.error(
                    label, f"{label!r} is a title of the form <{titles[label]}>", "leave it out"
                )
            role = _first(graph, subject, SKOS + "notation")
            if subject in headings and roles.get(label, role) != role:
                raise added.error(label, f"{label!r} is a heading of {roles[label]!r}", "leave it out")


def _plain_object(triple: ox.Triple) -> ox.NamedNode | ox.Literal | ox.BlankNode:
    if isinstance(triple.object, ox.Triple):
        raise VocabularyError("a triple is no value in the ontology")
    return triple.object


def _titles_of(graph: _Graph, subject: str) -> list[str]:
    labels = ("prefLabel", "altLabel", "hiddenLabel")
    return [normal_label(t) for p in labels for t in _texts(graph, subject, SKOS + p, "zh")]


def _name(node: object) -> str:
    if isinstance(node, ox.NamedNode):
        return node.value.removeprefix(BASE)
    if isinstance(node, ox.BlankNode):
        return f"_:{node.value}"
    if isinstance(node, ox.Literal):
        return node.value
    raise VocabularyError(f"unexpected node {node} in the ontology")


def _texts(graph: _Graph, subject: str, term: str, language: str = "") -> list[str]:
    """Literal values of a property, of one language where given."""
    values = graph[subject].get(term, [])
    return [v.value for v in values if isinstance(v, ox.Literal) and (not language or v.language == language)]


def _first(graph: _Graph, subject: str, term: str) -> str:
    values = graph[subject].get(term, [])
    return _name(values[0]) if values else ""


def _of_class(graph: _Graph, name: str) -> list[str]:
    return sorted(
        s for s, props in graph.items() if any(_name(o) == MZ + name for o in props.get(RDF + "type", []))
    )


def _concepts(graph: _Graph) -> list[Concept]:
    found = []
    for subject in sorted(graph):
        scheme = _first(graph, subject, SKOS + "inScheme")
        if not scheme or subject.startswith("_:"):
            continue
        wordings = [
            t
            for p in ("prefLabel", "altLabel", "hiddenLabel")
            for t in _texts(graph, subject, SKOS + p, "zh")
        ]
        names = _texts(graph, subject, SKOS + "prefLabel", "zh")
        found.append(
            Concept(
                key=subject,
                scheme=scheme.removeprefix("id/scheme/"),
                notation=_first(graph, subject, SKOS + "notation"),
                name=names[0] if names else "",
                labels=frozenset(normal_label(t) for t in wordings),
                broader=tuple(sorted(_name(o) for o in graph[subject].get(SKOS + "broader", []))),
                origin=_first(graph, subject, MZ + "origin"),
                vintage=_first(graph, subject, MZ + "vintage"),
            )
        )
    return found


def _roles(graph: _Graph) -> dict[str, str]:
    roles: dict[str, str] = {}
    for subject in _of_class(graph, "HeaderRole"):
        role = _first(graph, subject, SKOS + "notation")
        for wording in _texts(graph, subject, SKOS + "hiddenLabel", "zh"):
            label = normal_label(wording)
            if roles.setdefault(label, role) != role:
                raise VocabularyError(
                    f"ontology/forms: {wording!r} is given two header roles, {roles[label]} and {role}"
                )
    return roles


_FORM_DIMENSIONS = ("flow", "fundSource", "expenditureKind", "threePublicItem", "phase")


def _forms(graph: _Graph) -> list[Form]:
    forms = []
    for subject in _of_class(graph, "Form"):
        wordings = [
            t
            for p in ("prefLabel", "altLabel", "hiddenLabel")
            for t in _texts(graph, subject, SKOS + p, "zh")
        ]
        names = _texts(graph, subject, SKOS + "prefLabel", "zh")
        readings = [
            SpecialReading(
                label=normal_label(_first(graph, _name(node), SKOS + "hiddenLabel")),
                concepts=tuple(sorted(_name(o) for o in graph[_name(node)].get(MZ + "as", []))),
                where_also=normal_label(_first(graph, _name(node), MZ + "whereAlso")),
            )
            for node in graph[subject].get(MZ + "reads", [])
        ]
        dimensions = {d: value for d in _FORM_DIMENSIONS if (value := _first(graph, subject, MZ + d))}
        forms.append(
            Form(
                slug=subject.removeprefix("id/form/"),
                name=names[0] if names else "",
                titles=frozenset(normal_label(t) for t in wordings),
                dimensions=MappingProxyType(dimensions),
                revenue_vintage=_first(graph, subject, MZ + "revenueVintage") or "any",
                row_schemes=frozenset(_texts(graph, subject, MZ + "rowScheme")),
                column_schemes=frozenset(_texts(graph, subject, MZ + "columnScheme")),
                special_readings=tuple(sorted(readings, key=lambda r: r.label)),
            )
        )
    return forms


def _subdivisions(graph: _Graph) -> list[Subdivision]:
    found = []
    for subject in _of_class(graph, "Subdivision"):
        parts: list[str] = []
        node = _first(graph, subject, MZ + "parts")
        while node and node != RDF + "nil":
            parts.append(_first(graph, node, RDF + "first"))
            node = _first(graph, node, RDF + "rest")
        found.append(Subdivision(tuple(parts)))
    return found


def _wordings(graph: _Graph, name: str) -> list[str]:
    """The wordings of all things of a class of ours."""
    return [t for s in _of_class(graph, name) for t in _texts(graph, s, SKOS + "hiddenLabel", "zh")]


def _body_names(graph: _Graph) -> BodyNameWords:
    def longest_first(name: str) -> tuple[str, ...]:
        return tuple(sorted(_wordings(graph, name), key=lambda s: (-len(s), s)))

    return BodyNameWords(
        prefixes=longest_first("BodyPrefix"),
        central_prefixes=longest_first("CentralPrefix"),
        place_named=longest_first("PlaceNamedEnding"),
        place_named_doubt=longest_first("PlaceNamedDoubt"),
        nationalities=longest_first("Nationality"),
        former_divisions=tuple(
            sorted(
                (label, subject.removeprefix("id/division/").partition("/")[0])
                for subject in _of_class(graph, "FormerName")
                for label in _texts(graph, subject, RDFS + "label", "zh")
            )
        ),
    )


def _words(graph: _Graph) -> dict[str, list[str]]:
    """Endings of bodies' and of sections' names, and what may stand before and at the end of a form's title."""

    def of(name: str) -> list[str]:
        return _wordings(graph, name)

    departments = [s for s in _of_class(graph, "BodySuffix") if s.endswith("/department-suffix")]
    return {
        "department_suffixes": [t for s in departments for t in _texts(graph, s, SKOS + "hiddenLabel", "zh")],
        "body_suffixes": of("BodySuffix"),
        "section_suffixes": of("SectionSuffix"),
        "unit_headings": of("UnitHeading"),
        "central_bodies": of("CentralBody"),
        "title_prefixes": of("TitlePrefix"),
        "title_endings": of("TitleEnding"),
    }


def _title_qualifiers(graph: _Graph) -> list[TitleQualifier]:
    return [
        TitleQualifier(normal_label(t), _first(graph, s, MZ + "rowScheme"), _first(graph, s, MZ + "as"))
        for s in _of_class(graph, "TitleQualifier")
        for t in _texts(graph, s, SKOS + "hiddenLabel", "zh")
    ]
