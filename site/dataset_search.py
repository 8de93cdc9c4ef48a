"""The release as `schema:Dataset`, in the terms that dataset search engines read (schema.org, in JSON-LD)."""

from __future__ import annotations

from typing import Any

from mingzhang.release import Manifest
from mingzhang.site.jsonld import script_json
from mingzhang.site.namespaces import LICENCE_DATA

_WHOLE = (
    ("ttl", "text/turtle"),
    ("nt.gz", "application/n-triples"),
    ("nq.gz", "application/n-quads"),
    ("jsonld.gz", "application/ld+json"),
)
_TABLES = (
    ("facts.csv", "text/csv"),
    ("facts.parquet", "application/vnd.apache.parquet"),
    ("figures.csv", "text/csv"),
)


def dataset_jsonld(manifest: Manifest) -> str:
    """The description for a page's `<script>`. It names only downloads that every release has."""
    base = manifest.base_uri
    publisher = {"@type": "Organization", "@id": f"{base}.well-known/void#publisher", "name": manifest.title}
    files = [(f"{manifest.id}.{suffix}", kind) for suffix, kind in _WHOLE] + list(_TABLES)
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": f"{base}id/release/{manifest.id}",
        "name": "明账 Mingzhang",
        "description": (
            "政府部门预算公开数据，每一个数可追溯到印出它的那一行。 Budget disclosures of Chinese government departments as "
            "linked data: every figure can be followed to the line that prints it."
        ),
        "url": base,
        "identifier": f"{base}id/release/{manifest.id}",
        "version": manifest.id,
        "datePublished": manifest.date,
        "dateModified": manifest.date,
        "license": LICENCE_DATA,
        "isAccessibleForFree": True,
        "inLanguage": "zh-Hans",
        "keywords": ["部门预算", "决算", "预算公开", "budget", "government spending", "linked data"],
        "creator": publisher,
        "publisher": publisher,
        "includedInDataCatalog": {"@type": "DataCatalog", "name": manifest.title, "url": base},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": f"{base}dumps/{name}"}
            for name, kind in files
        ],
    }
    years = sorted(entry.year for entry in manifest.disclosures)
    if years:
        document["temporalCoverage"] = f"{years[0]}-01-01/{years[-1]}-12-31"
        document["spatialCoverage"] = sorted({entry.division_name for entry in manifest.disclosures})
    return script_json(document)
