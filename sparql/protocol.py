"""The query operation of the SPARQL 1.1 Protocol, as pure functions from what came in to what is asked.

https://www.w3.org/TR/sparql11-protocol/#query-operation: GET, POST of a form, POST of the query itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_to_bytes

import pyoxigraph as ox

from mingzhang.sparql import formats
from mingzhang.sparql.chart import ANY_CHART, ChartWish
from mingzhang.sparql.guard import MAX_QUERY_BYTES
from mingzhang.sparql.negotiate import best_format
from mingzhang.sparql.problems import Problem, not_acceptable

MAX_URL_BYTES = 63 * 1024
MAX_REQUEST_HEAD_BYTES = 128 * 1024
"""Above what is allowed for a URL, so that a URL too long gets our 414."""
MAX_BODY_BYTES = 3 * MAX_QUERY_BYTES
"""A form escapes one byte as three."""
MAX_GRAPHS = 1000
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
ENCODED = re.compile(rb"[A-Za-z0-9%&=+._~*-]+")
"""A query string with every character escaped that needs it."""
UPDATE = "application/sparql-update"


@dataclass(frozen=True)
class Received:
    """The parts of an HTTP request that the protocol looks at."""

    method: str
    query_string: bytes
    content_type: str
    body: bytes


@dataclass(frozen=True)
class QueryOperation:
    """What is asked. `format_key` is that of `?format=`, empty where the client negotiates; `timeout_s` what the
    client is content with, None where it does not say. `encoded` is the query string it came in, where that may stand
    in a link as it is."""

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format_key: str
    timeout_s: float | None
    encoded: str = ""
    chart: ChartWish = ANY_CHART
    """What a page is to show beside the table."""


def query_operation(received: Received) -> QueryOperation | None:
    """The query operation of a request; None for a bare GET, which asks for the service description.

    Raises Problem 400, 403 (an update), 413, 414, 415.
    """
    if len(received.query_string) > MAX_URL_BYTES:
        raise Problem(
            "too-long", 414, f"the URL is longer than {MAX_URL_BYTES} bytes; send the query by POST"
        )
    if len(received.body) > MAX_BODY_BYTES:
        raise Problem("too-long", 413, f"the body is longer than {MAX_BODY_BYTES} bytes")
    parameters = decoded_parameters(received.query_string, "the query string")
    if received.method == "POST":
        parameters += body_parameters(received)
    refuse_updates(parameters)
    queries = [value for name, value in parameters if name == "query"]
    if len(queries) > 1:
        raise Problem("request", 400, "there is more than one query; send one")
    if not queries:
        if received.method == "POST" or parameters_of_a_query(parameters):
            raise Problem("request", 400, "there is no query; send it as `query`")
        return None
    if not queries[0].strip():
        raise Problem("request", 400, "the query is empty")
    encoded = received.query_string.decode("ascii") if ENCODED.fullmatch(received.query_string) else ""
    return QueryOperation(
        queries[0],
        *graph_names(parameters),
        *answer_wishes(parameters),
        encoded if received.method != "POST" else "",
        ChartWish.of(dict(parameters)),
    )


def plain_operation(query_string: bytes) -> QueryOperation | None:
    """The query operation of a query string that has `query=…`, every character escaped that needs it, and nothing else;
    most have. None for any other, which is `query_operation`'s to look at."""
    if not query_string.startswith(b"query=") or not ENCODED.fullmatch(query_string) or b"&" in query_string:
        return None
    try:
        query = unquote_to_bytes(query_string[6:].replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not query.strip():
        return None
    return QueryOperation(query, None, None, "", None, query_string.decode("ascii"))


def decoded_parameters(raw: bytes, where: str) -> list[tuple[str, str]]:
    """Name and value pairs of URL-encoded data. Raises Problem 400 where it is not UTF-8."""
    try:
        return parse_qsl(
            raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_GRAPHS * 2
        )
    except UnicodeDecodeError as error:
        raise Problem("request", 400, f"{where} is not UTF-8") from error
    except ValueError as error:
        raise Problem("request", 400, f"{where} has too many parameters") from error


def body_parameters(received: Received) -> list[tuple[str, str]]:
    """The parameters of a POST body; a query sent directly is its `query`. Raises Problem 400, 403, 415."""
    media_type, charset = media_type_and_charset(received.content_type)
    if charset not in ("", "utf-8", "utf8"):
        raise Problem("media-type", 415, f"the charset is {charset!r}; send UTF-8")
    if media_type == FORM:
        return decoded_parameters(received.body, "the form")
    if media_type == DIRECT:
        try:
            return [("query", received.body.decode("utf-8"))]
        except UnicodeDecodeError as error:
            raise Problem("request", 400, "the body is not UTF-8") from error
    if media_type == UPDATE:
        raise Problem("update", 403, "this endpoint is read-only: SPARQL updates are refused; send a query")
    named = repr(media_type) if media_type else "missing"
    raise Problem(
        "media-type",
        415,
        f"the Content-Type is {named}; use {FORM} or {DIRECT}",
        headers={"Accept-Post": f"{FORM}, {DIRECT}"},
    )


def media_type_and_charset(content_type: str) -> tuple[str, str]:
    """Media type and charset of a Content-Type header, in lower case; "" where absent."""
    media_type, *parameters = content_type.split(";")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip('"').lower()
    return media_type.strip().lower(), ""


def refuse_updates(parameters: list[tuple[str, str]]) -> None:
    names = {name for name, _ in parameters}
    if names & {"update", "using-graph-uri", "using-named-graph-uri"}:
        raise Problem("update", 403, "this endpoint is read-only: SPARQL updates are refused; send a query")


def parameters_of_a_query(parameters: list[tuple[str, str]]) -> bool:
    return any(name in ("default-graph-uri", "named-graph-uri", "timeout") for name, _ in parameters)


def graph_names(
    parameters: list[tuple[str, str]],
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Default and named graphs; both None where none is named. Raises Problem 400 for what is no absolute IRI."""
    named: dict[str, list[str]] = {"default-graph-uri": [], "named-graph-uri": []}
    for name, value in parameters:
        if name in named:
            try:
                ox.NamedNode(value)
            except ValueError as error:
                raise Problem("request", 400, f"{name}: {value!r} is no absolute IRI") from error
            named[name].append(value)
    if not any(named.values()):
        return None, None
    return tuple(named["default-graph-uri"]), tuple(named["named-graph-uri"])


def answer_wishes(parameters: list[tuple[str, str]]) -> tuple[str, float | None]:
    """The format and time limit asked for by parameter. Raises Problem 400."""
    wishes = dict(parameters)
    for name in ("format", "timeout"):
        if sum(given == name for given, _ in parameters) > 1:
            raise Problem("request", 400, f"{name} is given more than once; give it once")
    format_key = wishes.get("format", "")
    if format_key and format_key not in formats.BY_KEY:
        raise Problem(
            "request", 400, f"format={format_key!r} is unknown; use one of {', '.join(formats.BY_KEY)}"
        )
    if not wishes.get("timeout"):
        return format_key, None
    try:
        timeout_s = float(wishes["timeout"])
    except ValueError as error:
        raise Problem("request", 400, "timeout is a number of seconds") from error
    if not 0 < timeout_s < 1e6:
        raise Problem("request", 400, "timeout is a positive number of seconds")
    return format_key, timeout_s


def answer_format(
    offered: tuple[formats.Format, ...], format_key: str, accept: str | None
) -> tuple[formats.Format, str]:
    """The format to answer in and the Content-Type to say. A format asked for by parameter wins over Accept.

    Raises Problem 406 with what is offered.
    """
    if format_key:
        chosen = formats.BY_KEY[format_key]
        if chosen in offered:
            return chosen, chosen.content_type
        raise not_acceptable([f.media_type for f in offered])
    found = best_format(accept, offered)
    if found is None:
        raise not_acceptable([f.media_type for f in offered])
    chosen, media_type = found
    return chosen, chosen.content_type if media_type == chosen.media_type else media_type
