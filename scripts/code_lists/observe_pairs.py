"""Writes dept-gov-observed.tsv: the pairs of department- and government-economic codes printed on one row of a disclosure.

    python scripts/code_lists/observe_pairs.py FILE… > scripts/code_lists/dept-gov-observed.tsv

One row a pair: how many disclosures and rows print it, and where (department, year, the first line of each).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from mingzhang.ingest.reading import Overrides, Reading, read_disclosure

Pair = tuple[str, str]
_SHOWN = 3
"""Disclosures named for a pair; more are counted only."""


def pairs_of(reading: Reading) -> dict[Pair, list[int]]:
    """Pair → the lines that print it, in order."""
    found: defaultdict[Pair, set[int]] = defaultdict(set)
    for figure in reading.figures:
        codes = [code for code in figure.codes if len(code) == 5]
        if [code[0] for code in codes] == ["3", "5"]:
            found[codes[0], codes[1]].add(figure.amount.line)
    return {pair: sorted(lines) for pair, lines in found.items()}


def main(paths: list[str]) -> None:
    places: defaultdict[Pair, list[str]] = defaultdict(list)
    rows: defaultdict[Pair, int] = defaultdict(int)
    for path in sorted(paths):
        reading = read_disclosure(Path(path), Overrides())
        for pair, lines in pairs_of(reading).items():
            places[pair].append(f"{reading.department_name} {reading.year} l. {lines[0]}")
            rows[pair] += len(lines)
    print("dept\tgov\tdocuments\trows\twhere")
    for pair, where in sorted(places.items()):
        shown = "; ".join(where[:_SHOWN]) + ("; …" if len(where) > _SHOWN else "")
        print(*pair, len(where), rows[pair], shown, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1:])
