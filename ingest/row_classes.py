"""Which classes the rows of a table are that print names without codes, or codes of several classifications."""

from __future__ import annotations

from collections.abc import Sequence

from mingzhang.ingest.class_names import codes_by_order
from mingzhang.ingest.codebook import Codebook, scheme_of
from mingzhang.ingest.document import RowSide
from mingzhang.ingest.meaning import CODE_DIMENSIONS
from mingzhang.ontology.lexicon import Lexicon, normal_label

_CLASS_DIGITS = 3


class RowClasses:
    """The classes that the rows of one side of a table may be of. `schemes` are those that rows of its form may be of.

    `lists_functions`: whether the rows without codes are a list of functional classes (类).
    """

    def __init__(
        self, sides: Sequence[RowSide], schemes: frozenset[str], lexicon: Lexicon, codebook: Codebook
    ) -> None:
        self._lexicon = lexicon
        self._codebook = codebook
        self._schemes = schemes
        self._code_schemes = self._schemes_of_codes(sides)
        self.lists_functions = "functional" in schemes and self._mostly_functions(sides)
        self._by_order = self._codes_by_order(sides)
        self._unfit_schemes = self._schemes_out_of_order(sides)

    @property
    def has_parts(self) -> bool:
        """Whether the order of the rows shows parts (款, 项) among them."""
        return any(len(known) > _CLASS_DIGITS for known in self._by_order)

    def by_order(self, index: int) -> str:
        """The code of a row without one, where the order of the rows leaves one; empty where not."""
        return self._by_order[index]

    def of(self, side: RowSide, index: int) -> list[str]:
        """The codes a row's name may stand for: by the order of the rows, and by its name alone."""
        ordered = self._by_order[index]
        digits = 3 if self.lists_functions and not ordered else None
        found = {c for s in self._code_schemes if (c := self._codebook.code_of(side.label, s, digits=digits))}
        # A class and its only part often share a name (20899, 2089999): the order tells them apart.
        if ordered and all(code.startswith(ordered) or ordered.startswith(code) for code in found):
            return [ordered]
        whole = {code for code in found if scheme_of(code) not in self._unfit_schemes}
        return sorted((whole if len(whole) == 1 else found) | {ordered} - {""})

    def _codes_by_order(self, sides: Sequence[RowSide]) -> list[str]:
        """The code of each row without one, where the order of the rows leaves one; empty where not."""
        if len(self._code_schemes) != 1 or any(side.codes for side in sides):
            return [""] * len(sides)
        labels = [
            None if not normal_label(side.label) or self._lexicon.role(side.label) == "total" else side.label
            for side in sides
        ]
        return codes_by_order(labels, self._code_schemes[0], self._codebook)

    def _schemes_of_codes(self, sides: Sequence[RowSide]) -> list[str]:
        """The classifications a row's name may be looked up in: those whose codes this table prints, if it prints any.

        住房公积金 is a class of two of them, so a table of one must not be read as one of the other.
        """
        printed = {scheme for side in sides for code in side.codes if (scheme := scheme_of(code))}
        possible = [s for s in CODE_DIMENSIONS if s in self._schemes and (not printed or s in printed)]
        if printed or len(possible) < 2:
            return possible
        labels = {normal_label(side.label) for side in sides}
        named = {s: {label for label in labels if self._codebook.codes_named(label, s)} for s in possible}
        every = set().union(*named.values())
        # 工资福利支出 and 商品和服务支出 may be of either economic classification; 基本工资 beside them is of one.
        explaining = [scheme for scheme in possible if named[scheme] == every]
        return explaining if every and len(explaining) == 1 else possible

    def _mostly_functions(self, sides: Sequence[RowSide]) -> bool:
        """Whether the rows without codes are a list of functional classes (类), rather than of kinds or sources."""
        labels = [side.label for side in sides if side.label and not side.codes]
        named = [label for label in labels if self._codebook.code_of(label, "functional", digits=3)]
        return len(named) * 2 > len(labels)

    def _schemes_out_of_order(self, sides: Sequence[RowSide]) -> frozenset[str]:
        """The classifications that a list without codes cannot be of.

        They would have a part (款) of a class (类) that is not printed above it, though the list prints classes. 工资福利支出,
        对个人和家庭的补助 are 301 and 303, not 50501 and 509.
        """
        labels = [side.label for side in sides if not side.codes and normal_label(side.label)]
        found = set()
        for scheme in self._code_schemes:
            named = {label: self._codebook.codes_named(label, scheme) for label in labels}
            classes = {code for codes in named.values() for code in codes if len(code) == _CLASS_DIGITS}
            orphans = [
                label
                for label, codes in named.items()
                if codes
                and all(len(code) > _CLASS_DIGITS for code in codes)
                and not {code[:_CLASS_DIGITS] for code in codes} & classes
            ]
            if orphans and (classes or self._are_classes_elsewhere(orphans, scheme)):
                found.add(scheme)
        return frozenset(found)

    def _are_classes_elsewhere(self, labels: Sequence[str], scheme: str) -> bool:
        """Whether another classification of the rows has each of these names as a class (类), and as nothing else."""
        others = [other for other in self._code_schemes if other != scheme]
        return any(
            all(
                (codes := self._codebook.codes_named(label, other))
                and all(len(code) == _CLASS_DIGITS for code in codes)
                for label in labels
            )
            for other in others
        )
