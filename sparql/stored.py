"""The stored queries of `queries/*.rq`: what each asks, what it takes, what it gives, and whether its sums are safe.

A file begins with comments, one `name: value` a line:

    # title-en: …          # title-zh: …
    # question-en: …       # question-zh: …
    # parameter: department iri | Department | 部门 | example
    # columns: department departmentName year amountYuan
    # sum: safe | why | 为什么      # or: never | why | 为什么

Each parameter has a line `VALUES ?department { UNDEF }` in the query; a value given takes the place of UNDEF as an RDF
term, written out by the engine's own serialiser. Text of the user never becomes text of the query.
Relative IRIs (`<id/flow/expenditure>`) are resolved against the release's base URI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox

from mingzhang.errors import VocabularyError
from mingzhang.sparql.engine import PREFIXES
from mingzhang.sparql.problems import Problem

HEADER = re.compile(r"^# ([a-z-]+): (.*)$")
SINGLE = ("title-en", "title-zh", "question-en", "question-zh", "columns", "sum")
XSD = PREFIXES["xsd"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a stored query: its variable, its type, labels, and a value that gives an answer on ordinary data
    (may be empty). `type` is a key of TERMS."""

    name: str
    type: str
    label_en: str
    label_zh: str
    example: str

    @property
    def placeholder(self) -> str:
        return f"VALUES ?{self.name} {{ UNDEF }}"


@dataclass(frozen=True)
class StoredQuery:
    """One stored query. `text` runs as it is: a parameter not given does not narrow the answer."""

    name: str
    title_en: str
    title_zh: str
    question_en: str
    question_zh: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    safe_to_sum: bool
    about_sums_en: str
    about_sums_zh: str
    """Why its amounts may or may not be added up."""
    text: str

    @property
    def body(self) -> str:
        """The query without its header comments, as shown in the editor."""
        lines = self.text.splitlines()
        while lines and (lines[0].startswith("#") or not lines[0].strip()):
            lines.pop(0)
        return "\n".join(lines) + "\n"


def stored_queries() -> Mapping[str, StoredQuery]:
    """All stored queries by name, in the order of their file names. Raises VocabularyError for a bad header."""
    folder = files("mingzhang.sparql") / "queries"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".rq"):
            # 010-disclosures.rq: the number orders the list, the rest is the name.
            name = re.sub(r"^\d+-", "", file.name.removesuffix(".rq"))
            found[name] = parsed(name, file.read_text(encoding="utf-8"))
    return MappingProxyType(found)


def parsed(name: str, text: str) -> StoredQuery:
    """A stored query from its file's text. Raises VocabularyError where the header lacks or contradicts something."""
    single: dict[str, str] = {}
    parameters: list[Parameter] = []
    for line in text.splitlines():
        match = HEADER.match(line)
        if match is None:
            if line.startswith("#"):
                continue
            break
        if match[1] == "parameter":
            parameters.append(parsed_parameter(name, match[2]))
        else:
            single[match[1]] = match[2].strip()
    missing = [key for key in SINGLE if not single.get(key)]
    if missing:
        raise VocabularyError(f"queries/{name}.rq: the header lacks {', '.join(missing)}")
    for parameter in parameters:
        if parameter.placeholder not in text:
            raise VocabularyError(f"queries/{name}.rq: no line {parameter.placeholder!r}")
    verdict, *reasons = (part.strip() for part in single["sum"].split("|"))
    if verdict not in ("safe", "never") or len(reasons) != 2 or not all(reasons):
        raise VocabularyError(f"queries/{name}.rq: sum is 'safe | why | 为什么' or 'never | why | 为什么'")
    return StoredQuery(
        name,
        single["title-en"],
        single["title-zh"],
        single["question-en"],
        single["question-zh"],
        tuple(parameters),
        tuple(single["columns"].split()),
        verdict == "safe",
        reasons[0],
        reasons[1],
        text,
    )


def parsed_parameter(name: str, line: str) -> Parameter:
    parts = [part.strip() for part in line.split("|")]
    words = parts[0].split()
    if len(parts) != 4 or len(words) != 2 or words[1] not in TERMS:
        raise VocabularyError(
            f"queries/{name}.rq: a parameter is 'name type | English | 中文 | example', type one of {', '.join(TERMS)}"
        )
    return Parameter(words[0], words[1], parts[1], parts[2], parts[3])


def bound_query(query: StoredQuery, values: Mapping[str, str]) -> str:
    """The query, without its header, with the parameters given bound; lines of those not given are left out. Raises Problem 400 for
    a value that is not of its type. Other names in `values` are passed over."""
    text = query.body
    for parameter in query.parameters:
        value = values.get(parameter.name, "").strip()
        if value:
            term = TERMS[parameter.type](parameter.name, value)
            text = text.replace(parameter.placeholder, f"VALUES ?{parameter.name} {{ {term} }}")
        else:
            # UNDEF would do, but the engine's planner joins better without it.
            text = re.sub(rf"^[ ]*{re.escape(parameter.placeholder)}\n", "", text, flags=re.MULTILINE)
    return text


def iri_term(name: str, value: str) -> str:
    """An absolute IRI, or one of this release given by its path (`id/department/…`)."""
    if re.search(r'[<>"{}|^`\\\x00-\x20]', value):
        raise bad_value(name, value, "an IRI")
    if value.startswith(("id/", "source/", "graph/")):
        return f"<{quote(value, safe='/-._~%')}>"
    try:
        return str(ox.NamedNode(value))
    except ValueError as error:
        raise bad_value(name, value, "an IRI") from error


def year_term(name: str, value: str) -> str:
    if not re.fullmatch(r"[0-9]{4}", value):
        raise bad_value(name, value, "a year of four digits")
    return str(ox.Literal(value, datatype=ox.NamedNode(XSD + "gYear")))


def decimal_term(name: str, value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise bad_value(name, value, "a number") from error
    if not number.is_finite() or len(value) > 40:
        raise bad_value(name, value, "a number")
    return str(ox.Literal(f"{number:f}", datatype=ox.NamedNode(XSD + "decimal")))


def text_term(name: str, value: str) -> str:
    if len(value) > 200:
        raise bad_value(name, value[:20] + "…", "a text of at most 200 characters")
    return str(ox.Literal(value))


def bad_value(name: str, value: str, wanted: str) -> Problem:
    return Problem("request", 400, f"{name}: {value!r} is not {wanted}")


TERMS: Mapping[str, Callable[[str, str], str]] = MappingProxyType(
    {"iri": iri_term, "year": year_term, "decimal": decimal_term, "text": text_term}
)
