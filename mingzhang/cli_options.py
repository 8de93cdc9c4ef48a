"""Options that several commands share, in the same words, and how their outcomes are told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mingzhang.address import DEFAULT_BASE_URI, checked_base_uri
from mingzhang.errors import SettingsError
from mingzhang.executors import DaskCluster, Executor, LocalProcesses
from mingzhang.inputs import named_files
from mingzhang.pairs import repeated, said_twice
from mingzhang.prepared import Failed, Job, Outcome, Prepared

if TYPE_CHECKING:
    from mingzhang.ingest.overrides import Overrides
    from mingzhang.ontology.added_forms import AddedForms

Command = TypeVar("Command", bound=Callable[..., Any])

files_argument = click.argument("files", nargs=-1, metavar="FILE…")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    envvar="MINGZHANG_DATA",
    help="Folder that holds the releases.",
)

base_uri_option = click.option(
    "--base-uri",
    metavar="URI",
    envvar="MINGZHANG_BASE_URI",
    help=f"Address that every name begins with.  [default: {DEFAULT_BASE_URI}, and the address that serve runs on]",
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    envvar="MINGZHANG_JOBS",
    help="Files worked on at the same time.",
)

scheduler_option = click.option(
    "--scheduler",
    metavar="URL",
    envvar="MINGZHANG_SCHEDULER",
    help="Read on the workers of this Dask scheduler (tcp://host:port) instead of this machine's cores.",
)

join_option = click.option(
    "--join",
    nargs=2,
    multiple=True,
    metavar="FILE FILE",
    help="These two are one disclosure: its tables and its text. Pairs that say so themselves are found without this.",
)

_OVERRIDES = (
    click.option(
        "--department", metavar="NAME", help="Name of the department, where the file does not say it."
    ),
    click.option("--division", metavar="CODE", help="Its GB/T 2260 code, six digits."),
    click.option("--year", type=click.IntRange(1990, 2100), help="Fiscal year."),
    click.option(
        "--disclosure-kind",
        type=click.Choice(["budget", "final"]),
        help="Budget 预算 or final accounts 决算.",
    ),
    click.option(
        "--unit", type=click.Choice(["元", "千元", "万元", "亿元"]), help="Unit of tables that print none."
    ),
    click.option(
        "--forms",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE.ttl",
        help="Forms and wordings of your own, in Turtle; see docs/adding-a-form.md. May be given several times.",
    ),
)


def override_options(command: Command) -> Command:
    """Adds what a user may say of the files; it counts for each file given."""
    for option in reversed(_OVERRIDES):
        command = option(command)
    return command


def jobs_for(names: Iterable[str], options: dict[str, Any]) -> tuple[Job, ...]:
    """The disclosures to prepare, those of --join in the place of their first file. Raises click.UsageError where none

    is named.
    """
    pairs = [(Path(first), Path(second)) for first, second in options.get("join", ())]
    files = named_files([*names, *(str(path) for pair in pairs for path in pair)])
    if not files:
        raise click.UsageError("Name at least one file, folder or pattern.")
    return tuple(_joined(files, pairs, overrides_of(options)))


def overrides_of(options: dict[str, Any]) -> Overrides:
    """What the user says of the files, from the options of `override_options`."""
    from mingzhang.ingest.overrides import Overrides

    return Overrides(
        department=options["department"],
        division=options["division"],
        year=options["year"],
        kind=options["disclosure_kind"],
        unit=options["unit"],
        forms=_added_forms(options["forms"]),
    )


def _added_forms(paths: Sequence[Path]) -> tuple[AddedForms, ...]:
    """The Turtle files given, each found right. Raises VocabularyError with file and line, SettingsError for no text."""
    if not paths:
        return ()
    from mingzhang.ontology.added_forms import AddedForms
    from mingzhang.ontology.lexicon import load_lexicon

    try:
        texts = [path.read_text(encoding="utf-8-sig") for path in paths]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--forms: {error}; give Turtle in UTF-8") from error
    load_lexicon(tuple(AddedForms(str(path), text) for path, text in zip(paths, texts, strict=True)))
    # Kept without the folder: the same Turtle gives the same results wherever it lies.
    return tuple(AddedForms(path.name, text) for path, text in zip(paths, texts, strict=True))


def _joined(files: Sequence[Path], pairs: Sequence[tuple[Path, Path]], overrides: Overrides) -> Iterator[Job]:
    others = {first.resolve(): second for first, second in pairs}
    seconds = {second.resolve() for second in others.values()}
    for path in files:
        if path.resolve() in others:
            yield Job(path, overrides, (others[path.resolve()],))
        elif path.resolve() not in seconds:
            yield Job(path, overrides)


def executor_for(workers: int, scheduler: str | None) -> Executor:
    """Where files are read: on a Dask cluster where a scheduler is named, else in processes of this machine."""
    return DaskCluster(scheduler) if scheduler else LocalProcesses(workers)


def base_uri_or_default(text: str | None) -> str:
    """The base URI given, checked, or the default."""
    return checked_base_uri(text) if text else DEFAULT_BASE_URI


def release_date(given: str | None) -> str:
    """ISO date of a new release: the one given, else SOURCE_DATE_EPOCH's, else today's (UTC).

    Raises SettingsError for what is no date.
    """
    try:
        if given:
            return date.fromisoformat(given).isoformat()
        # https://reproducible-builds.org/specs/source-date-epoch/
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
        return moment.date().isoformat()
    except ValueError as error:
        raise SettingsError(f"{error}; give the release's date as 2026-01-31") from error


def tell_failed(failed: Iterable[Failed], debug: bool) -> None:
    """One line a file on standard error, and the trace where it was asked for."""
    for one in failed:
        click.echo(f"mingzhang: {one.message}", err=True)
        if debug and one.trace:
            click.echo(one.trace, err=True)


def tell_repeated(outcomes: Sequence[Outcome]) -> None:
    """Which disclosures were given more than once."""
    for first, other in repeated(outcomes):
        click.echo(f"mingzhang: {said_twice(first, other)}", err=True)


def tell_idle(shapes: Sequence[str]) -> None:
    """That rules had nothing to look at, which is not the same as that they hold."""
    if shapes:
        reason = "the files hold nothing of the kind, or reading has lost it; see them with `mingzhang ingest --unread`"
        click.echo(f"mingzhang: rules that found nothing to check: {', '.join(shapes)}; {reason}", err=True)


def tell_violations(prepared: Iterable[Prepared]) -> None:
    """Which structure rules were broken, so that a disclosure is not published."""
    for one in prepared:
        for violation in one.report.violations:
            click.echo(
                f"mingzhang: {one.path}: {violation.rule}: {violation.message} ({violation.focus})", err=True
            )


def ledger_lines(prepared: Prepared) -> list[str]:
    """What a file is and how its numbers were accounted for, as lines for people."""
    entry, counts = prepared.entry, prepared.entry.counts
    kind = "final accounts 决算" if entry.kind == "final" else "budget 预算"
    total = sum(prepared.tokens.values())
    parts = ", ".join(f"{count} {category}" for category, count in prepared.tokens.items() if count)
    return [
        f"{prepared.path}: {entry.department_name} ({entry.division} {entry.division_name}), {entry.year} {kind}",
        (
            f"  {counts['figures']} figures in tables ({counts['ambiguous']} ambiguous), {counts['facts']} facts, "
            f"{counts['indicators']} indicators, {counts['claims']} statements in prose, {counts['findings']} findings"
        ),
        f"  ledger: {total} numbers = {parts}",
        *(f"  not read: {note}" for note in prepared.notes),
    ]


def debug_asked() -> bool:
    """Whether --debug was given before the command."""
    return bool(click.get_current_context().find_root().params.get("debug"))
