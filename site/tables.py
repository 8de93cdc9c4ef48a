"""Tables of a release for spreadsheets and data frames: facts with labels beside their codes, CSV to Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from mingzhang.release import DisclosureEntry, Release
from mingzhang.site.graph import ReleaseGraph, read_graph
from mingzhang.site.namespaces import MZ, QB, local_name

DIMENSIONS = (
    ("department", "department"),
    ("budget_unit", "budgetUnit"),
    ("fiscal_year", "fiscalYear"),
    ("phase", "phase"),
    ("flow", "flow"),
    ("fund_source", "fundSource"),
    ("functional_class", "functionalClass"),
    ("dept_economic_class", "departmentEconomicClass"),
    ("gov_economic_class", "governmentEconomicClass"),
    ("expenditure_kind", "expenditureKind"),
    ("three_public_item", "threePublicItem"),
    ("project", "project"),
)
"""Column name → property of a fact."""

_LABELLED = tuple(column for column, _ in DIMENSIONS if column != "fiscal_year")

FACT_COLUMNS = (
    "fact",
    "disclosure",
    *(
        name
        for column, _ in DIMENSIONS
        for name in ((column, f"{column}_label") if column in _LABELLED else (column,))
    ),
    "amount",
    "certainty",
    "figures",
    "leaf_of",
    "label",
)

FactRow = tuple[str, ...]

_PARQUET_BLOCK_BYTES = 8 << 20

# Columns with numbers; everything else stays text, so that 208 and 0208 are not confused.
_TYPES = {
    "line": pa.int64(),
    "nth": pa.int64(),
    "page": pa.int64(),
    "table_no": pa.int64(),
    "figures": pa.int64(),
    "amount": pa.decimal128(30, 6),
    "value": pa.decimal128(30, 8),
    "difference": pa.decimal128(30, 8),
}


FIGURE_LABELS = {
    "functional_code": "code/functional",
    "dept_economic_code": "code/dept-economic",
    "gov_economic_code": "code/gov-economic",
    "fund_source": "fund-source",
    "expenditure_kind": "expenditure-kind",
    "flow": "flow",
    "phase": "phase",
    "three_public_item": "three-public",
}
"""Column of the figures export → the code list that its codes are of; a column with the label is added for each."""


class Labels:
    """What the codes of a release are called: by its code lists, and by a disclosure for the codes these lack."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._base = release.manifest.base_uri
        self._lists = read_graph(release, (f"{self._base}graph/codelists",))
        self.own = ReleaseGraph(self._base)

    def turn_to(self, entry: DisclosureEntry) -> ReleaseGraph:
        """The graph of a disclosure, whose labels count until the next is turned to."""
        self.own = read_graph(self._release, (entry.graph,))
        return self.own

    def name(self, iri: str) -> str:
        """The label of an IRI, at worst the end of it."""
        known = self._lists if iri in self._lists.about else self.own
        return known.name(iri)

    def of_code(self, scheme: str, code: str) -> str:
        """The label of a code as the exports write it; empty where nothing names it."""
        iri = f"{self._base}id/{scheme}/{code}"
        return self.name(iri) if code and (iri in self._lists.about or iri in self.own.about) else ""


def leaf_schemes(release: Release) -> dict[str, list[str]]:
    """Fact → the code lists along which it may be summed."""
    leaves = read_graph(release, (release.leaves_graph,)).leaves
    leaf_of: dict[str, list[str]] = {}
    for scheme, facts in sorted(leaves.items()):
        for fact in facts:
            leaf_of.setdefault(fact, []).append(local_name(scheme))
    return leaf_of


def fact_rows(graph: ReleaseGraph, labels: Labels, leaf_of: Mapping[str, Sequence[str]]) -> Iterator[FactRow]:
    """One row a fact of a disclosure in the order of `FACT_COLUMNS`, sorted by IRI. `amount` is in yuan."""
    return (_fact_row(graph, labels, fact, leaf_of.get(fact, [])) for fact in graph.instances("Fact"))


def _fact_row(graph: ReleaseGraph, labels: Labels, fact: str, leaf_of: Sequence[str]) -> FactRow:
    row = [fact, graph.text(fact, QB + "dataSet")]
    for column, name in DIMENSIONS:
        value = graph.text(fact, MZ + name)
        row.append(value)
        if column in _LABELLED:
            row.append(labels.name(value) if value else "")
    row += [
        graph.text(fact, MZ + "amount"),
        local_name(graph.text(fact, MZ + "certainty")).lower(),
        str(len(graph.texts(fact, MZ + "statedBy"))),
        " ".join(leaf_of),
        graph.name(fact),
    ]
    return tuple(row)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes RFC 4180 CSV, UTF-8, lines ending in LF."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def is_words(name: str, columns: Sequence[str]) -> bool:
    """Whether a column that holds numbers in one export holds words in this one.

    An indicator's target may be 优良, and a finding lists its figures where a fact counts them.
    """
    return (name == "value" and "indicator" in columns) or (name == "figures" and "finding" in columns)


def write_parquet(source: Path, target: Path) -> int:
    """Writes a CSV file as Parquet and returns its number of rows. Empty cells of number columns are null."""
    with source.open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(lines), [])
    types = {
        name: pa.string() if is_words(name, columns) else _TYPES.get(name, pa.string()) for name in columns
    }
    rows = 0
    # A block at a time: the figures of ten thousand disclosures do not fit in memory.
    with (
        pa_csv.open_csv(
            source,
            read_options=pa_csv.ReadOptions(block_size=_PARQUET_BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        ) as reader,
        pa_parquet.ParquetWriter(target, reader.schema, compression="zstd") as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows
