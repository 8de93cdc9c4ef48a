"""Every namespace the project writes or reads, spelled once.

IRIs of instances are not here: they begin with the publisher's base and are minted in `ingest/iris.py`.
"""

from __future__ import annotations

from types import MappingProxyType

MZ = "https://w3id.org/mingzhang/ontology#"
"""Our vocabulary."""
ONTOLOGY = "https://w3id.org/mingzhang/ontology"
"""The vocabulary itself, as a resource."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XKOS = "http://rdf-vocabulary.ddialliance.org/xkos#"
QB = "http://purl.org/linked-data/cube#"
ORG = "http://www.w3.org/ns/org#"
PROV = "http://www.w3.org/ns/prov#"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
DCTERMS = "http://purl.org/dc/terms/"
DCAM = "http://purl.org/dc/dcam/"
DQV = "http://www.w3.org/ns/dqv#"
SH = "http://www.w3.org/ns/shacl#"
SCHEMA = "https://schema.org/"
VANN = "http://purl.org/vocab/vann/"
SDMX_ATTRIBUTE = "http://purl.org/linked-data/sdmx/2009/attribute#"
OBEU_DIMENSION = "http://data.openbudgets.eu/ontology/dsd/dimension/"
OBEU_MEASURE = "http://data.openbudgets.eu/ontology/dsd/measure/"
OBEU_ATTRIBUTE = "http://data.openbudgets.eu/ontology/dsd/attribute/"

PREFIXES = MappingProxyType(
    {
        "mz": MZ,
        "rdf": RDF,
        "rdfs": RDFS,
        "owl": OWL,
        "xsd": XSD,
        "skos": SKOS,
        "xkos": XKOS,
        "qb": QB,
        "org": ORG,
        "prov": PROV,
        "dcat": DCAT,
        "void": VOID,
        "dcterms": DCTERMS,
        "dcam": DCAM,
        "dqv": DQV,
        "sh": SH,
        "schema": SCHEMA,
        "vann": VANN,
        "sdmx-attribute": SDMX_ATTRIBUTE,
        "obeu-dimension": OBEU_DIMENSION,
        "obeu-measure": OBEU_MEASURE,
        "obeu-attribute": OBEU_ATTRIBUTE,
    }
)
"""Prefix → namespace, for whoever writes Turtle or SPARQL."""
