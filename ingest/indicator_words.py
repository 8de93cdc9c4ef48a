"""The words by which indicator forms are read, from `ontology/forms/indicator-forms.ttl`.

`word_entries` reads any such list of words, `indicator_words` the ones of the forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import pyoxigraph as ox

from mingzhang.errors import VocabularyError
from mingzhang.ontology.lexicon import normal_text

_MZ = "https://w3id.org/mingzhang/ontology#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_BASE = "http://base.invalid/"


@dataclass(frozen=True)
class WordEntry:
    """One word of a list: its IRI below the base, what it stands for, its Chinese wordings, normalised."""

    key: str
    listed_as: str
    notation: str
    wordings: tuple[str, ...]
    rank: int
    broader: tuple[str, ...]
    related: tuple[str, ...]


@cache
def word_entries(file_name: str) -> tuple[WordEntry, ...]:
    """Every word of a file in ontology/forms/, in the order of their IRIs.

    Raises VocabularyError where the Turtle is malformed or a word belongs to no list.
    """
    source = files("mingzhang.ontology") / "forms" / file_name
    graph: dict[str, dict[str, list[str]]] = {}
    try:
        for triple in ox.parse(source.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=_BASE):
            value = triple.object
            if not isinstance(triple.subject, ox.NamedNode) or isinstance(value, ox.BlankNode | ox.Triple):
                continue
            if isinstance(value, ox.Literal) and value.language == "en":
                continue
            subject = graph.setdefault(triple.subject.value.removeprefix(_BASE), {})
            subject.setdefault(triple.predicate.value, []).append(value.value.removeprefix(_BASE))
    except SyntaxError as error:
        raise VocabularyError(f"ontology/forms/{file_name}: {error}") from error
    entries = []
    for key, terms in sorted(graph.items()):
        lists = terms.get(_MZ + "listedAs")
        if not lists:
            raise VocabularyError(
                f"ontology/forms/{file_name}: {key} has no mz:listedAs; say which list it belongs to"
            )
        printed = terms.get(_SKOS + "prefLabel", []) + terms.get(_SKOS + "hiddenLabel", [])
        entries.append(
            WordEntry(
                key=key,
                listed_as=lists[0],
                notation=terms.get(_SKOS + "notation", [""])[0],
                wordings=tuple(dict.fromkeys(normal_text(word) for word in printed)),
                rank=int(terms.get(_MZ + "rank", ["0"])[0]),
                broader=tuple(sorted(terms.get(_SKOS + "broader", []))),
                related=tuple(sorted(terms.get(_SKOS + "related", []))),
            )
        )
    return tuple(entries)


@dataclass(frozen=True)
class IndicatorWords:
    """The words of the forms, indexed by normalised wording."""

    level1: Mapping[str, WordEntry]
    level2: Mapping[str, WordEntry]
    columns: Mapping[str, str]
    titles: tuple[str, ...]
    signs: Mapping[str, str]
    """Wording → operator (`>=` …, `定性`)."""
    lost_signs: Mapping[str, tuple[str, str]]
    """Printed sign → the operator it likely stands for, and the direction that bears it out."""
    directions: Mapping[str, str]
    label_endings: Mapping[str, str]
    label_kinds: Mapping[str, str]
    """Word inside a label → notation of the first-level kind it belongs under."""
    units: frozenset[str]
    ranks: Mapping[str, int]
    """Notation of a first-level kind → its place in the printed order."""
    operators: Mapping[str, str]
    """Operator (`>=` …, `定性`) → its entry in the code list, below the base."""
    sign_prefix: re.Pattern[str]
    sign_inside: re.Pattern[str]
    unit_pattern: re.Pattern[str]

    def level1_of_level2(self, text: str) -> tuple[str, ...]:
        """Notations of the first-level kinds a second-level kind may stand under."""
        entry = self.level2.get(normal_text(text))
        return tuple(key.rsplit("/", 1)[-1] for key in entry.broader) if entry else ()

    def kind(self, level1: str, level2: str) -> str:
        """The entry of the code list of kinds, below the base, that the printed levels name; empty where none is known."""
        entry = self.level2.get(normal_text(level2)) or self.level1.get(normal_text(level1))
        return entry.key if entry else ""

    def column(self, text: str) -> str | None:
        """What a column headed so holds: `level3`, `value`, `unit` …; brackets behind do not matter."""
        wording = normal_text(text)
        return self.columns.get(wording) or self.columns.get(re.sub(r"\(.*\)?$", "", wording))

    def is_title(self, text: str) -> bool:
        """Whether a line names a form of performance targets."""
        wording = normal_text(text)
        return len(wording) <= 40 and any(title in wording for title in self.titles)


@cache
def indicator_words() -> IndicatorWords:
    """The words of this installation, read once."""
    by_list: dict[str, list[WordEntry]] = {}
    for entry in word_entries("indicator-forms.ttl"):
        by_list.setdefault(entry.listed_as, []).append(entry)

    def indexed(name: str) -> dict[str, WordEntry]:
        return {wording: entry for entry in by_list.get(name, []) for wording in entry.wordings}

    def notations(name: str) -> Mapping[str, str]:
        return MappingProxyType({wording: entry.notation for wording, entry in indexed(name).items()})

    signs = notations("sign")
    directions = {entry.key: entry.notation for entry in by_list["direction"]}
    lost = {
        wording: (entry.notation, directions[entry.related[0]] if entry.related else "")
        for wording, entry in indexed("lost-sign").items()
    }
    units = frozenset(indexed("unit"))
    one_unit = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
    openers = "|".join(re.escape(sign) for sign in sorted([*signs, *lost], key=len, reverse=True))
    inside = "|".join(
        re.escape(s) for s in sorted(signs, key=len, reverse=True) if signs[s] not in ("定性", "=")
    )
    return IndicatorWords(
        level1=MappingProxyType(indexed("level1")),
        level2=MappingProxyType(indexed("level2")),
        columns=notations("column"),
        titles=tuple(indexed("title")),
        signs=signs,
        lost_signs=MappingProxyType(lost),
        directions=notations("direction"),
        label_endings=notations("label-ending"),
        label_kinds=MappingProxyType(
            {wording: entry.broader[0].rsplit("/", 1)[-1] for wording, entry in indexed("label-kind").items()}
        ),
        units=units,
        ranks=MappingProxyType({entry.notation: entry.rank for entry in by_list["level1"]}),
        operators=MappingProxyType({entry.notation: entry.key for entry in by_list["sign"]}),
        sign_prefix=re.compile(rf"(?:{openers})"),
        sign_inside=re.compile(rf"({inside})(?=[0-9])"),
        unit_pattern=re.compile(rf"(?:{one_unit})(?:/(?:{one_unit}))*(?:\((?:{one_unit})\))?"),
    )
