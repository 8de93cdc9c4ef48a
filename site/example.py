"""One query over the release and its answer, shown on the front page: run for real when the pages are built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import href
from mingzhang.site.money import wan
from mingzhang.site.namespaces import MZ, PREF_LABEL
from mingzhang.site.terms import Term


@dataclass(frozen=True)
class Answer:
    department: str
    department_href: str
    year: str
    name: str
    name_href: str
    amount_wan: str


@dataclass(frozen=True)
class Example:
    query: str
    answers: tuple[Answer, ...]


def example(graph: ReleaseGraph) -> Example | None:
    """The largest functional codes of the release, from facts that count money once. None without leaves."""
    store = ox.Store()
    leaves = ox.NamedNode(f"{graph.base}graph/leaves")
    scheme = f"{graph.base}id/scheme/functional"
    facts = graph.leaves.get(scheme, ())
    store.bulk_extend(ox.Quad(ox.NamedNode(fact), _LEAF_OF, ox.NamedNode(scheme), leaves) for fact in facts)
    store.bulk_extend(_quads(graph, facts, tuple({p for f in facts for p in graph.about[f]}), leaves))
    store.bulk_extend(_quads(graph, graph.about, _ASKED, ox.DefaultGraph()))
    query = _QUERY.format(base=graph.base)
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    answers = tuple(_answer(graph.base, solution) for solution in solutions)
    return Example(query, answers) if answers else None


_LEAF_OF = ox.NamedNode(MZ + "leafOf")
_ASKED = (PREF_LABEL, MZ + "fiscalYear", MZ + "phase")
"""What the query asks of the default graph."""


def _quads(
    graph: ReleaseGraph,
    things: Iterable[str],
    predicates: Iterable[str],
    name: ox.NamedNode | ox.DefaultGraph,
) -> Iterator[ox.Quad]:
    """What the release says of these things with these predicates, as quads of a graph of this name."""
    for subject in things:
        for predicate in predicates:
            for value in graph.terms(subject, predicate):
                yield ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), _node(value), name)


def _node(term: Term) -> ox.NamedNode | ox.Literal:
    if term.kind == "iri":
        return ox.NamedNode(term.value)
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))


# Over the leaves alone: the default graph prints the same money in totals and parts.
_QUERY = """\
PREFIX mz: <https://w3id.org/mingzhang/ontology#>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?department ?name ?year ?code ?label (SUM(?amount) AS ?yuan)
WHERE {{
  GRAPH <{base}graph/leaves> {{
    ?fact mz:leafOf <{base}id/scheme/functional> ;
          qb:dataSet ?disclosure ;
          mz:flow <{base}id/flow/expenditure> ;
          mz:department ?department ;
          mz:fiscalYear ?year ;
          mz:phase ?phase ;
          mz:functionalClass ?code ;
          mz:amount ?amount .
  }}
  ?disclosure mz:fiscalYear ?year ; mz:phase ?phase .
  ?department skos:prefLabel ?name .
  ?code skos:prefLabel ?label .
  FILTER(LANG(?label) = "zh" && LANG(?name) = "zh")
}}
GROUP BY ?department ?name ?year ?code ?label
ORDER BY DESC(?yuan) ?code
LIMIT 8
"""


def _answer(base: str, solution: ox.QuerySolution) -> Answer:
    values = {name: solution[name] for name in ("department", "name", "year", "code", "label", "yuan")}
    text = {name: str(value.value) if value is not None else "" for name, value in values.items()}
    return Answer(
        text["name"],
        href(text["department"], base),
        text["year"],
        text["label"],
        href(text["code"], base),
        wan(Decimal(text["yuan"])),
    )
