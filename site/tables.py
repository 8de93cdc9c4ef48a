"""Tables of a release for spreadsheets and data frames: facts with labels beside their codes, CSV to Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from mingzhang.release import Release
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


def fact_rows(release: Release) -> list[tuple[str, ...]]:
    """One row a fact in the order of `FACT_COLUMNS`, sorted by IRI. `amount` is in yuan."""
    graph = read_graph(release)
    leaf_of: dict[str, list[str]] = {}
    for scheme, facts in sorted(graph.leaves.items()):
        for fact in facts:
            leaf_of.setdefault(fact, []).append(local_name(scheme))
    return [_fact_row(graph, fact, leaf_of.get(fact, [])) for fact in graph.instances("Fact")]


def _fact_row(graph: ReleaseGraph, fact: str, leaf_of: Sequence[str]) -> tuple[str, ...]:
    row = [fact, graph.text(fact, QB + "dataSet")]
    for column, name in DIMENSIONS:
        value = graph.text(fact, MZ + name)
        row.append(value)
        if column in _LABELLED:
            row.append(graph.name(value) if value else "")
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


def _is_words(name: str, columns: Sequence[str]) -> bool:
    """Whether a column that holds numbers in one export holds words in this one.

    An indicator's target may be 优良, and a finding lists its figures where a fact counts them.
    """
    return (name == "value" and "indicator" in columns) or (name == "figures" and "finding" in columns)


def write_parquet(source: Path, target: Path) -> int:
    """Writes a CSV file as Parquet and returns its number of rows. Empty cells of number columns are null."""
    with source.open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(lines), [])
    types = {
        name: pa.string() if _is_words(name, columns) else _TYPES.get(name, pa.string()) for name in columns
    }
    table = pa_csv.read_csv(
        source,
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    )
    pa_parquet.write_table(table, target, compression="zstd")
    return int(table.num_rows)
