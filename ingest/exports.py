"""The exports other tools rely on: one row per figure, indicator, claim or finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Protocol

from mingzhang.ingest.amounts import in_yuan, plain
from mingzhang.ingest.document import Claim, Indicator
from mingzhang.ingest.facts import Figure, code_columns
from mingzhang.ingest.graph import fact_iri
from mingzhang.ingest.iris import Names
from mingzhang.ingest.reading import Reading

EXPORT_COLUMNS: dict[str, tuple[str, ...]] = {
    "figures": (
        "document", "line", "nth", "page", "token", "value", "unit", "amount", "table", "table_no", "row_label",
        "column", "functional_code", "dept_economic_code", "gov_economic_code", "unit_code", "unit_name",
        "fund_source", "expenditure_kind", "flow", "fiscal_year", "phase", "project", "certainty", "candidates",
        "figure", "fact", "three_public_item", "proof", "no_fact_because",
    ),
    "indicators": (
        "document", "line", "page", "scope", "project", "project_amount", "unit_name", "level1", "level2", "level3",
        "operator", "value", "measure_unit", "weight", "direction", "indicator", "printed", "likely_operator",
    ),
    "claims": (
        "document", "line", "token", "value", "unit", "subject", "year", "relation", "agrees", "figure", "direction",
        "fact",
    ),
    "findings": (
        "document", "line", "rule", "severity", "difference", "message_zh", "message_en", "figures", "finding",
    ),
}  # fmt: skip


class FindingRow(Protocol):
    """What a finding must offer to be exported; the shapes' runner makes them."""

    @property
    def line(self) -> int | None: ...
    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def difference(self) -> Decimal | None: ...
    @property
    def message_zh(self) -> str: ...
    @property
    def message_en(self) -> str: ...
    @property
    def figures(self) -> tuple[str, ...]: ...


def export_rows(
    reading: Reading, kind: str, base_uri: str, findings: Sequence[tuple[str, FindingRow]] = ()
) -> Iterator[dict[str, str]]:
    """The rows of one kind (`figures`, `indicators`, `claims`, `findings`), every column of EXPORT_COLUMNS present.

    `findings` come from the shapes, each with its IRI.
    """
    names = reading.names(base_uri)
    if kind == "figures":
        titles = {table.number: table.title for table in reading.tables}
        for figure in reading.figures:
            yield _figure_row(figure, titles[figure.table], names, reading)
    elif kind == "indicators":
        for indicator in reading.indicators:
            yield _indicator_row(indicator, names, reading)
    elif kind == "claims":
        for claim in reading.prose.claims:
            yield _claim_row(claim, names, reading)
    elif kind == "findings":
        for iri, finding in findings:
            yield finding_row(reading.source.name, iri, finding)
    else:
        raise KeyError(kind)


def number(value: Decimal | None) -> str:
    """A number in digits, without exponent; empty for none."""
    return "" if value is None else f"{plain(value):f}"


def _page(reading: Reading, line: int) -> str:
    """The page of a line; empty where the source has no pages."""
    page = reading.places.page(line)
    return "" if page is None else str(page)


def _slug(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def _figure_row(figure: Figure, title: str, names: Names, reading: Reading) -> dict[str, str]:
    codes = code_columns(figure)
    unit = figure.dimension("budgetUnit")
    project = figure.dimension("project")
    return {
        "document": reading.source.name,
        "line": str(figure.amount.line),
        "nth": str(figure.amount.nth),
        "page": _page(reading, figure.amount.line),
        "token": figure.amount.token,
        "value": f"{figure.amount.value:f}",
        "unit": figure.unit,
        "amount": number(in_yuan(figure.amount.value, figure.unit)) if figure.unit else "",
        "table": title,
        "table_no": str(figure.table),
        "row_label": figure.label,
        "column": " / ".join(figure.column),
        "functional_code": codes.get("functional", ""),
        "dept_economic_code": codes.get("dept-economic", ""),
        "gov_economic_code": codes.get("gov-economic", ""),
        "unit_code": unit if unit.isdigit() else "",
        "unit_name": reading.units.get(unit, ""),
        "fund_source": _slug(figure.dimension("fundSource")),
        "expenditure_kind": _slug(figure.dimension("expenditureKind")),
        "flow": _slug(figure.dimension("flow")),
        "fiscal_year": figure.dimension("fiscalYear"),
        "phase": _slug(figure.dimension("phase")),
        "project": "" if project == "all" else project,
        "certainty": figure.certainty.value,
        "candidates": " | ".join(" / ".join(path) for path in figure.candidates),
        "figure": names.figure(*figure.key),
        "fact": fact_iri(names, figure) if figure.dimensions else "",
        "three_public_item": _slug(figure.dimension("threePublicItem")),
        "proof": "; ".join(figure.proof),
        "no_fact_because": figure.unclear,
    }


def _indicator_row(indicator: Indicator, names: Names, reading: Reading) -> dict[str, str]:
    return {
        "document": reading.source.name,
        "line": str(indicator.line),
        "page": _page(reading, indicator.line),
        "scope": indicator.scope,
        "project": indicator.project,
        "project_amount": indicator.project_amount,
        "unit_name": indicator.unit_name,
        "level1": indicator.level1,
        "level2": indicator.level2,
        "level3": indicator.level3,
        "operator": indicator.operator,
        "value": indicator.value,
        "measure_unit": indicator.measure_unit,
        "weight": indicator.weight,
        "direction": indicator.direction,
        "indicator": names.indicator(indicator.line, indicator.nth),
        "printed": indicator.printed,
        "likely_operator": indicator.likely_operator,
    }


def _claim_row(claim: Claim, names: Names, reading: Reading) -> dict[str, str]:
    key = (claim.line, claim.start)
    tied = reading.prose.facts.get(key)
    return {
        "document": reading.source.name,
        "line": str(claim.line),
        "token": claim.token,
        "value": f"{claim.value:f}",
        "unit": claim.unit,
        "subject": claim.subject,
        "year": str(claim.year),
        "relation": claim.relation,
        "agrees": reading.prose.agreements.get(key, "n/a"),
        "figure": names.claim(*key),
        "direction": claim.direction,
        "fact": fact_iri(names, tied) if tied else "",
    }


def finding_row(document: str, iri: str, finding: FindingRow) -> dict[str, str]:
    """A row of the `findings` export. `document`: the name of the file that prints the figure in question."""
    return {
        "document": document,
        "line": "" if finding.line is None else str(finding.line),
        "rule": finding.rule,
        "severity": finding.severity,
        "difference": number(finding.difference),
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "figures": " ".join(finding.figures),
        "finding": iri,
    }
