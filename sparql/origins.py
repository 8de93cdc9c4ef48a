"""Where the amounts come from that a query adds up, and what its sums keep apart: read off its patterns (patterns.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mingzhang.sparql.patterns import Group, Lexeme, Select, Triple, groups, variables

ADDING = ("SUM", "AVG")
TAKING_ON = frozenset((*ADDING, "MIN", "MAX", "SAMPLE"))
"""Aggregates of amounts whose value is an amount."""
MZ = "https://w3id.org/mingzhang/ontology#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
MOST_STEPS = 40
"""A variable that is bound to a variable that is bound … more often than this is no question of a person."""
AMOUNT, LEAF_OF = MZ + "amount", MZ + "leafOf"
PHASE, FISCAL_YEAR, DEPARTMENT = MZ + "phase", MZ + "fiscalYear", MZ + "department"
DATA_SET = "http://purl.org/linked-data/cube#dataSet"
PRINTED = frozenset((MZ + "figureAmount", MZ + "value"))
LABELS = frozenset((SKOS + "prefLabel", "http://www.w3.org/2000/01/rdf-schema#label"))
NAMING = LABELS | {SKOS + "notation"}
BROADER = frozenset((SKOS + "broader", SKOS + "broaderTransitive"))
CODES = frozenset(
    MZ + name
    for name in ("functionalClass", "departmentEconomicClass", "governmentEconomicClass", "fundSource",
                 "expenditureKind", "threePublicItem", "phase", "flow")
)  # fmt: skip
"""Properties whose values have a label in Chinese and one in English."""


@dataclass(frozen=True)
class Origin:
    """Where an amount comes from: a triple, the groups around it from the outermost in, and the selects that hand the amount
    on, from the innermost out; the last one adds it up."""

    triple: Triple
    chain: tuple[Group, ...]
    selects: tuple[Select, ...]

    @property
    def graph(self) -> str:
        """The graph in which the triple is looked for; "" for the default graph."""
        return next((group.graph for group in reversed(self.chain) if group.kind == "GRAPH"), "")


def origins(
    select: Select, variable: str, handed: tuple[Select, ...] = (), seen: set[tuple[int, str]] | None = None
) -> list[Origin]:
    """Where the amounts come from that a variable of a SELECT stands for; none where it stands for something else. Each
    once, by however many ways (`seen`), and no further than MOST_STEPS."""
    seen = set() if seen is None else seen
    if (id(select), variable) in seen or len(seen) > MOST_STEPS:
        return []
    seen.add((id(select), variable))
    selects_out = (select, *handed)
    found: list[Origin] = []
    for chain in chains(select.group):
        group = chain[-1]
        found += [
            Origin(triple, chain, selects_out)
            for triple in group.triples
            if (triple.object == variable and is_amount(triple, group))
            or (triple.subject == variable and triple.path == (Lexeme("mark", "^"), Lexeme("iri", AMOUNT)))
        ]
        for inner in variables(group.bound.get(variable, ())):
            found += origins(select, inner, handed, seen)
        for sub in group.selects:
            expression = sub.expressions.get(variable)
            if expression is None and {variable, "*"} & sub.handed_on:
                found += origins(sub, variable, selects_out, seen)
            elif expression is not None and is_of_amounts(expression):
                for inner in variables(expression):
                    found += origins(sub, inner, selects_out, seen)
    expression = select.expressions.get(variable, ())
    for inner in variables(expression) if is_of_amounts(expression) else ():
        found += origins(select, inner, handed, seen)
    return found


def is_of_amounts(expression: tuple[Lexeme, ...]) -> bool:
    """Whether an expression of amounts is an amount itself: no count, no text."""
    words = {lexeme.text for lexeme in expression if lexeme.kind == "word"}
    return bool(words & TAKING_ON) or not words & {"COUNT", "GROUP_CONCAT", "STR", "CONCAT", "STRLEN"}


def is_amount(triple: Triple, group: Group) -> bool:
    """Whether the object of a triple may be an amount of money."""
    if triple.names & (PRINTED | {AMOUNT}):
        return True
    first = triple.path[0]
    if first.kind == "variable":
        return group.values.get(first.text, 2) != 1
    return any(lexeme.text == "!" for lexeme in triple.path)


def chains(group: Group, outer: tuple[Group, ...] = ()) -> Iterator[tuple[Group, ...]]:
    """Every group, as the groups around it from the outermost in; what only tests is left out."""
    here = (*outer, group)
    yield here
    for inner in group.groups:
        if inner.kind not in ("MINUS", "EXISTS"):
            yield from chains(inner, here)


def joined(origin: Origin) -> Iterator[tuple[Group, str]]:
    """The groups that every solution of an origin has to match, each with its graph ("" for the default)."""
    graph = ""
    for group in origin.chain:
        graph = group.graph if group.kind == "GRAPH" else graph
        if group.kind != "UNION":
            yield from required(group, graph, origin.triple.subject)


def required(group: Group, graph: str, subject: str) -> Iterator[tuple[Group, str]]:
    yield group, graph
    for inner in group.groups:
        if inner.kind in ("", "GRAPH", "EXISTS"):
            yield from required(inner, inner.graph if inner.kind == "GRAPH" else graph, subject)
    for select in group.selects:
        if {subject, "*"} & select.handed_on:
            yield from required(select.group, graph, subject)


def unions(origin: Origin) -> Iterator[Group]:
    """The unions that every solution of an origin has to match one branch of; not those of which it is in a branch."""
    for group, _ in joined(origin):
        for inner in group.groups:
            if inner.kind == "UNION" and inner not in origin.chain:
                yield inner


def values_in(group: Group, subject: str, name: str) -> list[str]:
    """The values of a property of a subject in a group; of a longer path that begins with it, its end."""
    forward, backward = Lexeme("iri", name), (Lexeme("mark", "^"), Lexeme("iri", name))
    found = [t.object for t in group.triples if t.subject == subject and t.path[0] == forward]
    return found + [t.subject for t in group.triples if t.object == subject and t.path == backward]


def apart(origin: Origin, name: str) -> bool:
    """Whether a sum keeps apart what differs in a property of facts that all facts of one disclosure have in common: it is
    fixed, or grouped by; or the disclosure is, or its own such property."""
    subject = origin.triple.subject
    if subject.startswith("?") and is_apart(subject, origin):
        return True
    places = [group for group, _ in joined(origin)]
    places += [branch for union in unions(origin) for branch in union.groups]

    terms: list[str] = []
    for group in places:
        terms += values_in(group, subject, name)
        for disclosure in disclosures_in(group, subject, name):
            terms += [disclosure, *(term for place in places for term in values_in(place, disclosure, name))]
    return any(not term.startswith("?") or is_apart(term, origin) for term in terms)


def disclosures_in(group: Group, subject: str, name: str) -> list[str]:
    """The disclosures of a fact in a group, and the ends of longer paths through them (a title), but for those that lead to
    another property than this that several disclosures have in common."""
    others = {Lexeme("iri", other) for other in (PHASE, FISCAL_YEAR, DEPARTMENT) if other != name}
    found = values_in(group, subject, DATA_SET)
    leading = {t.object for t in group.triples if t.subject == subject and others & set(t.path[1:])}
    return [term for term in found if term not in leading]


def is_apart(variable: str, origin: Origin) -> bool:
    """Whether a sum has one value of a variable at a time: it has but one, or every SELECT on the way groups by it, or by
    its name."""
    names = {variable}
    for group, _ in joined(origin):
        names |= {t.object for t in group.triples if t.subject == variable and t.names and t.names <= NAMING}
    for select in origin.selects:
        if any(is_single(name, select) for name in names):
            return True
        is_last = select is origin.selects[-1]
        adds = bool(select.grouped) or any(
            TAKING_ON & {x.text for x in e} for e in select.expressions.values()
        )
        if (is_last or adds) and not names & select.grouped:
            return False
        if not is_last and not (names | {"*"}) & select.handed_on:
            return False
    return True


def is_single(variable: str, select: Select) -> bool:
    """Whether a variable of a SELECT has one value: by VALUES, BIND, or a FILTER that says which."""
    for group in groups(select.group):
        if group.kind in ("OPTIONAL", "MINUS", "EXISTS"):
            continue
        if group.values.get(variable) == 1 or (
            variable in group.bound and not variables(group.bound[variable])
        ):
            return True
        if any(picks(tested, variable) for tested in group.filters):
            return True
    return False


def picks(tested: tuple[Lexeme, ...], variable: str) -> bool:
    """Whether a FILTER picks one value of a variable."""
    texts = [lexeme.text for lexeme in tested]
    if variable not in texts or "||" in texts or "!" in texts or "!=" in texts or "NOT" in texts:
        return False
    at = texts.index(variable)
    if texts[at + 1 : at + 3] == ["IN", "("]:
        return texts[at + 4 : at + 5] == [")"]
    return "=" in texts or bool({"STRENDS", "STRSTARTS", "CONTAINS", "REGEX", "SAMETERM"} & set(texts))


def is_repeated(origin: Origin) -> bool:
    """Whether the fact of an amount is joined, in the SELECT that holds it, with something of which it may have several."""
    subject, holder = origin.triple.subject, origin.selects[0]
    if len(origin.selects) > 1 and not holder.grouped and not holder.expressions:
        holder = origin.selects[-1]
    triples = [
        t for group in groups(holder.group) if group.kind not in ("MINUS", "EXISTS") for t in group.triples
    ]
    coded = {t.object for t in triples if t.subject == subject and t.names & CODES}
    tested = {
        name for group in groups(holder.group) for f in group.filters if {"LANG", "LANGMATCHES"} & {x.text for x in f}
        for name in variables(f)
    }  # fmt: skip
    for triple in triples:
        value = triple.object
        if triple.names & {MZ + "statedBy"} and triple.subject == subject:
            several = not is_free(value, origin)
        elif triple.names & {MZ + "states"} and value == subject:
            several = not is_free(triple.subject, origin)
        elif triple.subject not in coded:
            continue
        elif triple.names & LABELS:
            several = value.startswith("?") and value not in tested and not is_free(value, origin)
        elif triple.names & BROADER and any(lexeme.text in ("*", "+") for lexeme in triple.path):
            narrowed = any(t.subject == value and not t.object.startswith("?") for t in triples)
            several = value.startswith("?") and not narrowed and not is_free(value, origin)
        else:
            continue
        if several:
            return True
    return False


def is_free(variable: str, origin: Origin) -> bool:
    """Whether a variable does not repeat a fact within one sum: it is grouped by, or has one value."""
    return any(variable in select.grouped or is_single(variable, select) for select in origin.selects)
