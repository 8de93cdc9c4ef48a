"""How fast ruled tables are read from PDF, against plain pdfplumber, and whether the cells are the same.

    python bench/pdf.py FOLDER_OR_FILE… [--differences]

Prints, tab-separated, per file: pages; pages per CPU second of this reader (lines, tables, places), of pdfplumber's
`extract_tables` on every page, and of PDFium's text extraction alone (the floor); then the numbers in cells that both
find, and those that only one does. Amounts are compared by page as the characters in a cell, white space aside. One
core, one process; the files are read once before the clock starts.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pdfplumber
import pypdfium2

from mingzhang.errors import Unsupported
from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.readers.pdf import read_pdf

T = TypeVar("T")
Numbers = Counter[tuple[int, str]]


def timed(step: Callable[[], T]) -> tuple[T, float]:
    """The step's result and its CPU seconds."""
    start = time.process_time()
    result = step()
    return result, time.process_time() - start


def own_numbers(path: Path) -> Numbers:
    """(page, characters) of every cell that holds a number, as this reader finds it."""
    document = read_pdf(path)
    texts = ((region.page, cell.text) for region in document.regions for cell in region.cells)
    return Counter((page, bare(text)) for page, text in texts if is_amount(bare(text)))


def peer_numbers(path: Path) -> Numbers:
    """The same as pdfplumber finds it."""
    found: Numbers = Counter()
    with pdfplumber.open(path) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            for table in page.extract_tables():
                for text in (bare(cell or "") for row in table for cell in row):
                    found[number, text] += is_amount(text)
    return +found


def bare(text: str) -> str:
    """The characters without white space."""
    return "".join(text.split())


def floor(path: Path) -> int:
    """The number of pages, each page's text having been extracted by PDFium and thrown away."""
    pdf = pypdfium2.PdfDocument(path)
    for page in pdf:
        page.get_textpage().get_text_range()
    return len(pdf)


def pdf_files(names: Iterable[Path]) -> list[Path]:
    """The PDF files among files and folders, sorted by name."""
    return sorted(f for name in names for f in (name.glob("*.pdf") if name.is_dir() else [name]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--differences", action="store_true", help="list the numbers that only one finds")
    options = parser.parse_args()
    print(
        "file", "pages", "ours/s", "pdfplumber/s", "floor/s", "both", "only ours", "only pdfplumber", sep="\t"
    )
    seconds: Counter[str] = Counter()
    total = 0
    for path in pdf_files(options.paths):
        path.read_bytes()
        pages, floor_s = timed(lambda path=path: floor(path))
        try:
            ours, ours_s = timed(lambda path=path: own_numbers(path))
        except Unsupported as error:
            print(path.name, error, sep="\t")
            continue
        peer, peer_s = timed(lambda path=path: peer_numbers(path))
        seconds.update({"ours": ours_s, "peer": peer_s, "floor": floor_s})
        total += pages
        rates = [f"{pages / s:.1f}" for s in (ours_s, peer_s, floor_s)]
        counts = [(ours & peer).total(), (ours - peer).total(), (peer - ours).total()]
        print(path.name, pages, *rates, *counts, sep="\t")
        if options.differences:
            for name, only in (("ours", ours - peer), ("pdfplumber", peer - ours)):
                for (page, text), times in sorted(only.items()):
                    print("", f"only {name}", f"page {page}", text, times, sep="\t")
    rates = [f"{total / seconds[name]:.1f}" for name in ("ours", "peer", "floor")]
    print("all", total, *rates, sep="\t")


if __name__ == "__main__":
    main()
