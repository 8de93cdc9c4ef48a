"""A reading → the named graph of its disclosure, as docs/model.md shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mingzhang.ingest.amounts import in_yuan, parse_amount
from mingzhang.ingest.codebook import scheme_of
from mingzhang.ingest.document import Certainty, Claim, Indicator, ReadTable
from mingzhang.ingest.facts import Fact, Figure
from mingzhang.ingest.indicator_words import indicator_words
from mingzhang.ingest.iris import Names
from mingzhang.ingest.leaf_checks import describe_leaf_checks
from mingzhang.ingest.places import Places
from mingzhang.ingest.prose_links import ClaimLink
from mingzhang.ingest.quads import GraphWriter, boolean, decimal, integer, iri, term, text, typed
from mingzhang.ingest.reading import Reading
from mingzhang.ontology.lexicon import load_lexicon, normal_label, normal_text

CERTAINTIES = {
    Certainty.PRINTED: "mz:Printed",
    Certainty.RECONCILED: "mz:Reconciled",
    Certainty.AMBIGUOUS: "mz:Ambiguous",
}
RELATIONS = {
    "amount": "mz:AmountClaim",
    "share": "mz:ShareClaim",
    "change_amount": "mz:ChangeAmountClaim",
    "change_percent": "mz:ChangePercentClaim",
    "count": "mz:CountClaim",
}
_CODE_CLASSES = {
    "functional": "mz:FunctionalClass",
    "dept-economic": "mz:DepartmentEconomicClass",
    "gov-economic": "mz:GovernmentEconomicClass",
}
# 政府收支分类科目, 部门预算支出经济分类: 30212 因公出国（境）费用, 30217 公务接待费, 30231 公务用车运行维护费.
_CLASS_OF_ITEM = {
    "id/three-public/overseas": "id/code/dept-economic/30212",
    "id/three-public/hospitality": "id/code/dept-economic/30217",
    "id/three-public/vehicle-running": "id/code/dept-economic/30231",
}
_PART_OF = {"part": "mz:statedPartOf", "item-change": "mz:itemChangeOf"}
_MONEY = ("元", "千元", "万元", "亿元")


def reading_nquads(reading: Reading, base_uri: str) -> list[str]:
    """The N-Quads lines of a disclosure's named graph, sorted, findings not included."""
    names = reading.names(base_uri)
    graph = GraphWriter(names.graph)
    _describe_disclosure(graph, names, reading)
    _describe_bodies(graph, names, reading)
    _describe_tables(graph, names, reading)
    for figure in reading.figures:
        _describe_figure(graph, names, figure, reading.places)
    for fact in reading.facts:
        describe_fact(graph, names, fact, reading)
    _link_same_money(graph, names, reading.facts)
    for relation in reading.relations:
        total = names.figure(relation.sum.total.line, relation.sum.total.nth)
        parts = [names.figure(part.line, part.nth) for part in relation.sum.parts]
        subject = names.sum(total, *parts)
        graph.add_type(subject, "mz:SumRelation")
        graph.add(subject, "mz:relationKind", text(relation.kind))
        graph.add(subject, "mz:total", iri(total))
        for part in parts:
            graph.add(subject, "mz:part", iri(part))
        graph.add(subject, "mz:inTable", iri(names.table(relation.table)))
        graph.add(subject, "dcterms:isPartOf", iri(names.disclosure))
    for indicator in reading.indicators:
        _describe_indicator(graph, names, indicator, reading)
    for claim in reading.prose.claims:
        _describe_claim(graph, names, claim, reading)
    for link in reading.prose.links:
        _describe_link(graph, names, link, reading.prose.claims)
    _describe_ledger(graph, names, reading)
    describe_leaf_checks(graph, names, reading)
    _describe_codes(graph, names, reading)
    _describe_forms(graph, names, reading)
    joined = [line for part in reading.joined for line in reading_nquads(part, base_uri)]
    return sorted({*graph.lines(), *joined}) if joined else graph.lines()


def _describe_disclosure(graph: GraphWriter, names: Names, reading: Reading) -> None:
    identity, source = reading.identity, reading.source
    graph.add_type(names.disclosure, "mz:Disclosure", "qb:DataSet", "dcat:Dataset")
    graph.add_all(
        names.disclosure,
        [
            ("dcterms:title", text(reading.title, "zh")),
            ("mz:department", iri(names.department)),
            ("mz:division", iri(names.iri(f"id/division/{identity.division}"))),
            ("mz:fiscalYear", typed(str(identity.year), "gYear")),
            ("mz:phase", iri(names.iri(f"id/phase/{'final' if identity.kind == 'final' else 'initial'}"))),
            ("dcterms:source", iri(names.source)),
            ("qb:structure", term("mz:dsd")),
        ],
    )
    graph.add_type(names.source, "mz:SourceDocument", "prov:Entity")
    graph.add_all(
        names.source,
        [
            ("mz:sha256", text(source.sha256)),
            ("mz:fileName", text(source.name)),
            ("dcterms:extent", integer(source.size_bytes)),
            ("mz:lineCount", integer(reading.line_count)),
            ("dcterms:format", text(source.media_type)),
        ],
    )


def _describe_bodies(graph: GraphWriter, names: Names, reading: Reading) -> None:
    identity = reading.identity
    graph.add_type(names.department, "mz:Department", "org:Organization")
    graph.add(names.department, "skos:prefLabel", text(identity.body_name, "zh"))
    graph.add(names.department, "mz:division", iri(names.iri(f"id/division/{identity.division}")))
    if identity.code:
        graph.add(names.department, "mz:departmentCode", text(identity.code))
    for key, name in sorted(reading.units.items()):
        subject = names.unit(key)
        graph.add_type(subject, "mz:BudgetUnit", "org:OrganizationalUnit")
        graph.add(subject, "skos:prefLabel", text(name, "zh"))
        graph.add(subject, "org:unitOf", iri(names.department))
        if key != normal_text(name) and key.isdigit():
            graph.add(subject, "mz:unitCode", text(key))
    for project in reading.projects.listed:
        subject = names.project(project.name, project.whose)
        graph.add_type(subject, "mz:Project")
        graph.add(subject, "skos:prefLabel", text(project.name, "zh"))
        graph.add(subject, "mz:department", iri(names.department))
        if project.unit:
            graph.add(subject, "mz:budgetUnit", iri(names.unit(project.unit)))
        if project.amount_yuan is not None:
            graph.add(subject, "mz:projectAmount", decimal(project.amount_yuan))


def _describe_tables(graph: GraphWriter, names: Names, reading: Reading) -> None:
    for table in reading.tables:
        subject = names.table(table.number)
        form = reading.forms.get(table.number, "")
        graph.add_type(subject, "mz:Table")
        graph.add_all(
            subject,
            [
                ("dcterms:title", text(table.title, "zh")),
                ("mz:tableNumber", integer(table.number)),
                ("mz:form", iri(names.iri(f"id/form/{form}")) if form else ""),
                ("mz:printedUnit", text(table.unit) if table.unit else ""),
                ("mz:firstLine", integer(table.first_line)),
                ("mz:lastLine", integer(max([table.last_line, *(last for _, last in table.other_lines)]))),
                ("mz:publishedEmpty", boolean(table.published_empty)),
                ("mz:decimalPlaces", integer(_decimal_places(table)) if table.rows else ""),
                ("dcterms:isPartOf", iri(names.disclosure)),
            ],
        )


def _decimal_places(table: ReadTable) -> int:
    """The most decimal places an amount of the table prints: some programs drop closing zeros."""
    printed = [cell.amount.decimals for row in table.rows for side in row.sides for cell in side.cells]
    return max(printed, default=0)


def _describe_figure(graph: GraphWriter, names: Names, figure: Figure, places: Places) -> None:
    subject = names.figure(*figure.key)
    page = places.page(figure.amount.line)
    graph.add_type(subject, "mz:TableFigure", "mz:Figure")
    graph.add_all(
        subject,
        [
            ("mz:token", text(figure.amount.token)),
            ("mz:value", decimal(figure.amount.value)),
            ("mz:printedUnit", text(figure.unit) if figure.unit else ""),
            ("mz:figureAmount", decimal(in_yuan(figure.amount.value, figure.unit)) if figure.unit else ""),
            ("mz:rowLabel", text(figure.label) if figure.label else ""),
            ("mz:columnPath", text(" / ".join(figure.column)) if figure.column else ""),
            ("mz:inTable", iri(names.table(figure.table))),
            ("mz:line", integer(figure.amount.line)),
            ("mz:nth", integer(figure.amount.nth)),
            ("mz:page", integer(page) if page is not None else ""),
            ("mz:place", iri(names.place(places.fragment(figure.amount.line, figure.amount.start)))),
            ("mz:certainty", term(CERTAINTIES[figure.certainty])),
            ("prov:wasDerivedFrom", iri(names.source)),
            ("mz:states", iri(fact_iri(names, figure)) if figure.dimensions else ""),
        ],
    )
    for code in figure.codes:
        graph.add(subject, "mz:codePrinted", text(code))
    for path in figure.candidates:
        graph.add(subject, "mz:candidate", text(" / ".join(path)))
    for equation in figure.proof:
        graph.add(subject, "mz:proof", text(equation))


def fact_iri(names: Names, item: Figure | Fact) -> str:
    """The IRI of the fact that a figure states, or of a fact."""
    return names.fact(dict(item.dimensions))


def describe_fact(graph: GraphWriter, names: Names, fact: Fact, reading: Reading) -> None:
    """All triples of a fact, in whatever graph."""
    subject = fact_iri(names, fact)
    graph.add_type(subject, "mz:Fact", "qb:Observation")
    graph.add(subject, "qb:dataSet", iri(names.disclosure))
    graph.add(subject, "rdfs:label", text(reading.fact_label(fact), "zh"))
    for name, value in fact.dimensions:
        if name == "project":
            value_iri = iri(names.project(*reading.projects.of_fact(fact)))
        else:
            value_iri = _dimension_value(names, name, value)
        graph.add(subject, f"mz:{name}", value_iri)
    graph.add(subject, "mz:amount", decimal(fact.amount_yuan))
    graph.add(subject, "mz:certainty", term(CERTAINTIES[fact.certainty]))
    for figure in fact.figures:
        graph.add(subject, "mz:statedBy", iri(names.figure(*figure.key)))
    for part in reading.parts:
        part_names = part.names(names.base)
        for place in part.prose.places(fact):
            graph.add(subject, "mz:statedBy", iri(part_names.claim(*place)))


def _link_same_money(graph: GraphWriter, names: Names, facts: Sequence[Fact]) -> None:
    """“三公” facts → the facts of the economic class that are the same money: all other dimensions are equal."""
    by_dimensions = {fact.dimensions: fact for fact in facts}
    for fact in facts:
        code = _CLASS_OF_ITEM.get(fact.dimension("threePublicItem"))
        if code is None:
            continue
        changed = {"threePublicItem": "id/three-public/not-applicable", "departmentEconomicClass": code}
        wanted = tuple((name, changed.get(name, value)) for name, value in fact.dimensions)
        if wanted in by_dimensions:
            same = fact_iri(names, by_dimensions[wanted])
            graph.add(fact_iri(names, fact), "mz:sameMoneyAs", iri(same))


def _dimension_value(names: Names, name: str, value: str) -> str:
    if name == "fiscalYear":
        return typed(value, "gYear")
    if name == "department":
        return iri(names.department)
    if name == "budgetUnit":
        return iri(names.unit(value))
    return iri(names.iri(value))


def _describe_indicator(graph: GraphWriter, names: Names, indicator: Indicator, reading: Reading) -> None:
    subject = names.indicator(indicator.line, indicator.nth)
    graph.add_type(subject, "mz:Indicator")
    words = [
        ("mz:scope", indicator.scope),
        ("mz:level1", indicator.level1),
        ("mz:level2", indicator.level2),
        ("mz:level3", indicator.level3),
        ("mz:operator", indicator.operator),
        ("mz:likelyOperator", indicator.likely_operator),
        ("mz:printed", indicator.printed),
        ("mz:targetValue", indicator.value),
        ("mz:measureUnit", indicator.measure_unit),
        ("mz:direction", indicator.direction),
    ]
    graph.add_all(subject, [(name, text(value) if value else "") for name, value in words])
    for name, printed in (("mz:targetNumber", indicator.value), ("mz:weight", indicator.weight)):
        number = _number(printed)
        if number:
            graph.add(subject, name, number)
    known = indicator_words()
    for name, entry in (
        ("mz:indicatorKind", known.kind(indicator.level1, indicator.level2)),
        ("mz:comparison", known.operators.get(indicator.operator, "")),
    ):
        if entry:
            graph.add(subject, name, iri(names.iri(entry)))
    graph.add(subject, "mz:line", integer(indicator.line))
    graph.add(subject, "mz:place", iri(names.place(reading.places.fragment(indicator.line))))
    graph.add(subject, "dcterms:isPartOf", iri(names.disclosure))
    graph.add(subject, "prov:wasDerivedFrom", iri(names.source))
    if indicator.project:
        graph.add(subject, "mz:ofProject", iri(names.project(*reading.projects.of_indicator(indicator))))


def _number(printed: str) -> str:
    """A decimal term for a printed number, with or without a per cent sign; empty where it is no number."""
    try:
        return decimal(parse_amount(printed.rstrip("%％")))
    except Exception as error:
        if type(error).__name__ != "BadAmount":
            raise
        return ""


def _describe_claim(graph: GraphWriter, names: Names, claim: Claim, reading: Reading) -> None:
    subject = names.claim(claim.line, claim.start)
    tied = reading.prose.facts.get((claim.line, claim.start))
    graph.add_type(subject, "mz:ProseFigure", "mz:Figure")
    graph.add_all(
        subject,
        [
            ("mz:token", text(claim.token)),
            ("mz:value", decimal(claim.value)),
            ("mz:printedUnit", text(claim.unit) if claim.unit else ""),
            ("mz:figureAmount", decimal(in_yuan(claim.value, claim.unit)) if claim.unit in _MONEY else ""),
            ("mz:claimSubject", text(claim.subject) if claim.subject else ""),
            ("mz:claimYear", typed(str(claim.year), "gYear")),
            ("mz:relation", term(RELATIONS[claim.relation])),
            ("mz:line", integer(claim.line)),
            ("mz:place", iri(names.place(reading.places.fragment(claim.line, claim.start)))),
            ("mz:changeDirection", text(claim.direction) if claim.direction else ""),
            ("mz:states", iri(fact_iri(names, tied)) if tied else ""),
            ("dcterms:isPartOf", iri(names.disclosure)),
            ("prov:wasDerivedFrom", iri(names.source)),
        ],
    )
    for line, nth in reading.prose.compared.get((claim.line, claim.start), ()):
        graph.add(subject, "mz:comparedWith", iri(names.figure(line, nth)))


def _describe_link(graph: GraphWriter, names: Names, link: ClaimLink, claims: Sequence[Claim]) -> None:
    """What a share, a growth rate or a change follows from, so that a shape can check it."""

    def claim(index: int) -> str:
        return names.claim(claims[index].line, claims[index].start)

    subject = claim(link.claim)
    if link.kind == "share" and link.whole is not None:
        graph.add(subject, "mz:sharePart", iri(claim(link.part)))
        graph.add(subject, "mz:shareOf", iri(claim(link.whole)))
    elif link.kind == "growth" and link.change is not None:
        graph.add(subject, "mz:currentFigure", iri(claim(link.part)))
        graph.add(subject, "mz:changeFigure", iri(claim(link.change)))
    elif link.kind in _PART_OF and link.whole is not None:
        graph.add(subject, _PART_OF[link.kind], iri(claim(link.whole)))
        if link.kind == "item-change":
            graph.add(claim(link.whole), "mz:currentFigure", iri(claim(link.part)))
    elif link.kind == "difference" and link.base is not None:
        graph.add(subject, "mz:currentFigure", iri(claim(link.part)))
        graph.add(subject, "mz:baseFigure", iri(claim(link.base)))


def _describe_ledger(graph: GraphWriter, names: Names, reading: Reading) -> None:
    for category, count in sorted(reading.ledger.counts.items()):
        subject = names.ledger(category)
        graph.add_type(subject, "mz:LedgerEntry")
        graph.add(subject, "mz:tokenCategory", text(category))
        graph.add(subject, "mz:count", integer(count))
        graph.add(subject, "dcterms:isPartOf", iri(names.disclosure))


def _describe_codes(graph: GraphWriter, names: Names, reading: Reading) -> None:
    """Codes that the disclosure uses and the code lists lack, with the name it prints, and those above them."""
    lexicon = load_lexicon()
    for code, label in _used_codes(reading.figures):
        scheme = scheme_of(code) or ""
        name = label
        while len(code) >= 3 and f"id/code/{scheme}/{code}" not in lexicon.concepts:
            subject = names.iri(f"id/code/{scheme}/{code}")
            parent = code[:-2] if len(code) > 3 else "all"
            graph.add_type(subject, _CODE_CLASSES[scheme], "skos:Concept")
            graph.add(subject, "skos:inScheme", iri(names.iri(f"id/scheme/{scheme}")))
            graph.add(subject, "skos:notation", text(code))
            graph.add(subject, "skos:prefLabel", text(name, "zh") if name else text(code, "zh"))
            graph.add(subject, "skos:broader", iri(names.iri(f"id/code/{scheme}/{parent}")))
            code, name = parent, ""


def _describe_forms(graph: GraphWriter, names: Names, reading: Reading) -> None:
    """The forms that the user added, of which no code list tells the name."""
    for slug, name in reading.own_forms.items():
        subject = names.iri(f"id/form/{slug}")
        graph.add_type(subject, "mz:Form", "skos:Concept")
        graph.add(subject, "skos:inScheme", iri(names.iri("id/scheme/form")))
        graph.add(subject, "skos:notation", text(slug))
        graph.add(subject, "skos:prefLabel", text(name, "zh"))


def _used_codes(figures: Iterable[Figure]) -> list[tuple[str, str]]:
    """(code, first label printed with it) of every code in the facts, projects aside."""
    found: dict[str, str] = {}
    for figure in figures:
        for name in ("functionalClass", "departmentEconomicClass", "governmentEconomicClass"):
            value = figure.dimension(name)
            if value and not value.endswith("/all"):
                code = value.rsplit("/", 1)[-1]
                label = normal_label(figure.label) if figure.dimension("project") == "all" else ""
                found[code] = found.get(code) or label
    return sorted(found.items())
