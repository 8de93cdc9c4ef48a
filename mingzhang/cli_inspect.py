"""The command `inspect`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mingzhang.cli_options import join_option, override_options, overrides_of
from mingzhang.errors import SettingsError

if TYPE_CHECKING:
    from mingzhang.ingest.document import Document
    from mingzhang.ingest.overrides import Overrides
    from mingzhang.ingest.reading import Reading

_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")


@click.command(
    epilog="""\b
Examples:
  mingzhang inspect examples/cangxi-2023.txt
  mingzhang inspect examples/cangxi-2023.txt --output looked-at.html

Of a long PDF some pages only: mingzhang inspect budget.pdf --pages 3-7,12

A disclosure in two files, its tables and its text: mingzhang inspect tables.pdf text.pdf
"""
)
@click.argument("files", nargs=-1, metavar="FILE [FILE]", type=click.Path(path_type=Path))
@join_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: the file's name with .inspect.html, in the working folder]",
)
@click.option("--pages", metavar="PAGES", help="Pages to show, as 3-7 or 3,5-7; all of them without this.")
@override_options
def inspect(files: tuple[Path, ...], output: Path | None, pages: str | None, **options: Any) -> int:
    """Write a page that shows, on the picture of each page, what was read.

    One HTML file, which needs nothing beside it. Every number has a frame: certain, ambiguous, without a fact, unread;
    beside it stand its table, row and column, its value, the fact it states and the proof. Sums that do not hold come
    first. Of a file without pages its lines are shown. Two files are one disclosure, as with --join.
    """
    from mingzhang.ingest.readers import read_document
    from mingzhang.inspection import inspected
    from mingzhang.inspection_page import inspection_page, page_count

    paths = _one_disclosure(files, options.get("join", ()))
    if pages is not None and len(paths) > 1:
        raise click.UsageError("--pages is for one file; leave it out, or inspect the files one by one")
    documents = [read_document(path) for path in paths]
    reading = _reading(documents, overrides_of(options))
    by_content = {
        document.source.sha256: (path, document) for path, document in zip(paths, documents, strict=True)
    }
    ordered = [by_content[part.source.sha256] for part in reading.parts]
    first, _ = ordered[0]
    last = page_count(first, reading.source.media_type)
    chosen = frozenset(range(1, last + 1)) if pages is None else chosen_pages(pages, last)
    inspection = inspected(reading, [document for _, document in ordered], chosen)
    page = inspection_page(inspection, [path for path, _ in ordered])
    target = output or Path(f"{first.stem}.inspect.html")
    target.write_text(page, encoding="utf-8")
    click.echo(str(target))
    return 0


def _one_disclosure(files: tuple[Path, ...], joined: Sequence[tuple[Path, Path]]) -> tuple[Path, ...]:
    """The files to show: one, or two that are one disclosure. Raises click.UsageError for any other number."""
    pairs = [files, *joined] if files else list(joined)
    if len(pairs) != 1 or len(pairs[0]) > 2:
        raise click.UsageError("give one file, or the two files of one disclosure (or --join A B)")
    return tuple(Path(path) for path in pairs[0])


def _reading(documents: Sequence[Document], overrides: Overrides) -> Reading:
    """What one file, or two that are one disclosure, say. Raises InputError."""
    from mingzhang.ingest.joining import joined
    from mingzhang.ingest.reading import read_document_text
    from mingzhang.ontology.lexicon import load_lexicon

    if len(documents) > 1:
        return joined(documents, overrides)
    return read_document_text(documents[0], overrides, load_lexicon(overrides.forms))


def chosen_pages(text: str, last: int) -> frozenset[int]:
    """`3,5-7` as the pages 3, 5, 6 and 7. `last` is the file's last page, 0 where it has none.

    Raises SettingsError for what is no range, for a page that the file lacks, and for a file without pages.
    """
    if not last:
        raise SettingsError("--pages: this kind of file has no pages; leave the option out")
    chosen: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise SettingsError(f"--pages: {part.strip()!r} is neither a page nor a range; write 3 or 3-7")
        begin, end = int(match[1]), int(match[2] or match[1])
        if not 1 <= begin <= end <= last:
            raise SettingsError(f"--pages: {part.strip()}: the file has pages 1 to {last}")
        chosen.update(range(begin, end + 1))
    return frozenset(chosen)
