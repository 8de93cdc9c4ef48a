"""pyshacl-turbo, in the one place that knows how to speak to it.

Its public `validate` takes rdflib graphs and bytes; bytes it reads through rdflib, at eight times the cost of what follows,
and a pyoxigraph store would lose the spelling of numbers. `rdf.Input` hands it N-Triples text as it is. That class
is not documented: should it move, this module is what has to follow (tests/shapes run every example and the W3C suites
through it).
"""

from __future__ import annotations

from pyshacl_turbo import CompiledShapes
from pyshacl_turbo.rdf import Input
from rdflib import Graph


def compiled_shapes(shapes: Graph) -> CompiledShapes:
    """Shapes made ready to validate any number of graphs."""
    return CompiledShapes(shapes)  # type: ignore[no-untyped-call]


def results_graph(compiled: CompiledShapes, ntriples: str) -> Graph:
    """The SHACL validation report on a graph given as N-Triples."""
    _, results, _ = compiled.validate(Input(ntriples, "nt", None, {}))  # type: ignore[no-untyped-call]
    assert isinstance(results, Graph)
    return results
