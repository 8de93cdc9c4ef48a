"""The patterns of a query, as far as one must know them to judge its sums (sums.py): which triple stands in which group and
graph, what is grouped by, what an aggregate adds.

This is no parser: whether a query is correct is for the engine to say. What it does not understand it refuses with
NotUnderstood, and sums.py then goes by the names that occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin

from mingzhang.sparql.guard import OPAQUE

MOST_TOKENS = 2500
"""A query of more is generated; reading it would take longer than answering many."""
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LEXER = re.compile(
    OPAQUE
    + r"""
  | (?P<blank>_:[\w.\-]*\w)
  | (?P<name>(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:(?:[\w:\-%]|\\.)(?:(?:[\w:\-.%]|\\.)*(?:[\w:\-%]|\\.))?)?)
  | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>\^\^|&&|\|\||!=|<=|>=|<<|>>|[{}()\[\].;,/|^*+?!=<>-])
    """,
    re.VERBOSE | re.DOTALL,
)
MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


class NotUnderstood(Exception):
    """The query has something that is not read here; it may well be correct."""


class Lexeme(NamedTuple):
    """One token: its kind (a group of LEXER) and its text; of an IRI or a prefixed name the IRI, of a variable `?name`,
    of a word the capitals."""

    kind: str
    text: str


@dataclass(frozen=True)
class Triple:
    """One triple pattern. The path is a tuple of lexemes; a term is an IRI, a variable `?x`, or the text of a literal or
    of a blank node."""

    subject: str
    path: tuple[Lexeme, ...]
    object: str

    @property
    def names(self) -> frozenset[str]:
        """The IRIs in the path."""
        return frozenset(lexeme.text for lexeme in self.path if lexeme.kind == "iri")


@dataclass
class Group:
    """What stands between two braces. `kind` is "" (joined with what is around it), OPTIONAL, UNION (its children are the
    branches), MINUS, EXISTS or GRAPH, `graph` that graph's IRI or variable."""

    kind: str = ""
    graph: str = ""
    triples: list[Triple] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    selects: list[Select] = field(default_factory=list)
    filters: list[tuple[Lexeme, ...]] = field(default_factory=list)
    bound: dict[str, tuple[Lexeme, ...]] = field(default_factory=dict)
    """Variables of BIND, each with its expression."""
    values: dict[str, int] = field(default_factory=dict)
    """Variables of VALUES, each with how many rows there are."""


@dataclass
class Select:
    """A SELECT: its pattern, the variables it hands on ("*" for all), those it groups by, and its expressions by the
    variable they are given to."""

    group: Group = field(default_factory=Group)
    handed_on: set[str] = field(default_factory=set)
    grouped: set[str] = field(default_factory=set)
    expressions: dict[str, tuple[Lexeme, ...]] = field(default_factory=dict)
    graphs: set[str] = field(default_factory=set)
    """The graphs of FROM."""


def lexemes(query: str, base_iri: str) -> list[Lexeme]:
    """The tokens of a query, names resolved. Raises NotUnderstood where there are too many."""
    base, prefixes = base_iri, {"": ""}
    found: list[Lexeme] = []
    for match in LEXER.finditer(query):
        kind, text = match.lastgroup or "", match.group()
        if kind == "comment":
            continue
        if kind == "iri":
            iri = resolved(base, text[1:-1])
            if found and found[-1].text == "BASE":
                base = iri
            elif len(found) > 1 and found[-2].text == "PREFIX":
                prefixes[found[-1].text] = iri
            found.append(Lexeme("iri", iri))
        elif kind == "name":
            prefix, _, local = text.partition(":")
            if found and found[-1].text == "PREFIX":
                found.append(Lexeme("prefix", prefix))
            else:
                found.append(Lexeme("iri", prefixes.get(prefix, prefix + ":") + local.replace("\\", "")))
        elif kind == "variable":
            found.append(Lexeme(kind, "?" + text[1:]))
        elif kind == "word":
            found.append(Lexeme("iri", RDF_TYPE) if text == "a" else Lexeme(kind, text.upper()))
        else:
            found.append(Lexeme(kind, text))
        if len(found) > MOST_TOKENS:
            raise NotUnderstood
    return found


def resolved(base: str, iri: str) -> str:
    """An IRI resolved against a base. `urljoin` takes away a `#` at its end where both have one scheme."""
    joined = urljoin(base, iri)
    return f"{joined}#" if iri.endswith("#") and not joined.endswith("#") else joined


def read(query: str, base_iri: str) -> Select:
    """The outermost SELECT of a query; of another form one that hands on nothing. Raises NotUnderstood."""
    return Reader(lexemes(query, base_iri)).query()


class Reader:
    """Reads lexemes from left to right, one method a construct; each raises NotUnderstood."""

    def __init__(self, given: list[Lexeme]) -> None:
        self.given = given
        self.at = 0
        self.blanks = 0

    def peek(self) -> str:
        """The text of the next lexeme, where it is a word or a mark; else ""."""
        if self.at < len(self.given) and self.given[self.at].kind in ("word", "mark"):
            return self.given[self.at].text
        return ""

    def next(self) -> Lexeme:
        if self.at >= len(self.given):
            raise NotUnderstood
        self.at += 1
        return self.given[self.at - 1]

    def take(self, text: str) -> bool:
        """Passes over the next lexeme if it is this word or mark; says whether."""
        if self.peek() != text:
            return False
        self.at += 1
        return True

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise NotUnderstood

    def balanced(self) -> tuple[Lexeme, ...]:
        """What stands in the bracket that comes next."""
        opening = self.next().text
        if opening not in ("(", "{", "["):
            raise NotUnderstood
        begin, depth = self.at, 1
        while depth:
            lexeme = self.next()
            if lexeme.kind == "mark":
                depth += (lexeme.text in ("(", "{", "[")) - (lexeme.text in (")", "}", "]"))
        return tuple(self.given[begin : self.at - 1])

    # --- queries ----------------------------------------------------------------------------------------------

    def query(self) -> Select:
        while self.at < len(self.given):
            if self.take("SELECT"):
                return self.select()
            if self.take("CONSTRUCT"):
                if self.peek() == "{":
                    self.balanced()
                return self.with_pattern(Select())
            if self.take("ASK") or self.take("DESCRIBE"):
                return self.with_pattern(Select())
            self.at += 1
        raise NotUnderstood

    def select(self) -> Select:
        """A SELECT, after that word."""
        found = Select()
        while self.peek() not in ("{", "WHERE", "FROM"):
            if self.peek() == "(":
                expression = self.balanced()
                if len(expression) < 3 or expression[-2].text != "AS":
                    raise NotUnderstood
                found.expressions[expression[-1].text] = expression[:-2]
                found.handed_on.add(expression[-1].text)
            else:
                found.handed_on.add(self.next().text)
        return self.with_pattern(found)

    def with_pattern(self, found: Select) -> Select:
        """A query's graphs, pattern and modifiers."""
        while self.peek() not in ("{", "WHERE", "FROM") and self.at < len(self.given):
            self.at += 1  # the things that DESCRIBE names
        while self.take("FROM"):
            named = self.take("NAMED")
            graph = self.next().text
            if not named:
                found.graphs.add(graph)
        self.take("WHERE")
        if self.peek() == "{":
            found.group = self.pattern()
        if self.take("GROUP"):
            self.expect("BY")
            while self.at < len(self.given) and self.peek() not in (*MODIFIERS, "}"):
                lexeme = self.next()
                if lexeme.kind == "variable":
                    found.grouped.add(lexeme.text)
        while self.at < len(self.given) and self.peek() != "}":
            if self.take("VALUES"):
                self.values(found.group)
            elif self.peek() in ("(", "{"):
                self.balanced()
            else:
                self.at += 1
        return found

    # --- patterns ---------------------------------------------------------------------------------------------

    def pattern(self, kind: str = "", graph: str = "") -> Group:
        """A group with its braces."""
        self.expect("{")
        found = Group(kind, graph)
        if self.take("SELECT"):
            found.selects.append(self.select())
        while not self.take("}"):
            self.element(found)
        return found

    def element(self, into: Group) -> None:
        """One element of a group."""
        word = self.peek()
        if word == ".":
            self.at += 1
        elif word == "{":
            self.alternatives(into)
        elif word in ("OPTIONAL", "MINUS"):
            self.at += 1
            into.groups.append(self.pattern(word))
        elif word in ("GRAPH", "SERVICE"):
            self.at += 1
            self.take("SILENT")
            into.groups.append(self.pattern(word, self.next().text))
        elif word == "FILTER":
            self.at += 1
            self.filter(into)
        elif word == "BIND":
            self.at += 1
            expression = self.balanced()
            if len(expression) < 3 or expression[-2].text != "AS":
                raise NotUnderstood
            into.bound[expression[-1].text] = expression[:-2]
        elif word == "VALUES":
            self.at += 1
            self.values(into)
        else:
            self.triples(into)

    def alternatives(self, into: Group) -> None:
        """A group in a group, or several with UNION between them."""
        branches = [self.pattern()]
        while self.take("UNION"):
            branches.append(self.pattern())
        if len(branches) == 1:
            into.groups += branches
        else:
            into.groups.append(Group("UNION", groups=branches))

    def filter(self, into: Group) -> None:
        if self.take("EXISTS"):
            into.groups.append(self.pattern("EXISTS"))
            return
        if self.take("NOT"):
            self.expect("EXISTS")
            into.groups.append(self.pattern("MINUS"))
            return
        begin = self.at
        if self.peek() != "(":
            self.at += 1  # the name of a function
        self.balanced()
        into.filters.append(tuple(self.given[begin : self.at]))

    def values(self, into: Group) -> None:
        """A VALUES block, after that word."""
        if self.peek() == "(":
            variables = [lexeme.text for lexeme in self.balanced()]
            rows = sum(lexeme.text == "(" and lexeme.kind == "mark" for lexeme in self.balanced())
        else:
            variables = [self.next().text]
            inside = self.balanced()
            # A literal's type or language is no value of its own.
            rows = sum(
                lexeme.kind not in ("language", "mark")
                and not (at and inside[at - 1] == Lexeme("mark", "^^"))
                for at, lexeme in enumerate(inside)
            )
        for variable in variables:
            into.values[variable] = rows

    # --- triples ----------------------------------------------------------------------------------------------

    def triples(self, into: Group) -> None:
        """A subject with its predicates and objects."""
        has_own = self.peek() in ("[", "(")
        subject = self.term(into)
        if not (has_own and self.peek() in (".", "}")):
            self.predicates(into, subject)

    def predicates(self, into: Group, subject: str) -> None:
        while True:
            path = self.path()
            into.triples.append(Triple(subject, path, self.term(into)))
            while self.take(","):
                into.triples.append(Triple(subject, path, self.term(into)))
            if self.peek() != ";":
                return
            while self.take(";"):
                pass
            if self.peek() in (".", "{", "}", "]") or self.peek().isalpha():
                return

    def anonymous(self, into: Group) -> str:
        """A blank node in square brackets."""
        self.expect("[")
        self.blanks += 1
        name = f"[{self.blanks}]"
        if not self.take("]"):
            self.predicates(into, name)
            self.expect("]")
        return name

    def term(self, into: Group) -> str:
        if self.peek() == "[":
            return self.anonymous(into)
        if self.peek() == "(":
            return "(" + " ".join(lexeme.text for lexeme in self.balanced()) + ")"
        if self.peek() in ("-", "+"):
            self.at += 1
        lexeme = self.next()
        if lexeme.kind == "mark" or (lexeme.kind == "word" and lexeme.text not in ("TRUE", "FALSE")):
            raise NotUnderstood
        if lexeme.kind == "string":
            if self.take("^^"):
                self.next()
            elif self.at < len(self.given) and self.given[self.at].kind == "language":
                self.at += 1
        return lexeme.text

    def path(self) -> tuple[Lexeme, ...]:
        """A predicate: a variable, an IRI or a property path."""
        begin = self.at
        while True:
            while self.peek() in ("^", "!"):
                self.at += 1
            if self.peek() == "(":
                self.balanced()
            elif self.next().kind not in ("iri", "variable"):
                raise NotUnderstood
            while self.peek() in ("*", "+", "?"):
                self.at += 1
            if not (self.take("/") or self.take("|")):
                return tuple(self.given[begin : self.at])


def selects(outermost: Select) -> Iterator[Select]:
    """A SELECT and all that stand in it, however deep."""
    yield outermost
    for group in groups(outermost.group):
        for select in group.selects:
            yield from selects(select)


def groups(group: Group) -> Iterator[Group]:
    """A group and all groups in it, but for those of a SELECT in it."""
    yield group
    for inner in group.groups:
        yield from groups(inner)


def variables(expression: Iterable[Lexeme]) -> set[str]:
    """The variables of an expression."""
    return {lexeme.text for lexeme in expression if lexeme.kind == "variable"}
