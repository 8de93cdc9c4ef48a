"""Forms and wordings that a user teaches the program, in Turtle of the same kind as `forms/` in this room.

Added Turtle may describe forms (`mz:Form`) and add wordings (`skos:hiddenLabel`, `skos:altLabel`) to what exists. It
brings no new dimension values: the code lists belong to the release, and a misspelt IRI must not become one. Every
mistake is told with its file and line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from mingzhang.errors import VocabularyError
from mingzhang.ontology.namespaces import MZ, RDF, SKOS

BASE = "http://base.invalid/"
"""Stands for the publisher's base while Turtle is read: only what follows it is kept."""

_WORDINGS = frozenset({f"{SKOS}{name}" for name in ("hiddenLabel", "altLabel")})
_FORM_TERMS = frozenset(
    {
        *_WORDINGS,
        f"{RDF}type",
        *(f"{SKOS}{name}" for name in ("prefLabel", "notation", "inScheme", "topConceptOf", "definition")),
        *(
            f"{MZ}{name}"
            for name in (
                "flow",
                "fundSource",
                "expenditureKind",
                "threePublicItem",
                "revenueVintage",
                "rowScheme",
                "columnScheme",
                "reads",
            )
        ),
    }
)
_READING_TERMS = frozenset({f"{SKOS}hiddenLabel", f"{MZ}as", f"{MZ}whereAlso"})
_SCHEMES = frozenset(
    {
        "functional",
        "dept-economic",
        "gov-economic",
        "fund-source",
        "expenditure-kind",
        "three-public",
        "project",
        "unit",
    }
)
_VINTAGES = frozenset({"any", "current", "carryover"})


@dataclass(frozen=True)
class AddedForms:
    """A file of added Turtle: its name as given, and its text."""

    name: str
    text: str

    def error(self, near: str, what: str, advice: str, also: str = "") -> VocabularyError:
        """What is wrong, on the line that holds a word (and another word, where several lines hold it), and what to do."""
        lines = self.text.splitlines()
        holding = [number for number, line in enumerate(lines, 1) if near in line]
        both = [number for number in holding if also in lines[number - 1]]
        return VocabularyError(f"{self.name}:{(both or holding or [1])[0]}: {what}; {advice}")


def added_triples(added: AddedForms, known: Iterable[str]) -> list[ox.Triple]:
    """The triples of a file, checked. `known` are the subjects that exist, below the base.

    Raises VocabularyError with file, line and what to do.
    """
    try:
        parsed = ox.parse(added.text.encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE)
        triples = [ox.Triple(q.subject, q.predicate, q.object) for q in parsed]
    except SyntaxError as error:
        line = error.lineno or 1
        raise VocabularyError(
            f"{added.name}:{line}: this is no Turtle ({error.msg}); correct it near line {line}"
        ) from error
    return _Check(added, frozenset(known), triples).checked()


class _Check:
    """Looks at every triple of one file."""

    def __init__(self, added: AddedForms, known: frozenset[str], triples: list[ox.Triple]) -> None:
        self._added = added
        self._known = known
        self._triples = triples
        forms = {_below(t.subject) for t in triples if t.predicate.value == f"{RDF}type" and _is_form(t)}
        self._forms = frozenset(forms)

    def checked(self) -> list[ox.Triple]:
        for triple in self._triples:
            subject, term = _below(triple.subject), triple.predicate.value
            if isinstance(triple.subject, ox.BlankNode):
                self._allow(term, _READING_TERMS, "a reading (mz:reads)", triple)
            elif subject in self._forms:
                self._allow(term, _FORM_TERMS, f"the form <{subject}>", triple)
            elif subject not in self._known:
                self._fail(
                    subject,
                    f"<{subject}> is neither a form nor in the code lists",
                    "correct its name, or say that it is a form: a mz:Form",
                )
            else:
                self._allow(term, _WORDINGS, f"<{subject}>, which exists already", triple)
            self._value(term, triple.object)
        for form in sorted(self._forms - self._known):
            self._has_name(form)
        return self._triples

    def _allow(self, term: str, allowed: frozenset[str], what: str, triple: ox.Triple) -> None:
        if term not in allowed:
            names = ", ".join(sorted(_short(t) for t in allowed if t != f"{RDF}type"))
            self._fail(
                _short(term), f"{_short(term)} says nothing of {what}", f"use one of {names}", triple.object
            )

    def _value(self, term: str, value: object) -> None:
        name = _short(term)
        if term in _WORDINGS or term in (f"{SKOS}prefLabel", f"{MZ}whereAlso"):
            if not isinstance(value, ox.Literal) or not value.language:
                text = value.value if isinstance(value, ox.Literal) else _below(value)
                self._fail(text, f"{text!r} has no language", f'write "{text}"@zh')
        elif term == f"{MZ}rowScheme" or term == f"{MZ}columnScheme":
            self._one_of(name, value, _SCHEMES)
        elif term == f"{MZ}revenueVintage":
            self._one_of(name, value, _VINTAGES)
        elif isinstance(value, ox.NamedNode) and value.value.startswith(BASE):
            below = _below(value)
            if below not in self._known | self._forms:
                kind = below.rpartition("/")[0]
                near = sorted(k for k in self._known if k.rpartition("/")[0] == kind)
                advice = (
                    f"known are {', '.join(f'<{k}>' for k in near[:40])}"
                    if near
                    else "see ontology/codelists"
                )
                self._fail(below, f"<{below}> is in no code list", advice)

    def _one_of(self, name: str, value: object, allowed: frozenset[str]) -> None:
        if not isinstance(value, ox.Literal) or value.value not in allowed:
            text = value.value if isinstance(value, ox.Literal) else _below(value)
            self._fail(text, f"{text!r} is no {name}", f"use one of {', '.join(sorted(allowed))}")

    def _has_name(self, form: str) -> None:
        named = any(
            _below(t.subject) == form
            and t.predicate.value == f"{SKOS}prefLabel"
            and isinstance(t.object, ox.Literal)
            and t.object.language == "zh"
            for t in self._triples
        )
        if not named:
            self._fail(form, f"the form <{form}> has no Chinese name", 'add skos:prefLabel "…"@zh')

    def _fail(self, near: str, what: str, advice: str, value: object = None) -> None:
        """Raises with the line that holds the word, the value's where the word is on several."""
        told = value.value if isinstance(value, ox.Literal | ox.NamedNode) else ""
        raise self._added.error(near, what, advice, told.removeprefix(BASE))


def _is_form(triple: ox.Triple) -> bool:
    return isinstance(triple.object, ox.NamedNode) and triple.object.value == f"{MZ}Form"


def _below(node: object) -> str:
    return node.value.removeprefix(BASE) if isinstance(node, ox.NamedNode) else str(node)


def _short(term: str) -> str:
    return term.replace(MZ, "mz:").replace(SKOS, "skos:").replace(RDF, "rdf:")
