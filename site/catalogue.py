"""The release described for machines: DCAT 3, VoID and PROV, as N-Quads of the graph `{base}graph/catalogue`.

The graph is written before the dumps, which contain it, so it names the downloads of the whole without their checksums.
`dumps/catalogue.ttl` and `/.well-known/void` are the same with every download, its size and its SHA-256. Counts are of the
triples of the other graphs except the leaves, each once.

The release is a `dcat:Dataset` of the series of all releases; each disclosure is a dataset of its own, a part of it. The
build is a `prov:Activity` whose time is the release's date: two builds of the same input must be the same bytes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mingzhang.release import DisclosureEntry, Manifest, Release
from mingzhang.site.namespaces import (
    DCAT,
    DCATAP,
    DCTERMS,
    FOAF,
    LICENCE_DATA,
    MZ,
    PROV,
    RDFS,
    SKOS,
    SPDX,
    TYPE,
    VOID,
    XSD,
    local_name,
)
from mingzhang.site.quads import Subject, grouped, merged_subjects, triple_lines

_TITLE_ZH = "明账：政府部门预算公开数据"
_TITLE_EN = "Mingzhang: budget disclosures of government departments"
_ABOUT_ZH = "各部门公开的预算、决算，每一个数都可追溯到印出它的那一行。"
_ABOUT_EN = (
    "Budget disclosures of government departments; every figure can be followed to the line that prints it."
)
_KEYWORDS = (("部门预算", "zh"), ("决算公开", "zh"), ("budget", "en"), ("fiscal transparency", "en"))
# Publications Office of the EU, authority tables: DCAT-AP 3.0 §5 wants these where they fit.
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_THEMES = ("data-theme/GOVE", "data-theme/ECON")
_CHINESE = f"{_AUTHORITY}language/ZHO"
_PUBLIC = f"{_AUTHORITY}access-right/PUBLIC"
_STABLE = f"{_AUTHORITY}planned-availability/STABLE"
# Formats of the whole release: what it is called, IANA media type, compression.
_FORMATS = (
    ("ttl", "text/turtle", ""),
    ("nt.gz", "application/n-triples", "application/gzip"),
    ("nt.zst", "application/n-triples", "application/zstd"),
    ("nq.gz", "application/n-quads", "application/gzip"),
    ("nq.zst", "application/n-quads", "application/zstd"),
    ("jsonld.gz", "application/ld+json", "application/gzip"),
)
_TABLES = ("facts", "figures", "indicators", "claims", "findings")
_EXAMPLE_CLASSES = ("Department", "Disclosure", "Fact", "TableFigure", "Finding")
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
_LINKING = re.compile(
    rf"<({re.escape(SKOS)}(?:exact|close|broad|narrow|related)Match|http://www\.w3\.org/2002/07/owl#sameAs)>"
)


class Download(Protocol):
    """What is said of a downloadable file; `dumps.Dump` has it."""

    @property
    def path(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def of(self) -> str: ...
    @property
    def iri(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True)
class CatalogueGraph:
    """The catalogue's graph, and what counting for it came to."""

    lines: tuple[str, ...]
    """N-Quads, sorted, each with its line end."""
    triples: int
    """How many triples the release has: those of its other graphs except the leaves, and these, each once."""


def catalogue_graph(manifest: Manifest, graphs: Path) -> CatalogueGraph:
    """The catalogue of a release whose other graphs are there.

    `graphs` is the folder with the release's graph files. The catalogue itself and the leaves are not counted in it.
    Raises ReleaseError where a graph file is damaged.
    """
    base = manifest.base_uri
    skipped = {f"{base}graph/catalogue", f"{base}graph/leaves"}
    counted = {iri: name for iri, name in manifest.graphs.items() if iri not in skipped}
    # What counting adds is said of names that no other graph has.
    spoken_of = frozenset(line.partition(" ")[0].encode() for line in _triples(manifest, _Counts()))
    counts = _count(graphs, counted, spoken_of)
    triples = set(_triples(manifest, counts))
    lines = sorted(f"{triple} <{base}graph/catalogue> .\n" for triple in triples)
    return CatalogueGraph(tuple(lines), counts.triples + len(triples - counts.said))


def catalogue_nquads(manifest: Manifest, graphs: Path) -> Iterator[str]:
    """The lines of the catalogue's graph. Raises ReleaseError where a graph file is damaged."""
    yield from catalogue_graph(manifest, graphs).lines


def catalogue_subjects(release: Release, downloads: Sequence[Download]) -> Iterator[Subject]:
    """The catalogue graph with every download, its size and its checksum, sorted."""
    manifest = release.manifest
    graph = f"{manifest.base_uri}graph/catalogue"
    lines: set[str] = set()
    if graph in manifest.graphs:
        lines.update(triple_lines(release.graphs / manifest.graphs[graph], graph))
    for download in downloads:
        lines.update(_measured_distribution(manifest, download))
    return grouped(line.encode() for line in sorted(lines))


def dataset_iri(manifest: Manifest) -> str:
    """The IRI of a release."""
    return f"{manifest.base_uri}id/release/{manifest.id}"


class _Counts:
    """What a pass over the graphs counts."""

    def __init__(self) -> None:
        self.triples = 0
        self.subjects = 0
        self.classes: Counter[str] = Counter()
        self.properties: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.links: Counter[tuple[str, str]] = Counter()
        """(linking predicate, name space of what is linked to) → triples."""
        self.forms: set[str] = set()
        self.said: set[str] = set()
        """What is said already of whatever the catalogue speaks of."""


def _count(folder: Path, graphs: dict[str, str], spoken_of: frozenset[bytes]) -> _Counts:
    counts = _Counts()
    form = f"<{MZ}form>"
    for subject in merged_subjects(folder, graphs):
        counts.subjects += 1
        counts.triples += len(subject.pairs)
        if subject.name in spoken_of:
            counts.said.update(subject.triples())
        for predicate, value in subject.statements():
            counts.properties[predicate] += 1
            if predicate == f"<{TYPE}>" and value[0] == "<":
                counts.classes[value] += 1
                counts.examples.setdefault(local_name(value[1:-1]), subject.name.decode())
            elif predicate == form:
                counts.forms.add(value)
            elif value[0] == "<" and _LINKING.match(predicate):
                counts.links[predicate, value[1 : -1 - len(local_name(value[1:-1]))]] += 1
    return counts


def _triples(manifest: Manifest, counts: _Counts) -> Iterator[str]:
    dataset = dataset_iri(manifest)
    yield from _catalogue(manifest, dataset)
    yield from _dataset(manifest, dataset)
    yield from _coverage(manifest, dataset)
    yield from _provenance(manifest, dataset, counts)
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


def _catalogue(manifest: Manifest, dataset: str) -> Iterator[str]:
    """The catalogue, who publishes it, the series of releases, and the service that answers queries."""
    base = manifest.base_uri
    about = f"{base}.well-known/void"
    catalogue, series, publisher, service = (
        f"{about}#{name}" for name in ("catalogue", "series", "publisher", "sparql")
    )
    yield _t(about, TYPE, _iri(VOID + "DatasetDescription"))
    yield _t(about, FOAF + "primaryTopic", _iri(dataset))
    yield _t(publisher, TYPE, _iri(FOAF + "Agent"))
    yield _t(publisher, FOAF + "name", _text(manifest.title))
    yield _t(catalogue, TYPE, _iri(DCAT + "Catalog"))
    yield _t(catalogue, DCAT + "dataset", _iri(dataset))
    yield _t(catalogue, DCAT + "dataset", _iri(series))
    yield _t(catalogue, DCAT + "service", _iri(service))
    yield _t(catalogue, FOAF + "homepage", _iri(base))
    for entry in manifest.disclosures:
        yield _t(catalogue, DCAT + "dataset", _iri(entry.iri))
    yield _t(series, TYPE, _iri(DCAT + "DatasetSeries"))
    yield _t(service, TYPE, _iri(DCAT + "DataService"))
    yield _t(service, DCAT + "endpointURL", _iri(f"{base}sparql"))
    yield _t(service, DCAT + "endpointDescription", _iri(f"{base}sparql"))
    yield _t(service, DCTERMS + "conformsTo", _iri("http://www.w3.org/TR/sparql11-protocol/"))
    yield _t(service, DCAT + "servesDataset", _iri(dataset))
    for subject in (catalogue, series, service):
        yield _t(subject, DCTERMS + "title", _text(_TITLE_ZH, "zh"))
        yield _t(subject, DCTERMS + "title", _text(_TITLE_EN, "en"))
        yield _t(subject, DCTERMS + "description", _text(_ABOUT_ZH, "zh"))
        yield _t(subject, DCTERMS + "description", _text(_ABOUT_EN, "en"))
        yield _t(subject, DCTERMS + "publisher", _iri(publisher))
        yield _t(subject, DCTERMS + "license", _iri(LICENCE_DATA))
    for subject in (catalogue, series):
        yield _t(subject, DCTERMS + "language", _iri(_CHINESE))
        yield _t(subject, DCTERMS + "modified", _date(manifest.date))


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
    yield _t(dataset, DCTERMS + "issued", _date(manifest.date))
    yield _t(dataset, DCTERMS + "modified", _date(manifest.date))
    yield _t(dataset, DCAT + "inSeries", _iri(f"{base}.well-known/void#series"))
    yield _t(dataset, DCAT + "landingPage", _iri(base))
    yield _t(dataset, VOID + "sparqlEndpoint", _iri(f"{base}sparql"))
    yield _t(dataset, VOID + "uriSpace", _text(f"{base}id/"))
    yield from _terms_of_use(manifest, dataset)
    for vocabulary in ("https://w3id.org/mingzhang/ontology#", SKOS, "http://purl.org/linked-data/cube#"):
        yield _t(dataset, VOID + "vocabulary", _iri(vocabulary))
        yield _t(dataset, DCTERMS + "conformsTo", _iri(vocabulary))


def _terms_of_use(manifest: Manifest, dataset: str) -> Iterator[str]:
    """What every dataset of ours has: who publishes it, under what licence, for whom, about what."""
    yield _t(dataset, DCTERMS + "publisher", _iri(f"{manifest.base_uri}.well-known/void#publisher"))
    yield _t(dataset, DCTERMS + "license", _iri(LICENCE_DATA))
    yield _t(dataset, DCTERMS + "accessRights", _iri(_PUBLIC))
    yield _t(dataset, DCTERMS + "language", _iri(_CHINESE))
    for theme in _THEMES:
        yield _t(dataset, DCAT + "theme", _iri(_AUTHORITY + theme))
    for word, language in _KEYWORDS:
        yield _t(dataset, DCAT + "keyword", _text(word, language))


def _coverage(manifest: Manifest, dataset: str) -> Iterator[str]:
    """Which disclosures, for which places and which years."""
    for entry in manifest.disclosures:
        yield _t(dataset, DCTERMS + "hasPart", _iri(entry.iri))
        yield _t(dataset, DCTERMS + "spatial", _iri(f"{manifest.base_uri}id/division/{entry.division}"))
        dump = f"{manifest.base_uri}dumps/disclosures/{_body(manifest, entry)}.ttl"
        yield _t(entry.iri, VOID + "dataDump", _iri(dump))
        yield from _disclosure(manifest, entry)
    years = sorted(entry.year for entry in manifest.disclosures)
    if years:
        yield from _period(dataset, years[0], years[-1])


def _disclosure(manifest: Manifest, entry: DisclosureEntry) -> Iterator[str]:
    """A disclosure as a dataset of its own; its title and class are in its own graph."""
    kind_zh, kind_en = ("决算", "final accounts") if entry.kind == "final" else ("预算", "budget")
    zh = f"{entry.department_name}{entry.year}年{kind_zh}公开，每一个数都可追溯到印出它的那一行。"
    en = f"{entry.year} {kind_en} of {entry.department_name}; every figure can be followed to the line that prints it."
    yield _t(entry.iri, DCTERMS + "description", _text(zh, "zh"))
    yield _t(entry.iri, DCTERMS + "description", _text(en, "en"))
    yield _t(entry.iri, DCTERMS + "isPartOf", _iri(dataset_iri(manifest)))
    yield _t(entry.iri, DCTERMS + "creator", _iri(entry.department))
    yield _t(entry.iri, DCTERMS + "spatial", _iri(f"{manifest.base_uri}id/division/{entry.division}"))
    yield _t(
        entry.iri,
        DCAT + "landingPage",
        _iri(f"{manifest.base_uri}doc/disclosure/{_body(manifest, entry)}.html"),
    )
    yield from _terms_of_use(manifest, entry.iri)
    yield from _period(entry.iri, entry.year, entry.year)


def _period(dataset: str, first: int, last: int) -> Iterator[str]:
    period = f"{dataset}#period"
    yield _t(dataset, DCTERMS + "temporal", _iri(period))
    yield _t(period, TYPE, _iri(DCTERMS + "PeriodOfTime"))
    yield _t(period, DCAT + "startDate", _date(f"{first}-01-01"))
    yield _t(period, DCAT + "endDate", _date(f"{last}-12-31"))


def _body(manifest: Manifest, entry: DisclosureEntry) -> str:
    return entry.iri.removeprefix(f"{manifest.base_uri}id/disclosure/")


def _provenance(manifest: Manifest, dataset: str, counts: _Counts) -> Iterator[str]:
    """What made the release of what: program, forms and rules with their digests, source files (PROV-O)."""
    build, software = f"{dataset}#build", f"{dataset}#software"
    yield _t(build, TYPE, _iri(PROV + "Activity"))
    yield _t(build, RDFS + "label", _text(f"构建发布 {manifest.id}", "zh"))
    yield _t(build, RDFS + "label", _text(f"Building release {manifest.id}", "en"))
    yield _t(build, PROV + "endedAtTime", _text(f"{manifest.date}T00:00:00Z", datatype=XSD + "dateTime"))
    yield _t(build, PROV + "wasAssociatedWith", _iri(software))
    yield _t(build, PROV + "generated", _iri(dataset))
    yield _t(dataset, PROV + "wasGeneratedBy", _iri(build))
    yield _t(software, TYPE, _iri(PROV + "SoftwareAgent"))
    yield _t(software, RDFS + "label", _text(manifest.software))
    name, _, version = manifest.software.rpartition(" ")
    yield _t(software, FOAF + "name", _text(name or manifest.software))
    yield _t(software, DCTERMS + "hasVersion", _text(version))
    for part, digest in sorted(manifest.made_with.items()):
        if part == "program":
            yield _t(software, DCTERMS + "identifier", _text(digest))
            continue
        zh, en = _PLANS.get(part, (part, part))
        yield _t(f"{dataset}#{part}", TYPE, _iri(PROV + "Plan"))
        yield _t(f"{dataset}#{part}", TYPE, _iri(PROV + "Entity"))
        yield _t(f"{dataset}#{part}", RDFS + "label", _text(zh, "zh"))
        yield _t(f"{dataset}#{part}", RDFS + "label", _text(en, "en"))
        yield _t(f"{dataset}#{part}", DCTERMS + "identifier", _text(digest))
        yield _t(build, PROV + "used", _iri(f"{dataset}#{part}"))
    for form in sorted(counts.forms):
        yield _t(build, PROV + "used", form)
    for source in (source for entry in manifest.disclosures for source in entry.sources):
        address = f"{manifest.base_uri}source/{source.sha256}"
        yield _t(build, PROV + "used", _iri(address))
        if source.sha256 in manifest.source_urls:
            yield _t(address, PROV + "atLocation", _iri(manifest.source_urls[source.sha256]))


_PLANS = {
    "reading": ("读法", "How files are read"),
    "forms": ("表样、词汇与分类", "Forms, vocabulary and code lists"),
    "rules": ("结构规则与勾稽规则", "Structure and accounting rules"),
}


def _distribution(dataset: str, name: str, address: str, media_type: str, compression: str) -> Iterator[str]:
    node = f"{dataset}#{name}"
    yield _t(dataset, DCAT + "distribution", _iri(node))
    yield _t(node, TYPE, _iri(DCAT + "Distribution"))
    yield _t(node, DCTERMS + "title", _text(local_name(address)))
    yield _t(node, DCAT + "downloadURL", _iri(address))
    yield _t(node, DCAT + "accessURL", _iri(address))
    yield _t(node, DCAT + "mediaType", _iri(_MEDIA_TYPE + media_type))
    yield _t(node, DCTERMS + "format", _iri(_MEDIA_TYPE + media_type))
    yield _t(node, DCTERMS + "license", _iri(LICENCE_DATA))
    yield _t(node, DCATAP + "availability", _iri(_STABLE))
    if compression:
        yield _t(node, DCAT + "compressFormat", _iri(_MEDIA_TYPE + compression))


def _measured_distribution(manifest: Manifest, download: Download) -> Iterator[str]:
    """A download with its size and checksum, as a distribution of the disclosure or release that it holds."""
    dataset = download.iri or dataset_iri(manifest)
    address = f"{manifest.base_uri}dumps/{download.path}"
    name = download.path.removeprefix(f"disclosures/{dataset.partition('id/disclosure/')[2]}")
    name = name.removeprefix(f"{manifest.id}.").strip("./").replace(".", "-").replace("/", "-")
    compression = {".gz": "application/gzip", ".zst": "application/zstd"}.get(Path(download.path).suffix, "")
    yield from _distribution(dataset, name, address, download.media_type, compression)
    node, checksum = f"{dataset}#{name}", f"{dataset}#{name}-sha256"
    yield _t(node, DCAT + "byteSize", _text(str(download.size_bytes), datatype=XSD + "nonNegativeInteger"))
    yield _t(node, SPDX + "checksum", _iri(checksum))
    yield _t(checksum, TYPE, _iri(SPDX + "Checksum"))
    yield _t(checksum, SPDX + "algorithm", _iri(SPDX + "checksumAlgorithm_sha256"))
    yield _t(checksum, SPDX + "checksumValue", _text(download.sha256, datatype=XSD + "hexBinary"))


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
    yield from _linksets(dataset, counts)


def _linksets(dataset: str, counts: _Counts) -> Iterator[str]:
    """VoID §5.1: the links into each other dataset, by predicate."""
    for (predicate, space), number in counts.links.items():
        node = f"{dataset}#links-{local_name(predicate[1:-1])}-{_slug(space)}"
        target = f"{dataset}#dataset-{_slug(space)}"
        yield _t(node, TYPE, _iri(VOID + "Linkset"))
        yield _t(node, VOID + "subjectsTarget", _iri(dataset))
        yield _t(node, VOID + "objectsTarget", _iri(target))
        yield _t(node, VOID + "linkPredicate", predicate)
        yield _t(node, VOID + "triples", _count_text(number))
        yield _t(target, TYPE, _iri(VOID + "Dataset"))
        yield _t(target, VOID + "uriSpace", _text(space))
        yield _t(dataset, VOID + "subset", _iri(node))


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


def _date(day: str) -> str:
    return _text(day, datatype=XSD + "date")


def _text(value: str, language: str = "", datatype: str = "") -> str:
    # JSON's escapes of quotes, backslashes and control characters are N-Quads' too (\b \f \n \r \t \" \\ \uXXXX).
    quoted = json.dumps(value, ensure_ascii=False)
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^<{datatype}>" if datatype else quoted
