"""Every error answer of the service, in one shape: RFC 9457 `application/problem+json`.

    {"type": "…/errors#syntax", "title": …, "title_zh": …, "status": 400, "detail": …, "line": 1, "column": 5}

`problem_of` says which exception becomes which problem; whose fault it was decides the status.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from mingzhang.errors import QueryError, QuerySyntaxError, QueryTimeout, QueryTooLarge, ServiceBusy
from mingzhang.sparql.archive import ReleaseNotLoaded
from mingzhang.sparql.engine import AnswerNotWritten
from mingzhang.sparql.guard import QueryTooLong, ServiceRefused, UpdateRefused
from mingzhang.sparql.negotiate import media_ranges, quality
from mingzhang.sparql.places import TooManyAtOnce
from mingzhang.sparql.rewriting import EngineFailed
from mingzhang.sparql.workers import WorkerBroke

TITLES = {
    "request": ("the request is malformed", "请求有误"),
    "syntax": ("the query is malformed", "查询语句有误"),
    "evaluation": ("the query cannot be evaluated", "查询无法执行"),
    "update": ("updates are refused", "不接受更新操作"),
    "service": ("SERVICE is off", "不支持 SERVICE"),
    "not-found": ("there is nothing here", "没有找到"),
    "gone": ("a later release has withdrawn this", "后来的发布已撤下此内容"),
    "method": ("this method is not allowed here", "不允许此方法"),
    "not-acceptable": ("none of the formats offered is acceptable", "没有可接受的格式"),
    "too-long": ("the request is too long", "请求过长"),
    "media-type": ("this media type is not understood", "不支持的媒体类型"),
    "precondition": ("what is here is not what the request names", "此处的内容不是请求所指的版本"),
    "range": ("the range cannot be satisfied", "范围无效"),
    "too-large": ("the answer passes the size limit", "结果超过大小限制"),
    "timeout": ("the query was stopped at its time limit", "查询超时，已停止"),
    "memory": ("the query was stopped at its memory limit", "查询超出内存限制，已停止"),
    "busy": ("the service is busy", "服务繁忙"),
    "too-many": ("too many queries at once", "同时查询过多"),
    "release": ("this release cannot be loaded", "该版本无法载入"),
    "engine": ("the engine behind this service failed", "后端查询引擎出错"),
    "internal": ("the service failed", "服务出错"),
}
"""Kind of problem → what it is, in English and Chinese. docs/sparql.md explains each."""


@dataclass(eq=False)
class Problem(Exception):
    """An error answer: its kind (a key of TITLES), HTTP status, what is wrong and what to do, and extra members."""

    kind: str
    status: int
    detail: str
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def wants_page(accept: str | None) -> bool:
    """Whether a client would rather have a page than our JSON: a browser, not a program."""
    ranges = media_ranges(accept or "")
    return quality("text/html", ranges) > quality("application/problem+json", ranges)


def problem_response(problem: Problem, page: bytes | None = None) -> Response:
    """The answer for a problem; as a page where one is given."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **problem.headers}
    if page is not None:
        return Response(page, problem.status, headers, "text/html; charset=utf-8")
    english, chinese = TITLES[problem.kind]
    body = {
        "type": f"https://w3id.org/mingzhang/errors#{problem.kind}",
        "title": english,
        "title_zh": chinese,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }
    return Response(
        json.dumps(body, ensure_ascii=False, indent=2) + "\n",
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def problem_of(error: QueryError) -> Problem:
    """The problem a query error becomes."""
    detail = str(error)
    match error:
        case QuerySyntaxError():
            place = {"line": error.line, "column": error.column} if error.line is not None else {}
            return Problem("syntax", 400, detail, place)
        case QueryTooLong():
            return Problem("too-long", 413, detail)
        case UpdateRefused():
            return Problem("update", 403, detail)
        case ServiceRefused():
            return Problem("service", 403, detail)
        case QueryTimeout():
            return Problem("timeout", 504, detail)
        case AnswerNotWritten():
            return Problem("internal", 503, detail)
        case ReleaseNotLoaded():
            return Problem("release", 503, detail)
        case EngineFailed():
            return Problem("engine", 502, detail)
        case WorkerBroke():
            return Problem("memory", 503, detail)
        case QueryTooLarge():
            # 4xx: the same request would fail again, on any server with this limit.
            return Problem("too-large", 403, detail)
        case TooManyAtOnce():
            return Problem("too-many", 429, detail, headers={"Retry-After": str(error.retry_after_s)})
        case ServiceBusy():
            return Problem("busy", 503, detail, headers={"Retry-After": str(error.retry_after_s)})
        case _:
            return Problem("evaluation", 400, detail)


def not_found(what: str) -> Problem:
    return Problem("not-found", 404, f"{what}: not in this release; search from the front page")


def with_nearest(problem: Problem, address: str) -> Problem:
    """The same 404, with the address of the nearest thing there is; unchanged where there is none."""
    if not address:
        return problem
    detail = f"{problem.detail}; the nearest thing there is: {address}"
    return Problem(problem.kind, problem.status, detail, {"nearest": address})


def gone(path: str, last: str) -> Problem:
    """410: an earlier release, the last of which is named, has what this one has not."""
    address = f"/releases/{last}/{path}"
    detail = f"{path}: not in this release any more; release {last} was the last that had it, see {address}"
    links = {"Link": f'<{address}>; rel="last memento", </releases/timemap/{path}>; rel="timemap"'}
    return Problem("gone", 410, detail, {"last": address}, links)


def fault() -> Problem:
    """500: our own, and noted."""
    return Problem("internal", 500, "a fault of this service; it has been noted in its log")


def not_acceptable(offered: list[str]) -> Problem:
    """406 with the list of what there is."""
    return Problem("not-acceptable", 406, f"ask for one of: {', '.join(offered)}", {"offered": offered})


def method_not_allowed(allowed: str) -> Problem:
    return Problem("method", 405, f"use one of: {allowed}", headers={"Allow": allowed})
