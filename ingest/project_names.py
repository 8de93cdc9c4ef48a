"""Which projects a disclosure has: told apart by name, and by budget unit where units have projects of one name.

培训费 of the department's office and 培训费 of a centre below it are two projects, each with its own money. A name that
all mentions give to one unit, or to none, is one project, and its unit adds nothing to its IRI: a form that prints the
unit and a table that does not mean the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.ingest.amounts import BadAmount, in_yuan, parse_amount
from mingzhang.ingest.document import Indicator
from mingzhang.ingest.facts import Fact
from mingzhang.ontology.lexicon import Lexicon, normal_label, normal_text

_OWN_LEVEL = re.compile(r"[(（]?(?:局|委|厅|办)?(?:本级|机关)[)）]?$")


@dataclass(frozen=True)
class Project:
    """A project of the department; its money in yuan where a form states one amount for it.

    `whose` tells it from projects of the same name: the key of its unit, or the unit's name as printed; empty where the
    name is enough. `unit` is the key of its budget unit where that is known.
    """

    name: str
    amount_yuan: Decimal | None
    whose: str = ""
    unit: str = ""


# (name, whose)
Key = tuple[str, str]


@dataclass(frozen=True)
class Projects:
    """The projects of a disclosure, in order of name, and which of them each fact and indicator is of."""

    listed: tuple[Project, ...]
    _of_units: frozenset[str]
    """The names that projects of several units have."""
    _of_indicators: Mapping[tuple[int, int], Key]

    def of_fact(self, fact: Fact) -> Key:
        """(name, whose) of a fact's project; (`all`, empty) for no particular one."""
        return _key(fact.dimension("project"), fact.dimension("budgetUnit"), self._of_units)

    def of_indicator(self, indicator: Indicator) -> Key:
        """(name, whose) of the project an indicator is of."""
        return self._of_indicators[indicator.line, indicator.nth]


def read_projects(
    facts: Sequence[Fact], indicators: Sequence[Indicator], units: Mapping[str, str], lexicon: Lexicon
) -> Projects:
    """Every project that a table or a form of targets names. `units`: key of a budget unit → its name."""
    in_tables = [f for f in facts if f.dimension("project") != "all"]
    in_forms = [(i, normal_text(i.project), _unit_of(i, units, lexicon)) for i in indicators if i.project]
    whose: dict[str, set[str]] = defaultdict(set)
    for fact in in_tables:
        whose[fact.dimension("project")].add(fact.dimension("budgetUnit"))
    for _, name, unit in in_forms:
        whose[name].add(unit)
    shared = frozenset(name for name, found in whose.items() if len(found - {"all"}) > 1)
    amounts: dict[Key, set[Decimal]] = {
        _key(f.dimension("project"), f.dimension("budgetUnit"), shared): set() for f in in_tables
    }
    of_indicators = {}
    for indicator, name, unit in in_forms:
        key = of_indicators[indicator.line, indicator.nth] = _key(name, unit, shared)
        amount = _in_yuan(indicator.project_amount)
        amounts.setdefault(key, set()).update(() if amount is None else (amount,))
    listed = [
        Project(name, min(found) if len(found) == 1 else None, own, _known_unit(own, whose[name], units))
        for (name, own), found in sorted(amounts.items())
    ]
    return Projects(tuple(listed), shared, of_indicators)


def _key(name: str, unit: str, shared: Set[str]) -> Key:
    return name, unit if name in shared and unit != "all" else ""


def _known_unit(whose: str, mentioned: Set[str], units: Mapping[str, str]) -> str:
    """The key of a project's unit: the one it is told apart by, else the only one it is mentioned with."""
    own = whose or (next(iter(mentioned)) if len(mentioned) == 1 else "")
    return own if own in units else ""


def _unit_of(indicator: Indicator, units: Mapping[str, str], lexicon: Lexicon) -> str:
    """The key of the unit that a form of targets names; `all` where what stands there is not a body's name."""
    if not lexicon.names_a_body(_OWN_LEVEL.sub("", normal_text(indicator.unit_name))):
        return "all"
    return _unit_key(indicator.unit_name, units)


def _unit_key(printed: str, units: Mapping[str, str]) -> str:
    """The key of the unit with a name that forms print in full and tables cut short; else the name itself."""
    name = normal_label(printed)
    known = {key: normal_label(unit) for key, unit in units.items()}
    same = [key for key, unit in known.items() if unit == name]
    alike = same or [
        key for key, unit in known.items() if name and unit and (name.endswith(unit) or unit.endswith(name))
    ]
    return alike[0] if len(alike) == 1 else name


def _in_yuan(printed: str) -> Decimal | None:
    """A project's amount in yuan: the forms print 万元. None where nothing is printed."""
    try:
        return in_yuan(parse_amount(printed), "万元") if normal_label(printed) else None
    except BadAmount:
        return None
