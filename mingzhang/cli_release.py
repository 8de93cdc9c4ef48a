"""The commands that make and ask a release: `build`, `query`."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mingzhang.build import BuildRequest, BuildResult, build_release, quarantine_report
from mingzhang.cli_options import (
    base_uri_option,
    base_uri_or_default,
    data_option,
    debug_asked,
    executor_for,
    files_argument,
    jobs_for,
    jobs_option,
    join_option,
    override_options,
    release_date,
    scheduler_option,
    tell_failed,
    tell_idle,
    tell_violations,
)
from mingzhang.errors import QueryError, SettingsError
from mingzhang.prepared import Job
from mingzhang.progress import shown_progress

if TYPE_CHECKING:
    from mingzhang.sparql.stored import StoredQuery

_IRI = re.compile(r"https?://[^ ]*$")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@click.command(
    epilog="""\b
Examples:
  mingzhang build examples/ --data data
  mingzhang build examples/cangxi-2023.txt --data data --base-uri https://budget.example.org/
  mingzhang build examples/ --base-uri https://budget.example.org/ --rdf-files
"""
)
@files_argument
@data_option
@base_uri_option
@click.option(
    "--date",
    metavar="DATE",
    help="Date of a new release, as 2026-01-31.  [default: SOURCE_DATE_EPOCH, or today]",
)
@click.option(
    "--rdf-files",
    is_flag=True,
    help="Write each entity's Turtle and JSON-LD as files too: for nginx, Caddy or another host without this service.",
)
@click.option(
    "--source-url",
    "source_urls",
    multiple=True,
    metavar="FILE=URL",
    help="This file may not be given on: the release links to it at URL and does not hold it.",
)
@override_options
@join_option
@jobs_option
@scheduler_option
def build(
    files: Sequence[str],
    data: Path,
    base_uri: str | None,
    date: str | None,
    rdf_files: bool,
    source_urls: Sequence[str],
    jobs: int,
    scheduler: str | None,
    **options: Any,
) -> int:
    """Build a release from disclosures, check it, and make it the current one.

    The id of the release is printed last. Where the same content was released before, nothing is written and
    that release's id is printed. A file that cannot be used is reported and left out; the exit status is then 1,
    and the release holds the others.
    """
    named = jobs_for(files, options)
    request = BuildRequest(
        jobs=named,
        data=data,
        base_uri=base_uri_or_default(base_uri),
        base_uri_given=bool(base_uri),
        date=release_date(date),
        workers=jobs,
        executor=executor_for(jobs, scheduler),
        cache_folder=data / "cache",
        rdf_files=rdf_files,
        source_urls=_source_urls(source_urls, named),
    )
    with shown_progress() as progress:
        result = build_release(request, progress)
    _tell(result, data)
    return 0 if result.all_worked else 1


def _source_urls(given: Sequence[str], jobs: Sequence[Job]) -> dict[str, str]:
    """Name of a file → where its publisher has it. Raises SettingsError for what names no file or no address."""
    names = {path.name for job in jobs for path in job.paths}
    found = {}
    for text in given:
        name, _, address = text.partition("=")
        name = Path(name).name
        if name not in names:
            raise SettingsError(f"--source-url {text!r}: {name!r} is none of the files; write FILE=URL")
        if not re.match(r"https?://[^\s<>\"{}|\\^`]+$", address):
            raise SettingsError(
                f"--source-url {text!r}: {address!r} is no address of the web; write FILE=URL"
            )
        found[name] = address
    return found


def _tell(result: BuildResult, data: Path) -> None:
    tell_failed(result.failed, debug_asked())
    tell_violations(result.quarantined)
    tell_idle(result.idle)
    for prepared in result.quarantined:
        report = quarantine_report(data, prepared)
        click.echo(f"mingzhang: {prepared.path}: not published; the report is {report}", err=True)
    if result.release is None:
        click.echo("mingzhang: no file could be published, so there is no new release", err=True)
        return
    manifest = result.release.manifest
    for entry in manifest.disclosures:
        counts = entry.counts
        click.echo(
            f"{entry.file_name}: {entry.department_name} {entry.year}, {counts['figures']} figures, "
            f"{counts['facts']} facts, {counts['findings']} findings",
            err=True,
        )
    state = "unchanged, nothing written" if result.unchanged else f"written to {result.release.path}"
    click.echo(f"{manifest.triples} triples; {state}", err=True)
    click.echo(manifest.id)


@click.command(
    epilog="""\b
Examples:
  mingzhang query --list --data data
  mingzhang query spending-by-functional-class --data data --format csv
"""
)
@click.argument("name", required=False, metavar="NAME|FILE")
@data_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "tsv", "json", "xml", "turtle", "ntriples", "table"]),
    default="csv",
    show_default=True,
    help="How the answer is written; `table` is for reading.",
)
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of a stored query.")
@click.option(
    "--rows", type=click.IntRange(min=1), default=12, show_default=True, help="Rows shown by --format table."
)
@click.option("--list", "list_", is_flag=True, help="Name the stored queries and stop.")
def query(name: str | None, data: Path, format_: str, params: Sequence[str], rows: int, list_: bool) -> int:
    """Ask the current release: a stored query by name, or SPARQL from a file (- for standard input).

    Sums are only right over facts that do not contain one another: stored queries take them from the leaves graph.
    """
    from mingzhang.release import current_release
    from mingzhang.sparql.local import run_query
    from mingzhang.sparql.stored import stored_queries

    stored = stored_queries()
    if list_:
        width = max(map(len, stored), default=0)
        for key, one in stored.items():
            click.echo(f"{key:<{width}}  {one.title_en} {one.title_zh}")
        return 0
    if name is None:
        raise click.UsageError("Name a stored query or a file; --list shows the stored ones.")
    text = _query_text(name, params)
    answer = run_query(current_release(data), text, "csv" if format_ == "table" else format_)  # type: ignore[arg-type]
    if format_ == "table":
        _show_table(answer.decode("utf-8"), rows)
    else:
        stream = sys.stdout.buffer
        stream.write(answer)
        stream.flush()
    return 0


def _query_text(name: str, params: Sequence[str]) -> str:
    """SPARQL behind a name. Raises QueryError where there is neither such a query nor such a file."""
    from mingzhang.sparql.stored import stored_queries

    stored = stored_queries()
    if name in stored:
        return _with_parameters(stored[name], params)
    if params:
        raise QueryError(f"{name!r}: --param is for stored queries; write the value into the file's query")
    if name == "-":
        return sys.stdin.buffer.read().decode("utf-8")
    if Path(name).is_file():
        return Path(name).read_text(encoding="utf-8")
    raise QueryError(
        f"{name!r}: no stored query and no file of that name; `mingzhang query --list` names the queries"
    )


def _with_parameters(stored: StoredQuery, params: Sequence[str]) -> str:
    from mingzhang.sparql.problems import Problem
    from mingzhang.sparql.stored import bound_query

    known = {parameter.name for parameter in stored.parameters}
    values = {}
    for param in params:
        key, _, value = param.partition("=")
        if key not in known:
            names = ", ".join(sorted(known)) or "none"
            raise QueryError(f"{stored.name}: no parameter {key!r}; it has {names}, given as NAME=VALUE")
        values[key] = value
    try:
        return bound_query(stored, values)
    except Problem as error:
        raise QueryError(f"{stored.name}: {error.detail}; see `mingzhang query --list`") from error


def _show_table(answer: str, rows: int) -> None:
    """The first rows of a CSV answer as a table for reading: numbers to the right, columns of bare IRIs left out."""
    from rich.console import Console
    from rich.table import Table

    columns, *records = list(csv.reader(io.StringIO(answer))) or [[]]
    values = [[record[number] for record in records if record[number]] for number in range(len(columns))]
    bare = {number for number, column in enumerate(values) if column and all(map(_IRI.match, column))}
    shown = [number for number in range(len(columns)) if number not in bare] or list(range(len(columns)))
    table = Table(box=None, pad_edge=False)
    for number in shown:
        numeric = all(map(_NUMBER.fullmatch, values[number]))
        table.add_column(columns[number], justify="right" if numeric else "left", overflow="fold")
    for record in records[:rows]:
        table.add_row(*(_grouped(record[number]) for number in shown))
    # On a terminal the table takes its width; in a file or pipe no column is folded.
    Console(width=None if sys.stdout.isatty() else 1000, highlight=False, markup=False).print(table)
    if len(records) > rows:
        click.echo(f"… {len(records) - rows} more rows; --rows shows more, --format csv all of them")
    if len(shown) < len(columns):
        click.echo(f"Left out, being IRIs: {', '.join(columns[number] for number in sorted(bare))}")


def _grouped(value: str) -> str:
    """Thousands apart for reading, where the value is a number longer than a year or a code's class."""
    if not _NUMBER.fullmatch(value) or len(value.partition(".")[0].lstrip("-")) < 5:
        return value
    return f"{Decimal(value):,}"
