"""The graph `leaves`: copies of the facts that are safe to sum, each with the classification along which it is.

Which facts these are is decided in `leaf_sets`.
"""

from __future__ import annotations

from mingzhang.ingest.graph import describe_fact, fact_iri
from mingzhang.ingest.leaf_sets import leaf_sets
from mingzhang.ingest.quads import GraphWriter, iri
from mingzhang.ingest.reading import Reading
from mingzhang.ontology.lexicon import load_lexicon


def leaves_nquads(reading: Reading, base_uri: str) -> list[str]:
    """The quads of this disclosure in the graph `leaves`: copies of its leaf facts, each with `mz:leafOf`."""
    names = reading.names(base_uri)
    graph = GraphWriter(f"{base_uri}graph/leaves")
    for found in leaf_sets(reading.facts, load_lexicon()):
        for fact in found.facts:
            describe_fact(graph, names, fact, reading)
            graph.add(fact_iri(names, fact), "mz:leafOf", iri(f"{base_uri}id/scheme/{found.classification}"))
    return graph.lines()
