"""Each disclosure as a Frictionless data package: its tables as CSV, with `datapackage.json` that describes them.

Tabular Data Package 1.0 with the column types of the Fiscal Data Package 1.0rc1, Budget Standard Taxonomy, so that
tools know which column is the amount, the fiscal year, the function … Codes stand as codes here, not as IRIs.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from mingzhang.release import DisclosureEntry, Manifest
from mingzhang.site.namespaces import LICENCE_DATA
from mingzhang.site.tables import DIMENSIONS, FACT_COLUMNS, FactRow, is_words

DESCRIPTOR = "datapackage.json"
CURRENCY = "CNY"  # ISO 4217; disclosures print yuan and its multiples, nothing else

# Column of the facts here → the columns of `FACT_COLUMNS` it is made from, and its Fiscal Data Package type.
_COLUMN_TYPES = {
    "fact": "budget-line-id",
    "fiscal_year": "date:fiscal-year",
    "phase": "phase:id",
    "phase_label": "phase:label",
    "flow": "direction",
    "department": "administrative-classification:generic:level1:code",
    "department_label": "administrative-classification:generic:level1:label",
    "budget_unit": "administrative-classification:generic:level2:code",
    "budget_unit_label": "administrative-classification:generic:level2:label",
    "functional_class": "functional-classification:generic:code",
    "functional_class_label": "functional-classification:generic:label",
    "dept_economic_class": "economic-classification:generic:code",
    "dept_economic_class_label": "economic-classification:generic:label",
    "fund_source": "fin-source:generic:code",
    "fund_source_label": "fin-source:generic:label",
    "expenditure_kind": "expenditure-type:code",
    "expenditure_kind_label": "expenditure-type:label",
    "project": "activity:generic:project:code",
    "project_label": "activity:generic:project:label",
    "amount": "value",
    "currency": "value-currency:code",
}
_TITLES = {
    "facts": ("事实", "Facts"),
    "figures": ("印出的数", "Figures as printed"),
    "indicators": ("绩效指标", "Performance indicators"),
    "claims": ("文中说法", "Statements in prose"),
    "findings": ("发现", "Findings"),
}
_KEYS = {
    "facts": "fact",
    "figures": "figure",
    "indicators": "indicator",
    "claims": "figure",
    "findings": "finding",
}
_INTEGERS = frozenset({"line", "nth", "page", "table_no", "fiscal_year", "year", "figures"})
_NUMBERS = frozenset({"amount", "value", "difference", "project_amount", "weight"})
FACTS_HERE = (*(column for column in FACT_COLUMNS if column != "disclosure"), "currency")


class PackageWriter:
    """The tables of one disclosure's package, written row by row; `close` describes them."""

    def __init__(self, folder: Path, base_uri: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._base = f"{base_uri}id/"
        self._rows: dict[str, int] = {}
        self._columns: dict[str, Sequence[str]] = {}

    def write_facts(self, rows: Iterable[FactRow]) -> None:
        """Writes facts.csv, with codes for the IRIs of the dimensions."""
        self.write("facts", FACTS_HERE, map(self._fact_here, rows))

    def write(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Writes a table of the package."""
        count = 0
        with ExitStack() as stack:
            out: IO[str] = stack.enter_context(
                (self._folder / f"{name}.csv").open("w", encoding="utf-8", newline="")
            )
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                writer.writerow(row)
                count += 1
        self._rows[name], self._columns[name] = count, columns

    def _fact_here(self, row: FactRow) -> list[str]:
        values = dict(zip(FACT_COLUMNS, row, strict=True))
        for column, _ in DIMENSIONS:
            values[column] = self.code(values[column])
        return [*(values[column] for column in FACTS_HERE[:-1]), CURRENCY]

    def code(self, iri: str) -> str:
        """The code in an IRI of a dimension: `…id/code/functional/208` → 208; a department keeps its division."""
        kind, _, body = iri.removeprefix(self._base).partition("/")
        return body if kind == "department" and "/unit/" not in body else iri.rpartition("/")[2]

    def close(self, entry: DisclosureEntry, manifest: Manifest) -> dict[str, int]:
        """Writes `datapackage.json`; gives the rows of each table."""
        resources = [self._resource(name, self._columns[name]) for name in self._rows]
        text = json.dumps(descriptor(entry, manifest, resources), ensure_ascii=False, indent=1) + "\n"
        (self._folder / DESCRIPTOR).write_text(text, encoding="utf-8")
        return dict(self._rows)

    def _resource(self, name: str, columns: Sequence[str]) -> dict[str, Any]:
        data = (self._folder / f"{name}.csv").read_bytes()
        zh, en = _TITLES[name]
        return {
            "name": name,
            "title": f"{zh} {en}",
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": len(data),
            "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
            "schema": {
                "fields": [_field(column, name, columns) for column in columns],
                "missingValues": [""],
                "primaryKey": [_KEYS[name]] if _KEYS[name] in columns else [],
            },
        }


def _field(column: str, table: str, columns: Sequence[str]) -> Mapping[str, str]:
    kind = "string"
    if not is_words(column, columns):
        kind = "integer" if column in _INTEGERS else "number" if column in _NUMBERS else "string"
    if table == "indicators" and column in ("value", "weight"):
        kind = "string"  # 优良, 3 次, 10分: as printed
    field = {"name": column, "type": kind}
    if table == "facts" and column in _COLUMN_TYPES:
        field["columnType"] = _COLUMN_TYPES[column]
    return field


def descriptor(entry: DisclosureEntry, manifest: Manifest, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """The package's `datapackage.json`."""
    base = manifest.base_uri
    body = entry.iri.removeprefix(f"{base}id/disclosure/")
    kind = "final accounts" if entry.kind == "final" else "budget"
    return {
        "profile": "tabular-data-package",
        "name": f"mingzhang-{body.replace('/', '-')}",
        "id": entry.iri,
        "title": entry.title,
        "description": (
            f"{entry.department_name} {entry.year} {kind}, as disclosed; amounts in yuan. The same money is printed "
            "in totals and in parts: add up only facts whose leaf_of names the classification you sum along."
        ),
        "version": manifest.id,
        "created": f"{manifest.date}T00:00:00Z",
        "homepage": f"{base}doc/disclosure/{body}.html",
        "licenses": [
            {"name": "CC-BY-4.0", "path": LICENCE_DATA, "title": "Creative Commons Attribution 4.0"}
        ],
        "sources": [
            {"title": source.file_name, "path": f"{base}source/{source.sha256}"} for source in entry.sources
        ],
        "keywords": ["budget" if entry.kind == "budget" else "final accounts", entry.division_name],
        "countryCode": "CN",
        "fiscalPeriod": {"start": f"{entry.year}-01-01", "end": f"{entry.year}-12-31"},
        "resources": resources,
    }
