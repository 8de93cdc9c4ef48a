"""What is looked at before a query is handed to the engine: its size, its nesting, what kind of query it is.

The engine's parser recurses: 3,000 nested braces end its process, 200 nested lists keep it busy for over a minute.
And it would call out for `SERVICE`. This module reads the query's tokens in one linear pass, without a grammar;
whether the query is correct is for the engine to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mingzhang.errors import QueryError, QuerySyntaxError

MAX_QUERY_BYTES = 512 * 1024
"""A generated query with thousands of VALUES fits; a megabyte is no longer a question."""
MAX_NESTING = 48
"""Lists cost the engine's parser exponential time: 48 deep about 0.1 s, 64 deep 0.3 s, 200 over a minute."""
MAX_STEPS = 200
"""Steps of property paths (and divisions): the engine's planner takes cubic time, 0.4 s for 200, minutes for 1,000."""

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
PROLOGUE = ("BASE", "PREFIX")
ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(000[0-9A-Fa-f]{5}|0010[0-9A-Fa-f]{4})")
CHANGING = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE"})
"""Functions whose answer differs from call to call: such answers are not kept."""

OPAQUE = r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
      | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z][A-Za-z0-9-]*)
"""
"""Tokens in which brackets and keywords mean nothing (SPARQL 1.1 §19.8); a verbose pattern, to be gone on with."""
TOKEN = re.compile(
    OPAQUE
    + r"""
  | (?P<name>(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:[\w:\-.%]|\\.)*)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<open>[({\[]|<<)
  | (?P<close>[)}\]]|>>)
  | (?P<step>/)
    """,
    re.VERBOSE | re.DOTALL,
)


class QueryTooLong(QueryError):
    """The text of the query passes MAX_QUERY_BYTES."""


class UpdateRefused(QueryError):
    """The request is an update; this service is read-only."""


class ServiceRefused(QueryError):
    """The query calls another endpoint with SERVICE; this service sends no requests of its own."""


class Token(NamedTuple):
    """One token that matters here: its kind (a group of TOKEN), its text, where it starts (from 0)."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class FromClauses:
    """The dataset clauses of a query: the text before its form, which declares the prefixes, and the graph names of
    FROM and FROM NAMED as written."""

    prologue: str
    graphs: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """What the tokens say about a query.

    `form` is SELECT, ASK, CONSTRUCT or DESCRIBE; empty where none was seen (the engine will say what is wrong).
    `from_clauses` is None where there are none. `changing` is True where a function like RAND() makes each answer another one. `words` are the
    keywords and function names in capitals.
    """

    form: str
    from_clauses: FromClauses | None
    changing: bool
    words: frozenset[str]


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query, comments left out. Anything the pattern does not know is passed over."""
    for match in TOKEN.finditer(query):
        kind = match.lastgroup or ""
        if kind != "comment":
            yield Token(kind, match.group(), match.start())


def position(query: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character offset."""
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def outline(query: str) -> Outline:
    """The outline of a query that may be handed to the engine.

    Raises QueryTooLong, QuerySyntaxError (past MAX_NESTING or MAX_STEPS), ServiceRefused, UpdateRefused.
    """
    if len(query.encode("utf-8")) > MAX_QUERY_BYTES:
        raise QueryTooLong(
            f"the query is longer than {MAX_QUERY_BYTES} bytes; ask for less at once, or take the dumps"
        )
    form, start, words = judged(query)
    if "\\u" in query or "\\U" in query:
        judged(unescaped(query))
    graphs, named = dataset_clauses(tuple(tokens(query))) if "FROM" in words else ((), ())
    return Outline(
        form=form,
        from_clauses=FromClauses(query[:start], graphs, named) if graphs or named else None,
        changing=bool(words & CHANGING),
        words=words,
    )


def judged(query: str) -> tuple[str, int, frozenset[str]]:
    """The query's form in capitals and where it stands ("" and 0 where there is none), and all words in capitals. Raises
    what `outline` does."""
    form, start = "", 0
    words: set[str] = set()
    depth = steps = 0
    # Every query comes by here, so nothing is made of a token but what is asked of it.
    for match in TOKEN.finditer(query):
        kind = match.lastgroup
        if kind == "word":
            word = match.group().upper()
            if word in PROLOGUE:
                continue
            # The first word after the prologue says what it is: an update may well have a SELECT inside.
            if not words and word in UPDATES:
                raise UpdateRefused("this endpoint is read-only: SPARQL updates are refused; send a query")
            words.add(word)
            if not form and word in FORMS:
                form, start = word, match.start()
        elif kind == "open":
            depth += 1
            if depth > MAX_NESTING:
                raise too_deep(query, match.start())
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "step":
            steps += 1
    if steps > MAX_STEPS:
        raise QuerySyntaxError(f"the query has more than {MAX_STEPS} path steps; use *, + or fewer steps")
    if "SERVICE" in words:
        raise ServiceRefused("SERVICE is off: this endpoint sends no requests to other endpoints")
    return form, start, frozenset(words)


def too_deep(query: str, offset: int) -> QuerySyntaxError:
    """The error of a bracket at this offset that is nested deeper than MAX_NESTING."""
    line, column = position(query, offset)
    return QuerySyntaxError(
        f"brackets nest deeper than {MAX_NESTING} at line {line}, column {column}; flatten the query",
        line,
        column,
    )


def unescaped(query: str) -> str:
    """The query with `\\u0053` as `S`: SPARQL 1.1 §19.2 has these resolved before the grammar is looked at, so
    `\\u0053ERVICE` is a SERVICE to an engine that goes by the book. Ours does not; both readings are judged."""
    return ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), query)


def dataset_clauses(seen: tuple[Token, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The graphs of `FROM` and of `FROM NAMED`, as written."""
    graphs: list[str] = []
    named: list[str] = []
    for at, token in enumerate(seen):
        if token.kind != "word" or token.text.upper() != "FROM":
            continue
        following = seen[at + 1 : at + 3]
        if (
            len(following) == 2
            and following[0].text.upper() == "NAMED"
            and following[1].kind in ("iri", "name")
        ):
            named.append(following[1].text)
        elif following and following[0].kind in ("iri", "name"):
            graphs.append(following[0].text)
    return tuple(graphs), tuple(named)
