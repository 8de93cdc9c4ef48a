"""The interface's own words, Chinese and English: what kinds of things, how sure, what was counted."""

from __future__ import annotations

from typing import Final

Words = tuple[str, str]
"""Chinese, English."""

KINDS: Final[dict[str, Words]] = {
    "department": ("部门", "Department"),
    "unit": ("预算单位", "Budget unit"),
    "disclosure": ("预算公开", "Disclosure"),
    "table": ("公开表", "Table"),
    "figure": ("印出的数", "Figure"),
    "fact": ("事实", "Fact"),
    "sum": ("合计关系", "Sum relation"),
    "indicator": ("绩效指标", "Indicator"),
    "project": ("项目", "Project"),
    "finding": ("发现", "Finding"),
    "ledger": ("计数", "Ledger entry"),
    "code": ("科目", "Code"),
    "fund-source": ("资金来源", "Fund source"),
    "expenditure-kind": ("支出类别", "Expenditure kind"),
    "three-public": ("“三公”经费", "Three public expenses"),
    "phase": ("预算阶段", "Budget phase"),
    "flow": ("收支", "Flow"),
    "form": ("表样", "Form"),
    "division": ("行政区划", "Division"),
    "release": ("发布", "Release"),
    "scheme": ("分类", "Code list"),
    "source": ("原文", "Source document"),
    "term": ("词汇", "Term"),
}

CERTAINTY: Final[dict[str, tuple[str, str, str, str]]] = {
    "Printed": (
        "印证",
        "Printed",
        "它在页面上的位置已说明它属于哪一列。",
        "Its position on the page makes its column plain.",
    ),
    "Reconciled": (
        "核验",
        "Reconciled",
        "文本抽取丢了空格，但按加总关系只剩一种可能；依据见下。",
        "Extraction lost the empty cells, but the sums leave one possibility; the equations are below.",
    ),
    "Ambiguous": (
        "未定",
        "Ambiguous",
        "仍有几列可能。候选列于下，不据此作出任何事实。",
        "Several columns remain possible. They are listed below, and no fact is made of it.",
    ),
}
"""Local name of the certainty → name zh, en, explanation zh, en."""

LEDGER: Final[dict[str, Words]] = {
    "table-figure": ("表中金额", "Figures in tables"),
    "prose-figure": ("文中数字", "Figures in prose"),
    "indicator": ("绩效指标值", "Indicator values"),
    "code": ("科目与单位编码", "Codes"),
    "ordinal": ("序号", "Ordinals"),
    "date": ("日期与年份", "Dates and years"),
    "page-number": ("页码", "Page numbers"),
    "phone": ("电话", "Telephone numbers"),
    "identifier": ("文号等标识", "Identifiers"),
    "other-number": ("其他数字", "Other numbers"),
    "unread": ("未读", "Not read"),
}

RELATIONS: Final[dict[str, Words]] = {
    "AmountClaim": ("金额", "Amount"),
    "ShareClaim": ("占比", "Share"),
    "ChangeAmountClaim": ("增减额", "Change"),
    "ChangePercentClaim": ("增减幅度", "Change in percent"),
    "CountClaim": ("数量", "Count"),
}

DIMENSIONS: Final[dict[str, Words]] = {
    "department": ("部门", "Department"),
    "budgetUnit": ("预算单位", "Budget unit"),
    "fiscalYear": ("预算年度", "Fiscal year"),
    "phase": ("预算阶段", "Budget phase"),
    "flow": ("收支", "Flow"),
    "fundSource": ("资金来源", "Fund source"),
    "functionalClass": ("功能分类", "Functional class"),
    "departmentEconomicClass": ("部门经济分类", "Department-economic class"),
    "governmentEconomicClass": ("政府经济分类", "Government-economic class"),
    "expenditureKind": ("支出类别", "Expenditure kind"),
    "threePublicItem": ("“三公”经费", "Three-public item"),
    "project": ("项目", "Project"),
}
"""Property of a fact → its name, in the order in which a fact is read."""

SCHEME_DIMENSION: Final[dict[str, str]] = {
    "functional": "functionalClass",
    "dept-economic": "departmentEconomicClass",
    "gov-economic": "governmentEconomicClass",
    "fund-source": "fundSource",
    "expenditure-kind": "expenditureKind",
    "three-public": "threePublicItem",
    "phase": "phase",
    "flow": "flow",
}
"""Code list → the dimension of a fact that takes its values from it."""

SEVERITIES: Final[dict[str, Words]] = {
    "Warning": ("须留意", "Warning"),
    "Info": ("供参考", "Note"),
    "Violation": ("错误", "Error"),
}
"""Local name of a SHACL severity → how a finding's weight is called."""

BUDGET_KINDS: Final[dict[str, Words]] = {"budget": ("预算", "budget"), "final": ("决算", "final accounts")}


def either(words: dict[str, Words], key: str) -> Words:
    """The words for a key; the key itself for both where a newer release has one we do not know."""
    return words.get(key, (key, key))


STATEMENTS: Final[dict[str, Words]] = {
    "rdf:type": ("是一个", "Is a"),
    "rdfs:label": ("名称", "Name"),
    "rdfs:comment": ("说明", "Comment"),
    "rdfs:seeAlso": ("另见", "See also"),
    "dcterms:isPartOf": ("属于", "Part of"),
    "dcterms:source": ("出处", "Source"),
    "skos:prefLabel": ("名称", "Name"),
    "skos:altLabel": ("又名", "Also called"),
    "skos:hiddenLabel": ("也印作", "Also printed as"),
    "skos:notation": ("代码", "Code"),
    "skos:definition": ("定义", "Definition"),
    "skos:scopeNote": ("说明", "Scope"),
    "skos:note": ("注", "Note"),
    "skos:inScheme": ("分类", "Code list"),
    "skos:broader": ("上级", "Broader"),
    "skos:narrower": ("下级", "Narrower"),
    "skos:related": ("相关", "Related"),
    "xkos:depth": ("第几级", "Level"),
    "xkos:notationPattern": ("代码的样式", "Pattern of its codes"),
}
"""Predicates of other vocabularies → what they say of a thing."""

OUTCOMES: Final[dict[str, Words]] = {
    "exact": ("相加正好是总计", "adds up exactly"),
    "rounding": ("相差在四舍五入之内", "adds up but for rounding"),
    "partial": ("相加不到总计", "less than the total"),
    "no-total": ("没有可比的总计", "no total to compare with"),
}
"""What came of adding up a classification (`mz:leafOutcome`) → in words."""
