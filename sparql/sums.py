"""Warnings about sums that may count money twice: totals beside their parts, or two classifications of the same money.

Judged by the tokens of the query, without evaluating it. What it cannot see is a query that picks its facts itself, one
by one, outside the leaves graph: that is warned of too, and says “may”.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin

from mingzhang.sparql.guard import Token, tokens

ADDING = ("SUM", "AVG")
MZ = "https://w3id.org/mingzhang/ontology#"
AMOUNT, LEAF_OF = MZ + "amount", MZ + "leafOf"
LEAVES = "graph/leaves"
OUTSIDE_LEAVES = "sums facts outside <graph/leaves>: totals and their parts may both be counted"
NO_CLASSIFICATION = (
    "sums <graph/leaves> without mz:leafOf: two classifications of the same money may both be counted"
)
SEVERAL_CLASSIFICATIONS = (
    "sums several classifications together: the same money may be counted once for each; "
    "name one after mz:leafOf, or group by it"
)


def sum_warnings(query: str, base_iri: str, graphs: Iterable[str] = ()) -> tuple[str, ...]:
    """The warnings for a query; `graphs` are those that the request names beside it. IRIs are resolved, prefixes too."""
    seen = [token for token in tokens(query) if token.kind != "step"]
    sums = sum(token.kind == "word" and token.text.upper() in ADDING for token in seen)
    if not sums:
        return ()
    named = resolved(seen, base_iri)
    if AMOUNT not in named:
        return ()
    if not any(iri == base_iri + LEAVES or iri.endswith("/" + LEAVES) for iri in (*named, *graphs)):
        return (OUTSIDE_LEAVES,)
    if LEAF_OF not in named:
        return (NO_CLASSIFICATION,)
    schemes, variables = classifications(query, seen, named)
    if any(not is_single(query, variable, seen) for variable in variables) or len(schemes) > sums:
        return (SEVERAL_CLASSIFICATIONS,)
    return ()


def resolved(seen: list[Token], base_iri: str) -> list[str]:
    """For each token the IRI it stands for, "" where it is none."""
    base, prefixes, found = base_iri, {"": ""}, []
    for at, token in enumerate(seen):
        before = seen[at - 1].text.upper() if at else ""
        if token.kind == "iri":
            iri = absolute(base, token.text[1:-1])
            if before == "BASE":
                base = iri
            elif at > 1 and seen[at - 2].text.upper() == "PREFIX":
                prefixes[seen[at - 1].text.rstrip(":")] = iri
            found.append(iri)
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            found.append(prefixes.get(prefix, prefix + ":") + local.replace("\\", ""))
        else:
            found.append("")
    return found


def absolute(base: str, iri: str) -> str:
    """An IRI resolved against a base. `urljoin` would take away a `#` at its end."""
    return urljoin(base, iri) + ("#" if iri.endswith("#") else "")


def classifications(query: str, seen: list[Token], named: list[str]) -> tuple[set[str], set[str]]:
    """What stands after `mz:leafOf`: the IRIs, and the names of variables."""
    schemes: set[str] = set()
    variables: set[str] = set()
    for at, iri in enumerate(named):
        if iri != LEAF_OF:
            continue
        inverse = query[: seen[at].start].rstrip().endswith("^")
        places = [at - 1] if inverse else objects_after(query, seen, at)
        for place in places:
            if 0 <= place < len(seen) and seen[place].kind == "variable":
                variables.add(seen[place].text[1:])
            elif 0 <= place < len(seen) and named[place]:
                schemes.add(named[place])
    return schemes, variables


def objects_after(query: str, seen: list[Token], at: int) -> list[int]:
    """The places of the objects of the predicate at this place: one, or several with commas between."""
    places = [at + 1]
    while places[-1] + 1 < len(seen):
        last = seen[places[-1]]
        if query[last.start + len(last.text) : seen[places[-1] + 1].start].strip() != ",":
            break
        places.append(places[-1] + 1)
    return places


def is_single(query: str, variable: str, seen: list[Token]) -> bool:
    """Whether what a variable stands for is kept apart: it is grouped by, or has one value (`VALUES`, `FILTER` with =)."""
    texts = [token.text.upper() if token.kind == "word" else token.text for token in seen]
    for at, token in enumerate(seen):
        if token.kind != "variable" or token.text[1:] != variable:
            continue
        clause = next((place for place in range(at - 1, -1, -1) if seen[place].kind == "word"), -1)
        if texts[clause - 1 : clause + 1] == ["GROUP", "BY"] and clause > 0:
            return True
        if texts[at - 1] == "VALUES" and [t.kind for t in seen[at + 1 : at + 4]][::2] == ["open", "close"]:
            return True
        if texts[max(0, at - 2) : at] == ["FILTER", "("] and texts[at + 2 : at + 3] == [")"]:
            return query[token.start + len(token.text) : seen[at + 1].start].strip() == "="
    return False
