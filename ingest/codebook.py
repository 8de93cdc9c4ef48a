"""Which code a label stands for in this document: what its own tables print side by side, then the code lists.

A disclosure often prints the code of 基本工资 in one table and only its name in another. Its own pairs come first;
a name with several codes stands for none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mingzhang.ingest.document import ReadTable
from mingzhang.ontology.lexicon import Lexicon, normal_label

# First digit of a code → its scheme (2021年政府收支分类科目: 2xx functional, 3xx department-, 5xx government-economic).
SCHEME_OF_DIGIT = {"2": "functional", "3": "dept-economic", "5": "gov-economic"}
_LENGTHS = {"functional": (3, 5, 7), "dept-economic": (3, 5, 7), "gov-economic": (3, 5)}


def scheme_of(code: str) -> str | None:
    """The scheme of a classification code by its first digit and length; None for anything else."""
    scheme = SCHEME_OF_DIGIT.get(code[:1])
    return scheme if scheme and len(code) in _LENGTHS[scheme] else None


class Codebook:
    """Label ↔ code pairs of one document, backed by the code lists."""

    def __init__(self, tables: Iterable[ReadTable], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        codes: dict[tuple[str, str], set[str]] = defaultdict(set)
        labels: dict[str, set[str]] = defaultdict(set)
        for table in tables:
            for row in table.rows:
                for side in row.sides:
                    if len(side.codes) == 1 and side.label and (scheme := scheme_of(side.codes[0])):
                        codes[scheme, normal_label(side.label)].add(side.codes[0])
                        labels[side.codes[0]].add(normal_label(side.label))
        self._codes = {pair: frozenset(found) for pair, found in codes.items()}
        self._labels = {code: frozenset(found) for code, found in labels.items()}

    def code_of(self, label: str, scheme: str, below: str = "", digits: int | None = None) -> str | None:
        """The code a label stands for, among those that begin with `below` and have so many digits; None for several.

        Of a code and its sub-codes with the same name (399, 39999 其他支出) none is meant for certain.
        """
        name = normal_label(label)
        if not name:
            return None

        def fits(code: str) -> bool:
            return code.startswith(below) and code != "all" and (digits is None or len(code) == digits)

        own = {code for code in self._codes.get((scheme, name), ()) if fits(code)}
        longest = {code for code in own if not any(o != code and o.startswith(code) for o in own)}
        if len(longest) == 1:
            return longest.pop()
        listed = {c.notation for c in self._lexicon.concepts_named(label, frozenset({scheme}))}
        listed = {code for code in listed if fits(code)}
        return listed.pop() if len(listed) == 1 and not own else None

    def codes_named(self, label: str, scheme: str) -> frozenset[str]:
        """Every code of a classification that has this name, in this document or in the code list."""
        name = normal_label(label)
        own = self._codes.get((scheme, name), frozenset()) if name else frozenset()
        listed = self._lexicon.concepts_named(label, frozenset({scheme})) if name else ()
        return own | {c.notation for c in listed if c.notation != "all"}

    def names(self, code: str) -> frozenset[str]:
        """Every name known for a code, normalised: from the code lists, else from this document."""
        scheme = scheme_of(code)
        concept = self._lexicon.code(scheme, code) if scheme else None
        if concept is not None:
            return concept.labels
        return self._labels.get(code, frozenset())
