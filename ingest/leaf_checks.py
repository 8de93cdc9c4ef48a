"""Whether a disclosure can be summed along each classification, as statements of its graph: with the reason where not."""

from __future__ import annotations

from decimal import Decimal

from mingzhang.ingest.facts import Fact
from mingzhang.ingest.iris import Names
from mingzhang.ingest.leaf_sets import LeafCheck, leaf_checks
from mingzhang.ingest.quads import GraphWriter, decimal, integer, iri, text
from mingzhang.ingest.reading import Reading
from mingzhang.ontology.lexicon import Lexicon, load_lexicon

_WAN = Decimal(10_000)
_NAMES = {
    "functional": ("功能分类", "functional class"),
    "dept-economic": ("部门预算支出经济分类", "departmental economic class"),
    "gov-economic": ("政府预算支出经济分类", "governmental economic class"),
    "expenditure-kind": ("支出类别", "kind of expenditure"),
    "fund-source": ("资金来源", "source of funds"),
}


def describe_leaf_checks(graph: GraphWriter, names: Names, reading: Reading) -> None:
    """One `mz:LeafCheck` for each classification along which the disclosure states any fact."""
    lexicon = load_lexicon()
    for check in leaf_checks(reading.facts, lexicon):
        subject = names.iri(f"id/leaves/{names.sha256[:12]}/{check.classification}")
        graph.add_type(subject, "mz:LeafCheck")
        zh, en = words(check, lexicon)
        graph.add_all(
            subject,
            [
                ("rdfs:label", text(f"{_NAMES[check.classification][0]}可否相加", "zh")),
                ("rdfs:comment", text(zh, "zh")),
                ("mz:leafScheme", iri(names.iri(f"id/scheme/{check.classification}"))),
                ("mz:leafOutcome", text(check.outcome)),
                ("mz:leafCount", integer(len(check.facts))),
                ("mz:leafSum", decimal(check.sum_yuan) if check.facts else ""),
                ("dcterms:isPartOf", iri(names.disclosure)),
            ],
        )
        graph.add(subject, "rdfs:comment", text(en, "en"))
        if check.total is not None:
            graph.add(subject, "mz:leafTotal", iri(names.fact(dict(check.total.dimensions))))
            if check.facts:
                graph.add(subject, "mz:leafDifference", decimal(check.sum_yuan - check.total.amount_yuan))


def words(check: LeafCheck, lexicon: Lexicon) -> tuple[str, str]:
    """What came of the check, in a sentence of Chinese and one of English."""
    zh, en = _NAMES[check.classification]
    count, summed = len(check.facts), _wan(check.sum_yuan)
    many = f"The one fact by {en} adds up" if count == 1 else f"The {count} facts by {en} add up"
    if check.total is None:
        return (
            f"没有读到部门总计，不能核对按{zh}的相加。",
            f"No total of the department was read, so sums by {en} cannot be checked.",
        )
    total = _wan(check.total.amount_yuan)
    if check.outcome == "exact":
        return (
            f"按{zh}的 {count} 个事实之和正是印出的总计 {total} 万元。",
            f"{many} to exactly the printed total of {total} 万元.",
        )
    if check.outcome == "rounding":
        off = _wan(check.sum_yuan - check.total.amount_yuan)
        return (
            f"按{zh}的 {count} 个事实之和为 {summed} 万元，印出的总计为 {total} 万元，相差 {off} 万元，在四舍五入之内。",
            (
                f"{many} to {summed} 万元; the printed total is {total} 万元, {off} 万元 off, "
                "which rounding explains."
            ),
        )
    if not check.facts:
        return (
            f"没有一组按{zh}的事实涵盖整个部门，不能按它相加到总计 {total} 万元。",
            f"No set of facts by {en} covers the whole department, so they do not add up to the total of {total} 万元.",
        )
    part = _part(check.facts[0], lexicon)
    if check.sum_yuan > check.total.amount_yuan:
        why = ("它们的范围与总计不同", "they are not of the same scope as the total")
    else:
        why = ("其余部分没有按此分类读出", "the rest was not read by this classification")
    return (
        f"按{zh}印出的 {count} 个事实（{part}）之和为 {summed} 万元，不是总计 {total} 万元：{why[0]}。",
        f"{many} ({part}) to {summed} 万元, not to the total of {total} 万元: {why[1]}.",
    )


def _part(fact: Fact, lexicon: Lexicon) -> str:
    """What the facts are of, beside their classification: 一般公共预算、基本支出."""
    keys = [fact.dimension(name) for name in ("fundSource", "expenditureKind")]
    return "、".join(lexicon.concepts[key].name for key in keys if key in lexicon.concepts)


def _wan(yuan: Decimal) -> str:
    """Yuan as 万元, grouped, with at least two decimals and nothing cut off."""
    value = (yuan / _WAN).normalize()
    decimals = max(2, -int(value.as_tuple().exponent))
    return f"{value:,.{decimals}f}"
