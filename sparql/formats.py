"""The result formats of the service: their short names, media types and what they can hold."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox


@dataclass(frozen=True, eq=False)
class Format:
    """One format, of which there is one object each. `key` is its short name (`?format=csv`), `media_type` what is negotiated, `content_type` what
    the answer says, `suffix` the file ending, `also` further media types a client may ask for it by."""

    key: str
    media_type: str
    suffix: str
    content_type: str
    also: tuple[str, ...] = ()


UTF8 = "; charset=utf-8"
JSON = Format(
    "json", "application/sparql-results+json", "srj", "application/sparql-results+json", ("application/json",)
)
XML = Format(
    "xml", "application/sparql-results+xml", "srx", "application/sparql-results+xml", ("application/xml",)
)
CSV = Format("csv", "text/csv", "csv", "text/csv" + UTF8)
TSV = Format("tsv", "text/tab-separated-values", "tsv", "text/tab-separated-values" + UTF8)
TURTLE = Format("turtle", "text/turtle", "ttl", "text/turtle" + UTF8)
NTRIPLES = Format("ntriples", "application/n-triples", "nt", "application/n-triples")
RDFXML = Format("rdfxml", "application/rdf+xml", "rdf", "application/rdf+xml", ("application/xml",))
JSONLD = Format("jsonld", "application/ld+json", "jsonld", "application/ld+json", ("application/json",))
NQUADS = Format("nquads", "application/n-quads", "nq", "application/n-quads")
TRIG = Format("trig", "application/trig", "trig", "application/trig" + UTF8)
HTML = Format("html", "text/html", "html", "text/html" + UTF8)

# In order of our preference: the first wins where the client likes several equally.
TABLES = (JSON, XML, CSV, TSV)
BOOLEANS = (JSON, XML, CSV, TSV)
GRAPHS = (TURTLE, NTRIPLES, RDFXML, JSONLD, NQUADS, TRIG)
DOCUMENTS = (TURTLE, NTRIPLES, JSONLD, RDFXML)
"""What `/doc/….{suffix}` is offered in, beside HTML."""

BY_KEY = {f.key: f for f in (*TABLES, *GRAPHS, HTML)} | {f.suffix: f for f in (*TABLES, *GRAPHS)}

RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
}


def offered(form: str) -> tuple[Format, ...]:
    """The formats an answer to a query of this form can be had in, HTML last."""
    if form in ("CONSTRUCT", "DESCRIBE"):
        return (*GRAPHS, HTML)
    return (*TABLES, HTML)
