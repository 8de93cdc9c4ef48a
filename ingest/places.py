"""Where a line or a number of a document stands: the fragment of its source's IRI, and its page.

Text has lines (RFC 5147); a PDF has pages, and boxes in points from the page's top left corner, written as a media
fragment (W3C Media Fragments URI 1.0 §4.2.2, with the page as in RFC 8118 §3). Workbooks, Word files and web pages have
cells and paragraphs, whose fragments their readers make (docs/model.md, “Places”).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from mingzhang.ingest.document import Box, Document

PDF = "application/pdf"


@dataclass(frozen=True)
class Places:
    """`pages[i]` is the page of line i + 1, none for a text without pages; `boxes` has (line, start) → box.

    `fragments` has for each line the places on it, by the character they begin at; none but of cells and paragraphs.
    """

    pages: tuple[int, ...] = ()
    boxes: Mapping[tuple[int, int], Box] = field(default_factory=dict)
    fragments: Mapping[int, tuple[tuple[int, str], ...]] = field(default_factory=dict)

    def page(self, line: int) -> int | None:
        """The page a line stands on; None where the source has no pages."""
        return self.pages[line - 1] if self.pages else None

    def fragment(self, line: int, start: int = 0) -> str:
        """`line=12`; of a paged source `page=3&xywh=70.1,205,41.3,9` for the number at a character, else `page=3`.

        Of cells and paragraphs the one that the character lies in, or the first of the line: `sheet=1&cell=C7`.
        """
        spots = self.fragments.get(line)
        if spots:
            return spots[max(bisect_right(spots, start, key=lambda spot: spot[0]) - 1, 0)][1]
        if not self.pages:
            return f"line={line}"
        box = self.boxes.get((line, start))
        if box is None:
            return f"page={self.pages[line - 1]}"
        sides = ",".join(f"{side:g}" for side in (box.x, box.y, box.width, box.height))
        return f"page={box.page}&xywh={sides}"


def places_of(document: Document) -> Places:
    """The places of a document that was read."""
    if document.source.media_type == PDF:
        return Places(document.pages, document.boxes)
    return Places(fragments=document.fragments)
