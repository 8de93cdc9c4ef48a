"""The commands that read files: `ingest`, `check`, `facts`."""

from __future__ import annotations

import csv
import io
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from mingzhang.build import finding_triples, idle_shapes
from mingzhang.cache import Cache
from mingzhang.check_report import Quote, report_lines
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
    ledger_lines,
    override_options,
    scheduler_option,
    tell_failed,
    tell_idle,
    tell_repeated,
    tell_violations,
)
from mingzhang.errors import SettingsError
from mingzhang.findings_between import found_between, rows_between, triples_between
from mingzhang.prepare import open_cache, prepare_all, read_content
from mingzhang.prepared import TABLE_KINDS, Failed, Prepared, SourceFile
from mingzhang.progress import shown_progress

# …/0123456789ab/l193n2 or l88c14 at the end of a figure's IRI: where it stands (docs/model.md, “Names”).
_FIGURE = re.compile(r"/(?P<sha12>[0-9a-f]{12})/l(?P<line>[0-9]+)(?:n[0-9]+|c(?P<start>[0-9]+))$")


@click.command(
    epilog="""\b
Examples:
  mingzhang ingest examples/cangxi-2023.txt
  mingzhang ingest --unread examples/
"""
)
@files_argument
@data_option
@override_options
@join_option
@jobs_option
@scheduler_option
@click.option("--unread", is_flag=True, help="List each number that was not read, with its line.")
def ingest(files: Sequence[str], unread: bool, **options: Any) -> int:
    """Read disclosures and say how every number in them was accounted for.

    A folder stands for the files in it that can be read. What was read is kept under --data (in cache/), by content and
    version of the program: a second run reads what has changed, and one that was stopped goes on where it was.
    """
    with _prepared(files, None, options) as (outcomes, _):
        for outcome in outcomes:
            if isinstance(outcome, Failed):
                continue
            click.echo("\n".join(ledger_lines(outcome)))
            if unread:
                for name, line, token in outcome.unread:
                    click.echo(f"  {name}:{line}: {token} unread")
        return _status(outcomes)


@click.command(
    epilog="""\b
Examples:
  mingzhang check examples/nanyang-2021.txt
  mingzhang check examples/ --format csv --output findings.csv
"""
)
@files_argument
@click.option(
    "--format", "format_", type=click.Choice(["text", "csv", "turtle"]), default="text", show_default=True
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: standard output.",
)
@data_option
@base_uri_option
@override_options
@join_option
@jobs_option
@scheduler_option
def check(
    files: Sequence[str], format_: str, output: Path | None, base_uri: str | None, **options: Any
) -> int:
    """Report what does not add up in disclosures, with the printed lines.

    Of several disclosures, also what does not hold between them: last year's budget printed again, money carried over, a
    unit under two departments. A finding is the publisher's inconsistency and no failure of the check: the exit status is
    0 when every file could be read and validated, and every rule had something to look at.
    """
    with _prepared(files, base_uri, options) as (outcomes, cache):
        fit = [outcome for outcome in outcomes if isinstance(outcome, Prepared)]
        base = base_uri_or_default(base_uri)
        between = found_between([one for one in fit if not one.report.violations], base, cache)
        idle = idle_shapes(fit) if fit else ()
        tell_idle(idle)
        with _text_output(output) as out:
            if format_ == "csv":
                _write_rows(out, "findings", fit, cache, rows_between(between, base))
            elif format_ == "turtle":
                out.write(_findings_turtle(fit, cache, base, triples_between(between, base)))
            else:
                out.writelines(f"{line}\n" for one in fit for line in _report_lines(one, cache))
                if len(fit) > 1:
                    out.writelines(f"{line}\n" for line in _lines_between(fit, rows_between(between, base)))
        return max(_status(outcomes), int(bool(idle)))


@click.command(
    epilog="""\b
Examples:
  mingzhang facts examples/cangxi-2023.txt --kind figures --format csv
  mingzhang facts examples/ --kind indicators --format parquet --output indicators.parquet
"""
)
@files_argument
@click.option(
    "--kind", type=click.Choice(TABLE_KINDS), default="figures", show_default=True, help="What a row is."
)
@click.option("--format", "format_", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: standard output.",
)
@data_option
@base_uri_option
@override_options
@join_option
@jobs_option
@scheduler_option
def facts(
    files: Sequence[str],
    kind: str,
    format_: str,
    output: Path | None,
    base_uri: str | None,
    **options: Any,
) -> int:
    """Write one row per figure, indicator, claim or finding.

    From the files given; with none, from the current release in --data.
    """
    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise SettingsError("Parquet is binary; name a file with --output, or send it into a pipe")
    if not files:
        from mingzhang.release import current_release

        _write_table(current_release(options["data"]).tables / f"{kind}.csv", format_, output)
        return 0
    with _prepared(files, base_uri, options) as (outcomes, cache):
        fit = [outcome for outcome in outcomes if isinstance(outcome, Prepared)]
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / f"{kind}.csv"
            with table.open("w", encoding="utf-8", newline="") as out:
                _write_rows(out, kind, fit, cache)
            _write_table(table, format_, output)
        return _status(outcomes)


@contextmanager
def _prepared(
    files: Sequence[str], base_uri: str | None, options: dict[str, Any]
) -> Iterator[tuple[list[Prepared | Failed], Cache]]:
    """What became of each disclosure, failures told, and where the bulk is while it lasts."""
    jobs = jobs_for(files, options)
    executor = executor_for(options["jobs"], options["scheduler"])
    with _usable_cache(options["data"] / "cache") as folder:
        cache = open_cache(folder)
        with shown_progress() as progress:
            outcomes = prepare_all(jobs, base_uri_or_default(base_uri), cache, executor, progress)
        tell_failed((outcome for outcome in outcomes if isinstance(outcome, Failed)), debug_asked())
        tell_repeated(outcomes)
        tell_violations(outcome for outcome in outcomes if isinstance(outcome, Prepared))
        yield outcomes, cache


@contextmanager
def _usable_cache(folder: Path) -> Iterator[Path]:
    """The folder where results are kept, made where it is missing; one that lasts as long as this run where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        click.echo(
            f"mingzhang: {folder}: {error.strerror or error}; results are not kept for the next run "
            "(name another folder with --data)",
            err=True,
        )
        with tempfile.TemporaryDirectory(prefix="mingzhang-") as temporary:
            yield Path(temporary)
    else:
        yield folder


def _status(outcomes: Sequence[Prepared | Failed]) -> int:
    return int(any(isinstance(outcome, Failed) or outcome.report.violations for outcome in outcomes))


@contextmanager
def _text_output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        # The bytes are the same whatever the terminal's locale is.
        wrapper = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield wrapper
        finally:
            wrapper.flush()
            wrapper.detach()
    else:
        with path.open("w", encoding="utf-8", newline="") as handle:
            yield handle


def _write_rows(
    out: TextIO, kind: str, fit: Sequence[Prepared], cache: Cache, further: Sequence[dict[str, str]] = ()
) -> None:
    from mingzhang.ingest.exports import EXPORT_COLUMNS

    writer = csv.DictWriter(out, EXPORT_COLUMNS[kind], lineterminator="\n")
    writer.writeheader()
    for prepared in fit:
        writer.writerows(read_content(prepared, cache).tables[kind])
    writer.writerows(further)


def _write_table(table: Path, format_: str, output: Path | None) -> None:
    """A CSV file as it is, or as Parquet, to a file or to standard output."""
    if format_ == "parquet":
        from mingzhang.site.tables import write_parquet

        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "table.parquet"
            write_parquet(table, target)
            data = target.read_bytes()
    else:
        data = table.read_bytes()
    if output is None:
        stream = sys.stdout.buffer
        stream.write(data)
        stream.flush()
    else:
        output.write_bytes(data)


def _report_lines(prepared: Prepared, cache: Cache) -> Iterator[str]:
    """The findings of a disclosure for people."""
    entry = prepared.entry
    return report_lines(
        f"{prepared.path}: {entry.department_name} {entry.year}",
        read_content(prepared, cache).tables["findings"],
        _quotes_from(prepared.sources),
    )


def _lines_between(fit: Sequence[Prepared], rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """The findings between disclosures for people."""
    sources = [source for one in fit for source in one.sources]
    return report_lines("各文件之间　between these disclosures", rows, _quotes_from(sources))


def _quotes_from(sources: Sequence[SourceFile]) -> Callable[[dict[str, str]], list[Quote]]:
    """What quotes the lines of these files that a finding speaks of."""
    lines = _PrintedLines()
    return lambda row: [
        Quote(path, line, text, starts)
        for path, line, starts in _lines_of(row, sources)
        if (text := lines.printed(path, line)).strip()
    ]


class _PrintedLines:
    """The lines of files, each file read when the first of its lines is asked for."""

    def __init__(self) -> None:
        self._documents: dict[str, tuple[str, ...]] = {}

    def printed(self, path: str, line: int) -> str:
        """A line as it is; empty where there is none."""
        from mingzhang.ingest.readers import read_document

        if path not in self._documents:
            self._documents[path] = read_document(Path(path)).lines
        lines = self._documents[path]
        return lines[line - 1] if 0 < line <= len(lines) else ""


def _lines_of(row: dict[str, str], sources: Sequence[SourceFile]) -> list[tuple[str, int, tuple[int, ...]]]:
    """(file, line, characters that figures of the text begin at) of what a finding speaks of."""
    names = Counter(source.name for source in sources)
    by_name = {source.name: source.path for source in sources if names[source.name] == 1}
    by_hash = {source.sha256[:12]: source.path for source in sources}
    found: dict[tuple[str, int], list[int]] = {}
    if row["line"] and row["document"] in by_name:
        found[by_name[row["document"]], int(row["line"])] = []
    for figure in row["figures"].split():
        match = _FIGURE.search(figure)
        if match and match["sha12"] in by_hash:
            starts = found.setdefault((by_hash[match["sha12"]], int(match["line"])), [])
            starts += [int(match["start"])] if match["start"] else []
    return [(path, line, tuple(starts)) for (path, line), starts in sorted(found.items())]


def _findings_turtle(fit: Sequence[Prepared], cache: Cache, base_uri: str, between: Set[str]) -> str:
    """The findings of all files, and those between them, as one Turtle document in the order of their IRIs."""
    from mingzhang.site.turtle import turtle

    triples = set(between)
    for prepared in fit:
        triples |= finding_triples(read_content(prepared, cache), prepared.entry.graph, base_uri)
    return "".join(turtle(sorted(triples), base_uri))
