"""Warnings about sums that may count money twice: totals beside their parts, two classifications of the same money, budget
and final accounts of one year, several years, facts repeated by what they are joined with.

Judged by the patterns of the query (patterns.py), without evaluating it, so each says “may”. A query that is not understood
is judged by the names in it. docs/leaves.md says how to sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mingzhang.release import Release
from mingzhang.sparql.origins import (
    ADDING,
    AMOUNT,
    DEPARTMENT,
    FISCAL_YEAR,
    LEAF_OF,
    PHASE,
    PRINTED,
    Origin,
    apart,
    is_apart,
    is_repeated,
    joined,
    origins,
    unions,
    values_in,
)
from mingzhang.sparql.patterns import (
    Lexeme,
    NotUnderstood,
    Select,
    groups,
    lexemes,
    read,
    selects,
    variables,
)

LEAVES = "graph/leaves"
MOST_SUMS = 30
"""What has more was made by a program."""

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
SEVERAL_YEARS = (
    "sums several fiscal years together: money carried over is revenue of both years; name one after mz:fiscalYear, or "
    "group by it"
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
    SEVERAL_YEARS: "把几个财政年度加在一起：结转的钱在两个年度都是收入；请在 mz:fiscalYear 后指明一年，或按它分组",
    SEVERAL_DEPARTMENTS: "把几个部门加在一起：单位自己公开的金额可能也在其部门的金额之中；请在 mz:department 后指明一个，或按它分组",
    REPEATED: "与事实相连的内容可能不止一个（两种语言的名称、载明它的数字、上级编码）：同一事实可能因此重复计入；请按语言筛选，或先在子查询中求和",
    DISTINCT_AMOUNTS: "SUM(DISTINCT ...) 会把不同事实的相同金额只计一次；请去掉 DISTINCT",
}
"""Each warning in Chinese, in the order in which they are given."""


@dataclass(frozen=True)
class Overlaps:
    """What the data hold that a sum may count twice: both a budget and final accounts of one department and year; several
    years; several departments of one division and year, one of which may be a unit of another."""

    phases: bool
    years: bool
    departments: bool

    @staticmethod
    def of(release: Release | None) -> Overlaps:
        """Those of a release; of data that we do not know, all."""
        if release is None:
            return Overlaps(True, True, True)
        phases: dict[tuple[str, int], set[str]] = {}
        departments: dict[tuple[str, int, str], set[str]] = {}
        for entry in release.manifest.disclosures:
            phases.setdefault((entry.department, entry.year), set()).add(entry.kind)
            departments.setdefault((entry.division, entry.year, entry.kind), set()).add(entry.department)
        years = {entry.year for entry in release.manifest.disclosures}
        return Overlaps(
            any(len(kinds) > 1 for kinds in phases.values()),
            len(years) > 1,
            any(len(names) > 1 for names in departments.values()),
        )


NO_OVERLAPS = Overlaps(False, False, False)


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


def aggregates(expression: tuple[Lexeme, ...]) -> Iterator[tuple[str, tuple[Lexeme, ...]]]:
    """Each SUM or AVG of an expression, with what it adds."""
    for at, lexeme in enumerate(expression):
        if lexeme.kind == "word" and lexeme.text in ADDING:
            depth, end = 0, at + 1
            while end < len(expression):
                depth += (expression[end].text == "(") - (expression[end].text == ")")
                end += 1
                if depth == 0:
                    break
            yield lexeme.text, expression[at + 2 : end - 1]


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
            for adding, added in aggregates(expression):
                found = [o for variable in variables(added) for o in origins(select, variable)]
                yield from self.of_sum(adding, found)
                if found and added and added[0].text == "DISTINCT":
                    yield DISTINCT_AMOUNTS
            if Lexeme("mark", "+") in expression:
                yield from self.of_addition(select, expression)
        for group in groups(select.group):
            for expression in group.bound.values():
                if Lexeme("mark", "+") in expression:
                    yield from self.of_addition(select, expression)

    def of_sum(self, adding: str, found: list[Origin]) -> Iterator[str]:
        """What is to be said about amounts of these origins in one SUM or AVG. The average of several years is one thing that
        is asked for; their sum hardly ever is."""
        schemes: set[str] = set()
        for origin in found:
            if origin.triple.names & PRINTED:
                yield PRINTED_FIGURES
                continue
            wrong = self.kind(origin, schemes)
            if wrong:
                yield wrong
                continue
            if self.overlaps.phases and not apart(origin, PHASE):
                yield SEVERAL_PHASES
            if self.overlaps.years and adding == "SUM" and not apart(origin, FISCAL_YEAR):
                yield SEVERAL_YEARS
            if self.overlaps.departments and not apart(origin, DEPARTMENT):
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
