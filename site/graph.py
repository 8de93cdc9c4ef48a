"""A release's graphs in memory: who says what of whom, in plain dictionaries, read once.

The default graph (everything but the leaves, each triple once) is in `about` and, for links, turned round in
`incoming`; the leaves graph only as the facts that may be summed for each code list.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from mingzhang.errors import ReleaseError
from mingzhang.release import Release
from mingzhang.site.namespaces import LABEL, MZ, PREF_LABEL, TITLE, TYPE
from mingzhang.site.quads import subjects
from mingzhang.site.terms import Pairs, Said, Term, unescaped

Statements = dict[str, tuple[Term, ...]]
"""Predicate → its objects, in the order of the graph files, each once.

Nearly every predicate has one object, and what many subjects say is one object in memory: a dictionary in the place of
the tuple would take three times the memory of the whole.
"""

_EMPTY: Statements = {}


class ReleaseGraph:
    """What a release says, indexed by subject and by object."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.about: dict[str, Statements] = {}
        self.incoming: dict[str, dict[str, list[str]]] = {}
        self.leaves: dict[str, list[str]] = {}
        """Scheme IRI → the facts that add up to the departments' totals along it."""
        self.homes: dict[str, tuple[str, ...]] = {}
        """Subject → the named graphs that say something of it, the leaves graph left out."""

    def add(self, subject: str, predicate: str, value: Term) -> None:
        """Takes one triple of the default graph; a repetition changes nothing."""
        self.say(subject, ((predicate, (value,)),))

    def say(self, subject: str, said: Iterable[Said]) -> None:
        """Takes what a graph says of a subject: triples in which no predicate comes back after another one."""
        statements, incoming = self.about.setdefault(subject, {}), self.incoming
        known = len(statements)
        for predicate, values in said:
            before = statements.get(predicate)
            if before is None:
                statements[predicate] = values
            elif known and values[0] in before:
                continue  # another graph has said it already
            else:
                statements[predicate] = before + values
            for value in values:
                if value.kind == "iri":
                    linked = incoming.get(value.value)
                    if linked is None:
                        incoming[value.value] = {predicate: [subject]}
                    elif predicate in linked:
                        linked[predicate].append(subject)
                    else:
                        linked[predicate] = [subject]

    # Reading one subject

    def terms(self, subject: str, predicate: str) -> list[Term]:
        """Every object, in order."""
        return list(self.about.get(subject, _EMPTY).get(predicate, ()))

    def text(self, subject: str, predicate: str) -> str:
        """The first object's value, "" where there is none."""
        for term in self.about.get(subject, _EMPTY).get(predicate, ()):
            return term.value
        return ""

    def texts(self, subject: str, predicate: str) -> list[str]:
        """The values of every object."""
        return [term.value for term in self.about.get(subject, _EMPTY).get(predicate, ())]

    def number(self, subject: str, predicate: str) -> Decimal | None:
        """The first object as a decimal; None where there is none."""
        text = self.text(subject, predicate)
        return Decimal(text) if text else None

    def integer(self, subject: str, predicate: str) -> int:
        """The first object as a whole number, 0 where there is none."""
        text = self.text(subject, predicate)
        return int(text) if text else 0

    def in_language(self, subject: str, predicate: str, language: str) -> str:
        """The object in a language (`zh` also finds `zh-hans`), else ""."""
        for term in self.about.get(subject, _EMPTY).get(predicate, ()):
            if term.language.split("-")[0].lower() == language:
                return term.value
        return ""

    def label(self, subject: str, language: str = "zh") -> str:
        """What to call it in a language: its label or title, "" where there is none in that language."""
        for predicate in (PREF_LABEL, LABEL, TITLE):
            found = self.in_language(subject, predicate, language)
            if found:
                return found
        return ""

    def name(self, subject: str) -> str:
        """What to call it, in Chinese if that is known, else in whatever is; at worst the end of its IRI."""
        found = self.label(subject) or self.label(subject, "en")
        if found:
            return found
        for predicate in (PREF_LABEL, LABEL, TITLE):
            text = self.text(subject, predicate)
            if text:
                return text
        return subject.removeprefix(self.base + "id/").rstrip("/").rsplit("/", 1)[-1]

    def types(self, subject: str) -> list[str]:
        """Its classes."""
        return self.texts(subject, TYPE)

    def is_a(self, subject: str, name: str) -> bool:
        """Whether it is of class `mz:{name}`."""
        return Term(MZ + name, "iri") in self.about.get(subject, _EMPTY).get(TYPE, ())

    # The other way round

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Who has this IRI as an object, in order."""
        return self.incoming.get(value, {}).get(predicate, [])

    def instances(self, name: str) -> list[str]:
        """The IRIs of class `mz:{name}`, sorted."""
        return sorted(self.subjects(TYPE, MZ + name))

    def entities(self) -> Iterator[str]:
        """Every IRI under `{base}id/` that something is said of, sorted; fragments belong to their page."""
        start = self.base + "id/"
        return (iri for iri in sorted(self.about) if iri.startswith(start) and "#" not in iri)


def read_graph(release: Release, names: Collection[str] | None = None) -> ReleaseGraph:
    """The graphs of a release, or those of these IRIs alone. Raises ReleaseError where a graph file is missing or is no N-Quads."""
    graph = ReleaseGraph(release.manifest.base_uri)
    pairs = Pairs()
    with _without_looking_for_garbage():
        for number, (iri, name) in enumerate(sorted(release.manifest.graphs.items()), start=1):
            if names is not None and iri not in names:
                continue
            path = release.graphs / name
            take = _take_leaf if iri == release.leaves_graph else _take
            pairs.next_file()
            try:
                for subject in subjects(path, iri, f"g{number}"):
                    take(graph, (iri,), pairs.iri(_name(subject.name)), map(pairs.read, subject.pairs))
            except (OSError, ValueError) as error:
                raise ReleaseError(
                    f"{path}: cannot be read as N-Quads ({error}); build the release again"
                ) from error
    return graph


@contextmanager
def _without_looking_for_garbage() -> Iterator[None]:
    """Nothing that is read is ever garbage; looking for it again and again takes a third of the time of reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _name(subject: bytes) -> str:
    text = subject.decode()
    if text.startswith("_:"):
        return text
    if not (text.startswith("<") and text.endswith(">")):
        raise ValueError(f"{text!r} is no subject")
    return unescaped(text[1:-1])


def _take(graph: ReleaseGraph, home: tuple[str], subject: str, said: Iterable[Said]) -> None:
    homes = graph.homes.setdefault(subject, home)
    if home[0] not in homes:
        graph.homes[subject] = homes + home
    graph.say(subject, said)


def _take_leaf(graph: ReleaseGraph, home: tuple[str], subject: str, said: Iterable[Said]) -> None:
    """Of the leaves graph `home`, only which code lists a fact may be summed along."""
    for predicate, values in said:
        if predicate == MZ + "leafOf" and values[0].kind == "iri":
            graph.leaves.setdefault(values[0].value, []).append(subject)
