"""Warnings about sums that may count money twice: totals beside their parts, two classifications of the same money, budget
and final accounts of one year, facts repeated by what they are joined with.

Judged by the patterns of the query (patterns.py), without evaluating it, so each says “may”. A query that is not understood
is judged by the names in it. docs/leaves.md says how to sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mingzhang.release import Release
from mingzhang.sparql.patterns import (
    Group,
    Lexeme,
    NotUnderstood,
    Select,
    Triple,
    groups,
    lexemes,
    read,
    selects,
    variables,
)

ADDING = ("SUM", "AVG")
TAKING_ON = frozenset((*ADDING, "MIN", "MAX", "SAMPLE"))
"""Aggregates of amounts whose value is an amount."""
MZ = "https://w3id.org/mingzhang/ontology#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
LEAVES = "graph/leaves"
MOST_SUMS = 30
MOST_STEPS = 40
"""A variable that is bound to a variable that is bound … more often than this is no question of a person."""
AMOUNT, LEAF_OF, PHASE, DEPARTMENT = MZ + "amount", MZ + "leafOf", MZ + "phase", MZ + "department"
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

OUTSIDE_LEAVES = "sums facts outside <graph/leaves>: totals and their parts may both be counted"
NO_CLASSIFICATION = (
    "sums <graph/leaves> without mz:leafOf: two classifications of the same money may both be counted"
)
SEVERAL_CLASSIFICATIONS = (
    "sums several classifications together: the same money may be counted once for each; "
    "name one after mz:leafOf, or group by it"
)
PRINTED_FIGURES = "sums printed figures: the same amount is printed in many places; sum mz:amount of facts in <graph/leaves>"
SEVERAL_PHASES = (
    "sums budgets and final accounts of the same year together; name one after mz:phase, or group by it"
)
SEVERAL_DEPARTMENTS = (
    "sums several departments together: what a unit publishes for itself may be in its department's amounts too; "
    "name one after mz:department, or group by it"
)
REPEATED = (
    "joins facts with something that each may have several of (labels in two languages, figures that state it, broader "
    "codes): the same fact may be counted once for each; filter by language, or sum in a sub-select first"
)
DISTINCT_AMOUNTS = "SUM(DISTINCT …) counts equal amounts of different facts once; leave DISTINCT out".replace(
    "…", "..."
)
IN_CHINESE = {
    OUTSIDE_LEAVES: "对 <graph/leaves> 以外的事实求和：合计与其组成部分可能同时计入",
    NO_CLASSIFICATION: "对 <graph/leaves> 求和而没有指明 mz:leafOf：同一笔钱的两种分类可能同时计入",
    SEVERAL_CLASSIFICATIONS: "把几种分类加在一起：同一笔钱可能按每种分类各计一次；请在 mz:leafOf 后指明一种，或按它分组",
    PRINTED_FIGURES: "对印出的数字求和：同一金额在多处印出；请对 <graph/leaves> 中事实的 mz:amount 求和",
    SEVERAL_PHASES: "把同一年度的预算与决算加在一起；请在 mz:phase 后指明一种，或按它分组",
    SEVERAL_DEPARTMENTS: "把几个部门加在一起：单位自己公开的金额可能也在其部门的金额之中；请在 mz:department 后指明一个，或按它分组",
    REPEATED: "与事实相连的内容可能不止一个（两种语言的名称、载明它的数字、上级编码）：同一事实可能因此重复计入；请按语言筛选，或先在子查询中求和",
    DISTINCT_AMOUNTS: "SUM(DISTINCT ...) 会把不同事实的相同金额只计一次；请去掉 DISTINCT",
}
"""Each warning in Chinese, in the order in which they are given."""


@dataclass(frozen=True)
class Overlaps:
    """What the data hold that a sum may count twice: both a budget and final accounts of one department and year; several
    departments of one division and year, one of which may be a unit of another."""

    phases: bool
    departments: bool

    @staticmethod
    def of(release: Release | None) -> Overlaps:
        """Those of a release; of data that we do not know, both."""
        if release is None:
            return Overlaps(True, True)
        phases: dict[tuple[str, int], set[str]] = {}
        departments: dict[tuple[str, int, str], set[str]] = {}
        for entry in release.manifest.disclosures:
            phases.setdefault((entry.department, entry.year), set()).add(entry.kind)
            departments.setdefault((entry.division, entry.year, entry.kind), set()).add(entry.department)
        return Overlaps(*(any(len(kinds) > 1 for kinds in found.values()) for found in (phases, departments)))


NO_OVERLAPS = Overlaps(False, False)


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


def sum_warnings(
    query: str, base_iri: str, graphs: Iterable[str] = (), overlaps: Overlaps = NO_OVERLAPS
) -> tuple[str, ...]:
    """The warnings for a query; `graphs` are those that the request names beside it."""
    try:
        outermost = read(query, base_iri)
        if number_of_sums(outermost) > MOST_SUMS:
            raise NotUnderstood
    except NotUnderstood:
        return by_names(query, base_iri)
    judge = Judge(base_iri + LEAVES, bool({*graphs, *outermost.graphs} & {base_iri + LEAVES}), overlaps)
    found = {warning for select in selects(outermost) for warning in judge.warnings(select)}
    return tuple(warning for warning in IN_CHINESE if warning in found)


def number_of_sums(outermost: Select) -> int:
    """How many sums and additions there are to be judged."""
    expressions = [e for select in selects(outermost) for e in select.expressions.values()]
    expressions += [
        e for select in selects(outermost) for g in groups(select.group) for e in g.bound.values()
    ]
    return sum(lexeme.text in (*ADDING, "+") for expression in expressions for lexeme in expression)


def by_names(query: str, base_iri: str) -> tuple[str, ...]:
    """The warnings for a query of which only the names are known."""
    try:
        named = {lexeme.text for lexeme in lexemes(query, base_iri)}
    except NotUnderstood:
        return ()
    careful = LEAF_OF in named and base_iri + LEAVES in named
    return (OUTSIDE_LEAVES,) if AMOUNT in named and not careful else ()


def aggregates(expression: tuple[Lexeme, ...]) -> Iterator[tuple[Lexeme, ...]]:
    """What each SUM or AVG of an expression adds."""
    for at, lexeme in enumerate(expression):
        if lexeme.kind == "word" and lexeme.text in ADDING:
            depth, end = 0, at + 1
            while end < len(expression):
                depth += (expression[end].text == "(") - (expression[end].text == ")")
                end += 1
                if depth == 0:
                    break
            yield expression[at + 2 : end - 1]


@dataclass(frozen=True)
class Judge:
    """Judges the sums of one query. `leaves` is the IRI of that graph, `by_default` whether the query's default graph
    holds it."""

    leaves: str
    by_default: bool
    overlaps: Overlaps

    def warnings(self, select: Select) -> Iterator[str]:
        """What is to be said about the sums of one SELECT."""
        for expression in select.expressions.values():
            for added in aggregates(expression):
                found = [o for variable in variables(added) for o in origins(select, variable)]
                yield from self.of_sum(found)
                if found and added and added[0].text == "DISTINCT":
                    yield DISTINCT_AMOUNTS
            if Lexeme("mark", "+") in expression:
                yield from self.of_addition(select, expression)
        for group in groups(select.group):
            for expression in group.bound.values():
                if Lexeme("mark", "+") in expression:
                    yield from self.of_addition(select, expression)

    def of_sum(self, found: list[Origin]) -> Iterator[str]:
        """What is to be said about amounts of these origins in one sum."""
        schemes: set[str] = set()
        for origin in found:
            if origin.triple.names & PRINTED:
                yield PRINTED_FIGURES
                continue
            wrong = self.kind(origin, schemes)
            if wrong:
                yield wrong
                continue
            if self.overlaps.phases and not apart(origin, (PHASE, DATA_SET)):
                yield SEVERAL_PHASES
            if self.overlaps.departments and not apart(origin, (DEPARTMENT, DATA_SET)):
                yield SEVERAL_DEPARTMENTS
            if is_repeated(origin):
                yield REPEATED
        if len(schemes) > 1:
            yield SEVERAL_CLASSIFICATIONS

    def of_addition(self, select: Select, expression: tuple[Lexeme, ...]) -> Iterator[str]:
        """What is to be said about amounts that are added with `+`: two classifications of the same money, or facts
        picked by hand. Others may be parts of one whole."""
        schemes: set[str] = set()
        found = {variable: origins(select, variable) for variable in variables(expression)}
        for origin in (origin for each in found.values() for origin in each):
            wrong = self.kind(origin, schemes)
            if wrong and sum(bool(each) for each in found.values()) > 1:
                yield wrong
        if len(schemes) > 1:
            yield SEVERAL_CLASSIFICATIONS

    def kind(self, origin: Origin, schemes: set[str]) -> str:
        """What is wrong with the kind of facts, "" for nothing; notes the classification in `schemes`."""
        terms = self.classifications(origin)
        if not terms:
            return NO_CLASSIFICATION if self.in_leaves(origin.graph) else OUTSIDE_LEAVES
        fixed = [term for term in terms if not term.startswith("?")]
        if fixed:
            schemes.add(fixed[0])
            return ""
        return "" if any(is_apart(term, origin) for term in terms) else SEVERAL_CLASSIFICATIONS

    def in_leaves(self, graph: str) -> bool:
        return graph == self.leaves or (not graph and self.by_default)

    def classifications(self, origin: Origin) -> list[str]:
        """What stands after `mz:leafOf` for the fact of an amount, in the leaves; "?" where it differs between the
        branches of a UNION."""
        triple = origin.triple
        if LEAF_OF in triple.names and [lexeme.text for lexeme in triple.path[:1]] == ["^"]:
            return [triple.subject]
        if triple.path != (Lexeme("iri", AMOUNT),):
            return []
        found = []
        for group, graph in joined(origin):
            if not (self.in_leaves(graph) or (graph.startswith("?") and origin.graph in ("", graph))):
                continue
            if origin.graph.startswith("?") and graph != origin.graph:
                continue
            found += values_in(group, triple.subject, LEAF_OF)
        if found:
            return found
        inside = [
            [value for inner in groups(branch) for value in values_in(inner, triple.subject, LEAF_OF)]
            for union in unions(origin)
            for branch in union.groups
        ]
        if not inside or not all(inside):
            return []
        one = {tuple(values) for values in inside}
        return list(*one) if len(one) == 1 else ["?"]


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


def apart(origin: Origin, properties: tuple[str, ...]) -> bool:
    """Whether a sum keeps apart what differs in one of these properties: each is fixed, or grouped by."""
    subject = origin.triple.subject
    if subject.startswith("?") and is_apart(subject, origin):
        return True
    places = [group for group, _ in joined(origin)]
    places += [branch for union in unions(origin) for branch in union.groups]
    terms = [term for group in places for name in properties for term in values_in(group, subject, name)]
    return any(not term.startswith("?") or is_apart(term, origin) for term in terms)


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
