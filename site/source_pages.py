"""A source that is no plain text: a PDF's pages as images with a box around each figure, or a list of places.

The images are made here, from the source itself; the boxes are the places of the graph, so what is highlighted is
what was read, and nothing is looked for again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pypdfium2

from mingzhang.errors import ReleaseError
from mingzhang.release import Release
from mingzhang.site.book import Book
from mingzhang.site.links import href
from mingzhang.site.namespaces import DCTERMS, MZ, local_name
from mingzhang.site.page_picture import grey_png
from mingzhang.site.places import Box, box, spoken
from mingzhang.site.source_cells import CellView, read_view
from mingzhang.site.source_text import SourceLine, marked_lines, source_lines
from mingzhang.site.words import Words

PDF = "application/pdf"
_TEXT = ("", "text/plain")
_IMAGE_WIDTH = 1100
"""Pixels a page is wide: small print stays legible on a page shown 70rem wide."""
_ROOM_POINTS = Decimal(60)
"""What is shown around a figure's box where only an excerpt of its page is."""


@dataclass(frozen=True)
class PageImage:
    """A page of a PDF as an image file of the site."""

    number: int
    href: str
    width: str
    """Points."""
    height: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Source:
    """A source file as its pages show it: the lines of a text, the images of a PDF, or cells and paragraphs."""

    lines: tuple[SourceLine, ...] = ()
    images: tuple[PageImage, ...] = ()
    cells: CellView | None = None
    file: Path | None = None
    """Where it is; None where it is not given on."""


@dataclass(frozen=True)
class Mark:
    """Something that was read at a place of the source."""

    id: str
    """The place's fragment; "" where an earlier mark has the same place."""
    href: str
    name: str
    certainty: str
    place: Words
    box: Box | None


@dataclass(frozen=True)
class MarkedPage:
    image: PageImage
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Excerpt:
    """The part of a page around a figure: what an SVG's `viewBox` shows of the page's image."""

    view_box: str
    image: PageImage
    box: Box
    middle: str
    """How far to the right the box stands, from 0 to 1: a narrow screen shows the stretch around it."""


def open_source(book: Book, iri: str, release: Release) -> Source:
    """A source with what its pages show. The images of a PDF's pages are named, not drawn: that is `draw_pages`.

    Raises ReleaseError where the file is missing, or cannot be read as what the graph says it is.
    """
    sha256 = book.graph.text(iri, MZ + "sha256")
    if sha256 in release.manifest.source_urls:
        return Source()  # its publisher has it, and nothing of it is shown here
    file = release.sources / sha256
    if is_text(book, iri):
        return Source(lines=marked_lines(book.graph, iri, source_lines(file)), file=file)
    cells = read_view(book.graph, iri, release.views)
    return Source(images=page_images(book, iri, file), cells=cells, file=file)


def is_text(book: Book, source: str) -> bool:
    """Whether a source is shown as numbered lines."""
    return book.graph.text(source, DCTERMS + "format") in _TEXT


def page_images(book: Book, source: str, file: Path) -> tuple[PageImage, ...]:
    """The images of a PDF's pages, which are yet to be drawn; nothing for sources of other types.

    Raises ReleaseError where the file is no PDF that can be drawn.
    """
    if book.graph.text(source, DCTERMS + "format") != PDF:
        return ()
    with _opened(file) as document:
        sizes = [document.get_page_size(at) for at in range(len(document))]
    return tuple(_image(file.name, number, *size) for number, size in enumerate(sizes, start=1))


def _image(sha256: str, number: int, width: float, height: float) -> PageImage:
    """How large a page's image will be: pypdfium2 rounds up to whole pixels."""
    scale = _IMAGE_WIDTH / width
    return PageImage(
        number,
        f"/source/{sha256}/{number}.png",
        _points(width),
        _points(height),
        math.ceil(width * scale),
        math.ceil(height * scale),
    )


def draw_pages(file: Path, images: Sequence[PageImage], site: Path) -> None:
    """Draws pages of a PDF at their addresses in the site.

    Raises ReleaseError where the file is no PDF that can be drawn, OSError where an image cannot be written.
    """
    with _opened(file) as document:
        for image in images:
            page = document[image.number - 1]
            bitmap = page.render(scale=_IMAGE_WIDTH / page.get_width(), grayscale=True)
            target = site / image.href.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(grey_png(bitmap.to_pil()))
            page.close()


@contextmanager
def _opened(file: Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        with pypdfium2.PdfDocument(file) as document:
            yield document
    except (pypdfium2.PdfiumError, FileNotFoundError) as error:
        raise ReleaseError(f"{file}: its pages cannot be drawn ({error}); build the release again") from error


def _points(length: float) -> str:
    """A length of the page, which no amount of money is; a hundredth of a point is finer than any screen."""
    return f"{length:.2f}".rstrip("0").rstrip(".")


def marks(book: Book, source: str) -> tuple[Mark, ...]:
    """What was read at each place of a source, in the order of the places. Each place has its id once."""
    graph = book.graph
    seen: set[str] = set()
    found = []
    for subject in sorted(
        book.placed.get(source, ()), key=lambda iri: (_order(graph.text(iri, MZ + "place")), iri)
    ):
        fragment = graph.text(subject, MZ + "place").partition("#")[2]
        found.append(
            Mark(
                "" if fragment in seen else fragment,
                href(subject, book.base),
                book.name(subject),
                local_name(graph.text(subject, MZ + "certainty")).lower(),
                spoken(fragment),
                box(fragment),
            )
        )
        seen.add(fragment)
    return tuple(found)


def _order(place: str) -> tuple[int, Decimal, Decimal, str]:
    """Pages from first to last, each from top to bottom; other places by their names."""
    fragment = place.partition("#")[2]
    spot = box(fragment)
    return (spot.page, spot.y, spot.x, "") if spot else (0, Decimal(0), Decimal(0), fragment)


def marked_pages(
    images: tuple[PageImage, ...], found: tuple[Mark, ...]
) -> tuple[tuple[MarkedPage, ...], tuple[Mark, ...]]:
    """The pages with the boxes on them, and the marks that stand on none of them."""
    by_page: dict[int, list[Mark]] = {image.number: [] for image in images}
    elsewhere = []
    for mark in found:
        if mark.box is not None and mark.box.page in by_page:
            by_page[mark.box.page].append(mark)
        else:
            elsewhere.append(mark)
    return tuple(MarkedPage(image, tuple(by_page[image.number])) for image in images), tuple(elsewhere)


def excerpt(images: tuple[PageImage, ...], place: str) -> Excerpt | None:
    """The stretch of the page around a place, as wide as the page; None where the place is no box on a page."""
    spot = box(place.partition("#")[2])
    image = next((image for image in images if spot and image.number == spot.page), None)
    if spot is None or image is None:
        return None
    page_height = Decimal(image.height)
    top = max(spot.y - _ROOM_POINTS, Decimal(0))
    bottom = min(spot.y + spot.height + _ROOM_POINTS, page_height)
    middle = (spot.x + spot.width / 2) / max(Decimal(image.width), Decimal(1))
    return Excerpt(f"0 {top} {image.width} {max(bottom - top, Decimal(1))}", image, spot, f"{middle:.3f}")
