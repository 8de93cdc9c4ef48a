"""One query over the release and its answer, shown on the front page: run for real when the pages are built."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from mingzhang.release import Release
from mingzhang.site.links import href
from mingzhang.site.money import wan
from mingzhang.site.namespaces import MZ, SKOS


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


def example(release: Release) -> Example | None:
    """The largest functional codes of the release, from facts that count money once. None without leaves."""
    base = release.manifest.base_uri
    store = ox.Store()
    for graph, name in sorted(release.manifest.graphs.items()):
        if graph in (release.leaves_graph, f"{base}graph/codelists") or "/graph/disclosure/" in graph:
            keep = ox.NamedNode(release.leaves_graph) if graph == release.leaves_graph else None
            store.bulk_extend(
                ox.Quad(quad.subject, quad.predicate, quad.object, keep or ox.DefaultGraph())
                for quad in ox.parse(path=str(release.graphs / name), format=ox.RdfFormat.N_QUADS)
                if keep or quad.predicate.value in (SKOS + "prefLabel", MZ + "fiscalYear", MZ + "phase")
            )
    query = _QUERY.format(base=base)
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    answers = tuple(_answer(base, solution) for solution in solutions)
    return Example(query, answers) if answers else None


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
