"""Performance targets (绩效目标) of a document: every form in it, whatever its layout.

Order of reading: `indicator_words` (the words), `indicator_target` (one target), then one module a
layout: `indicator_drawn` (cells known from how they are drawn), `indicator_grid` (tabs), `indicator_lines` (rows in reading order), `indicator_scattered` (columns
out of order).
What a form leaves open is not read; its numbers are then `unread` in the ledger.
"""

from __future__ import annotations

from dataclasses import replace

from mingzhang.ingest.document import Document
from mingzhang.ingest.indicator_drawn import read_drawn
from mingzhang.ingest.indicator_grid import read_grids
from mingzhang.ingest.indicator_lines import (
    keeps_reading_order,
    read_lines,
    region_pieces,
    up_to_last_level,
    up_to_last_row,
)
from mingzhang.ingest.indicator_record import FormSpan, IndicatorReading, ProjectAmount
from mingzhang.ingest.indicator_region import FormRegion, form_regions
from mingzhang.ingest.indicator_scattered import read_scattered
from mingzhang.ingest.indicator_words import IndicatorWords, indicator_words

__all__ = ["FormSpan", "IndicatorReading", "ProjectAmount", "read_indicators"]


def read_indicators(document: Document, taken: frozenset[int]) -> IndicatorReading:
    """Every indicator of the document. `taken` are lines already read as budget tables."""
    words = indicator_words()
    drawn = read_drawn(document, taken, words)
    grids = read_grids(document, taken | drawn.lines, words)
    regions = form_regions(document, taken | drawn.lines | grids.lines, words)
    return IndicatorReading.joined(
        [drawn, grids, *(_read_region(document, region, words) for region in regions)]
    )


def _read_region(document: Document, region: FormRegion, words: IndicatorWords) -> IndicatorReading:
    pieces = region_pieces(document, region, words)
    if keeps_reading_order(pieces, words):
        region = up_to_last_row(region, pieces, words)
        return read_lines(document, region, [p for p in pieces if p.line in region.lines], words)
    reading = read_scattered(document, region, words)
    return reading if reading.indicators else replace(reading, lines=up_to_last_level(region, pieces).lines)
