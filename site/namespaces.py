"""The namespaces of the graphs, spelled once, and names of the terms the pages rely on."""

from __future__ import annotations

from typing import Final

MZ: Final = "https://w3id.org/mingzhang/ontology#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
VOID: Final = "http://rdfs.org/ns/void#"
PROV: Final = "http://www.w3.org/ns/prov#"
QB: Final = "http://purl.org/linked-data/cube#"
ORG: Final = "http://www.w3.org/ns/org#"
SH: Final = "http://www.w3.org/ns/shacl#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
SPDX: Final = "http://spdx.org/rdf/terms#"
DCATAP: Final = "http://data.europa.eu/r5r/"

PREFIXES: Final[dict[str, str]] = {
    "mz": MZ,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "xkos": "http://rdf-vocabulary.ddialliance.org/xkos#",
    "dcterms": DCTERMS,
    "dcat": DCAT,
    "void": VOID,
    "prov": PROV,
    "qb": QB,
    "org": ORG,
    "sh": SH,
    "dqv": "http://www.w3.org/ns/dqv#",
    "oa": "http://www.w3.org/ns/oa#",
    "foaf": FOAF,
    "spdx": SPDX,
    "dcatap": DCATAP,
    "schema": "http://schema.org/",
    "vann": "http://purl.org/vocab/vann/",
    "obeu-dimension": "http://data.openbudgets.eu/ontology/dsd/dimension/",
    "obeu-measure": "http://data.openbudgets.eu/ontology/dsd/measure/",
    "obeu-attribute": "http://data.openbudgets.eu/ontology/dsd/attribute/",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
}
"""Prefix → namespace, as Turtle, JSON-LD and the pages write them."""

PREFIX_OF: Final[dict[str, str]] = {namespace: prefix for prefix, namespace in PREFIXES.items()}

TYPE: Final = RDF + "type"
LABEL: Final = RDFS + "label"
PREF_LABEL: Final = SKOS + "prefLabel"
TITLE: Final = DCTERMS + "title"
LICENCE_DATA: Final = "https://creativecommons.org/licenses/by/4.0/"


def split_name(iri: str) -> tuple[str, str]:
    """The IRI's prefix and local name, as `("mz", "Fact")`; `("", iri)` where no prefix fits."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    prefix = PREFIX_OF.get(iri[:cut])
    return ("", iri) if prefix is None else (prefix, iri[cut:])


def local_name(iri: str) -> str:
    """What follows the last `#` or `/`."""
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :]
