"""The command `inspect`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from mingzhang.cli_options import override_options, overrides_of
from mingzhang.errors import SettingsError

_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")


@click.command(
    epilog="""\b
Examples:
  mingzhang inspect examples/cangxi-2023.txt
  mingzhang inspect examples/cangxi-2023.txt --output looked-at.html

Of a long PDF some pages only: mingzhang inspect budget.pdf --pages 3-7,12
"""
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: the file's name with .inspect.html, in the working folder]",
)
@click.option("--pages", metavar="PAGES", help="Pages to show, as 3-7 or 3,5-7; all of them without this.")
@override_options
def inspect(file: Path, output: Path | None, pages: str | None, **options: Any) -> int:
    """Write a page that shows, on the picture of each page, what was read.

    One HTML file, which needs nothing beside it. Every number has a frame: certain, ambiguous, without a fact, unread;
    beside it stand its table, row and column, its value, the fact it states and the proof. Sums that do not hold come
    first. Of a file without pages its lines are shown.
    """
    from mingzhang.ingest.readers import read_document
    from mingzhang.ingest.reading import read_document_text
    from mingzhang.inspection import inspected
    from mingzhang.inspection_page import inspection_page, page_count
    from mingzhang.ontology.lexicon import load_lexicon

    document = read_document(file)
    overrides = overrides_of(options)
    reading = read_document_text(document, overrides, load_lexicon(overrides.forms))
    last = page_count(file, reading.source.media_type)
    chosen = frozenset(range(1, last + 1)) if pages is None else chosen_pages(pages, last)
    page = inspection_page(inspected(reading, document, chosen), file, reading.source.media_type)
    target = output or Path(f"{file.stem}.inspect.html")
    target.write_text(page, encoding="utf-8")
    click.echo(str(target))
    return 0


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
