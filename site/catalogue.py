"""The release described for machines: DCAT 3 and VoID, as N-Quads of the graph `{base}graph/catalogue`.

It is written before the dumps, which contain it; their checksums are therefore in `SHA256SUMS`, not here. Counts are
of the triples of the other graphs except the leaves, each once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mingzhang.release import Manifest
from mingzhang.site.namespaces import (
    DCAT,
    DCTERMS,
    FOAF,
    LICENCE_DATA,
    RDFS,
    SKOS,
    TYPE,
    VOID,
    XSD,
    local_name,
)
from mingzhang.site.quads import by_subject, merged_triples

_TITLE_ZH = "明账：政府部门预算公开数据"
_TITLE_EN = "Mingzhang: budget disclosures of government departments"
_ABOUT_ZH = "各部门公开的预算、决算，每一个数都可追溯到印出它的那一行。"
_ABOUT_EN = (
    "Budget disclosures of government departments; every figure can be followed to the line that prints it."
)
# Formats of the whole release: what it is called, IANA media type, compression.
_FORMATS = (
    ("ttl", "text/turtle", ""),
    ("nt.gz", "application/n-triples", "application/gzip"),
    ("nq.gz", "application/n-quads", "application/gzip"),
    ("nq.zst", "application/n-quads", "application/zstd"),
)
_TABLES = ("facts", "figures", "indicators", "claims", "findings")
_EXAMPLE_CLASSES = ("Department", "Disclosure", "Fact", "TableFigure", "Finding")
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"


def catalogue_nquads(manifest: Manifest, graphs: Path) -> Iterator[str]:
    """Lines of N-Quads, sorted, each with its line end.

    `graphs` is the folder with the release's graph files. The catalogue itself and the leaves are not counted.
    Raises ReleaseError where a graph file is damaged.
    """
    base = manifest.base_uri
    skipped = {f"{base}graph/catalogue", f"{base}graph/leaves"}
    counted = {iri: name for iri, name in manifest.graphs.items() if iri not in skipped}
    counts = _count(graphs, counted)
    lines = {f"{triple} <{base}graph/catalogue> .\n" for triple in _triples(manifest, counts)}
    yield from sorted(lines)


class _Counts:
    """What a pass over the graphs counts."""

    def __init__(self) -> None:
        self.triples = 0
        self.subjects = 0
        self.classes: Counter[str] = Counter()
        self.properties: Counter[str] = Counter()
        self.examples: dict[str, str] = {}


def _count(folder: Path, graphs: dict[str, str]) -> _Counts:
    counts = _Counts()
    for subject, pairs in by_subject(merged_triples(folder, graphs)):
        counts.subjects += 1
        counts.triples += len(pairs)
        for predicate, value in pairs:
            counts.properties[predicate] += 1
            if predicate == f"<{TYPE}>" and value[0] == "<":
                counts.classes[value] += 1
                counts.examples.setdefault(local_name(value[1:-1]), subject)
    return counts


def _triples(manifest: Manifest, counts: _Counts) -> Iterator[str]:
    dataset = f"{manifest.base_uri}id/release/{manifest.id}"
    yield from _dataset(manifest, dataset)
    yield from _coverage(manifest, dataset)
    for suffix, media_type, compression in _FORMATS:
        address = f"{manifest.base_uri}dumps/{manifest.id}.{suffix}"
        yield from _distribution(dataset, suffix.replace(".", "-"), address, media_type, compression)
        yield _t(dataset, VOID + "dataDump", _iri(address))
    for table in _TABLES:
        address = f"{manifest.base_uri}dumps/{table}"
        yield from _distribution(dataset, f"{table}-csv", f"{address}.csv", "text/csv", "")
        parquet = "application/vnd.apache.parquet"
        yield from _distribution(dataset, f"{table}-parquet", f"{address}.parquet", parquet, "")
    yield from _statistics(dataset, counts)


def _dataset(manifest: Manifest, dataset: str) -> Iterator[str]:
    base = manifest.base_uri
    for kind in (DCAT + "Dataset", VOID + "Dataset"):
        yield _t(dataset, TYPE, _iri(kind))
    yield _t(dataset, DCTERMS + "title", _text(_TITLE_ZH, "zh"))
    yield _t(dataset, DCTERMS + "title", _text(_TITLE_EN, "en"))
    yield _t(dataset, DCTERMS + "description", _text(_ABOUT_ZH, "zh"))
    yield _t(dataset, DCTERMS + "description", _text(_ABOUT_EN, "en"))
    yield _t(dataset, RDFS + "label", _text(f"发布 {manifest.id}", "zh"))
    yield _t(dataset, RDFS + "label", _text(f"Release {manifest.id}", "en"))
    yield _t(dataset, DCTERMS + "identifier", _text(manifest.id))
    yield _t(dataset, DCAT + "version", _text(manifest.id))
    yield _t(dataset, DCTERMS + "issued", _text(manifest.date, datatype=XSD + "date"))
    yield _t(dataset, DCTERMS + "license", _iri(LICENCE_DATA))
    yield _t(dataset, DCAT + "landingPage", _iri(base))
    yield _t(dataset, VOID + "sparqlEndpoint", _iri(f"{base}sparql"))
    yield _t(dataset, VOID + "uriSpace", _text(f"{base}id/"))
    for vocabulary in ("https://w3id.org/mingzhang/ontology#", SKOS, "http://purl.org/linked-data/cube#"):
        yield _t(dataset, VOID + "vocabulary", _iri(vocabulary))
    yield _t(f"{base}.well-known/void", TYPE, _iri(VOID + "DatasetDescription"))
    yield _t(f"{base}.well-known/void", FOAF + "primaryTopic", _iri(dataset))


def _coverage(manifest: Manifest, dataset: str) -> Iterator[str]:
    """Which disclosures, for which places and which years."""
    for entry in manifest.disclosures:
        yield _t(dataset, DCTERMS + "hasPart", _iri(entry.iri))
        yield _t(dataset, DCTERMS + "spatial", _iri(f"{manifest.base_uri}id/division/{entry.division}"))
        dump = entry.iri.removeprefix(f"{manifest.base_uri}id/disclosure/")
        yield _t(entry.iri, VOID + "dataDump", _iri(f"{manifest.base_uri}dumps/disclosures/{dump}.ttl"))
    years = sorted(entry.year for entry in manifest.disclosures)
    if years:
        period = f"{dataset}#period"
        yield _t(dataset, DCTERMS + "temporal", _iri(period))
        yield _t(period, TYPE, _iri(DCTERMS + "PeriodOfTime"))
        yield _t(period, DCAT + "startDate", _text(f"{years[0]}-01-01", datatype=XSD + "date"))
        yield _t(period, DCAT + "endDate", _text(f"{years[-1]}-12-31", datatype=XSD + "date"))


def _distribution(dataset: str, name: str, address: str, media_type: str, compression: str) -> Iterator[str]:
    node = f"{dataset}#{name}"
    yield _t(dataset, DCAT + "distribution", _iri(node))
    yield _t(node, TYPE, _iri(DCAT + "Distribution"))
    yield _t(node, DCTERMS + "title", _text(local_name(address)))
    yield _t(node, DCAT + "downloadURL", _iri(address))
    yield _t(node, DCAT + "accessURL", _iri(address))
    yield _t(node, DCAT + "mediaType", _iri(_MEDIA_TYPE + media_type))
    yield _t(node, DCTERMS + "license", _iri(LICENCE_DATA))
    if compression:
        yield _t(node, DCAT + "compressFormat", _iri(_MEDIA_TYPE + compression))


def _statistics(dataset: str, counts: _Counts) -> Iterator[str]:
    yield _t(dataset, VOID + "triples", _count_text(counts.triples))
    yield _t(dataset, VOID + "entities", _count_text(counts.subjects))
    yield _t(dataset, VOID + "classes", _count_text(len(counts.classes)))
    yield _t(dataset, VOID + "properties", _count_text(len(counts.properties)))
    for name in _EXAMPLE_CLASSES:
        if name in counts.examples:
            yield _t(dataset, VOID + "exampleResource", counts.examples[name])
    for kind, number in counts.classes.items():
        yield from _partition(dataset, "class", kind, number)
    for predicate, number in counts.properties.items():
        yield from _partition(dataset, "property", predicate, number)


def _partition(dataset: str, kind: str, term: str, number: int) -> Iterator[str]:
    """VoID §4.5: a class partition counts its entities, a property partition its triples."""
    # Two vocabularies may share a local name, so the name alone would not do.
    node = f"{dataset}#{kind}-{_slug(term[1:-1])}"
    yield _t(dataset, VOID + f"{kind}Partition", _iri(node))
    yield _t(node, VOID + kind, term)
    yield _t(node, VOID + ("entities" if kind == "class" else "triples"), _count_text(number))


def _slug(iri: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in iri.split("://", 1)[-1])


def _t(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{predicate}> {value}"


def _iri(iri: str) -> str:
    return f"<{iri}>"


def _count_text(number: int) -> str:
    return _text(str(number), datatype=XSD + "integer")


def _text(value: str, language: str = "", datatype: str = "") -> str:
    # JSON's escapes of quotes, backslashes and control characters are N-Quads' too (\b \f \n \r \t \" \\ \uXXXX).
    quoted = json.dumps(value, ensure_ascii=False)
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^<{datatype}>" if datatype else quoted
