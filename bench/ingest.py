"""How fast disclosures are read, and where the time goes.

    python bench/ingest.py FILE…          (default: examples/*.txt)

Prints CPU seconds per file and stage, figures and lines per CPU second, and the ratio to a named peer: plain
`re.findall` of every number of the same text, the least that any reader must do. One core, one process.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mingzhang.ingest.claims import read_claims, tied
from mingzhang.ingest.facts import read_figures, read_meanings, state_facts
from mingzhang.ingest.identity import Overrides, read_identity
from mingzhang.ingest.indicators import read_indicators
from mingzhang.ingest.ledger import build_ledger
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.reading import lines_of, numbered_tables
from mingzhang.ingest.relations import read_relations
from mingzhang.ontology.lexicon import load_lexicon

T = TypeVar("T")
NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


class Stages:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def run(self, stage: str, step: Callable[[], T]) -> T:
        """The step's result; its CPU time is added to the stage."""
        start = time.process_time()
        result = step()
        self.seconds[stage] += time.process_time() - start
        return result


def measure(path: Path, stages: Stages) -> tuple[int, int]:
    """Reads one file stage by stage; (figures, lines)."""
    lexicon = stages.run("ontology, once", load_lexicon)
    document = stages.run("file", lambda: read_document(path))
    identity = stages.run("identity", lambda: read_identity(document, Overrides(), lexicon))
    tables = stages.run("tables", lambda: numbered_tables(document, lexicon))
    taken = lines_of(tables)
    forms = stages.run("indicators", lambda: read_indicators(document, taken))
    prose = stages.run("prose", lambda: read_claims(document, taken | forms.lines, identity.year))
    meanings = stages.run("meaning", lambda: read_meanings(tables, identity, lexicon))
    figures = stages.run("meaning", lambda: read_figures(meanings, identity, lexicon))
    facts = stages.run("facts", lambda: state_facts(figures))
    stages.run("facts", lambda: tied(prose, document, facts, tables))
    stages.run("sums", lambda: read_relations(meanings, lexicon))
    stages.run("ledger", lambda: build_ledger(document, figures, prose.claims, forms, taken))
    return len(figures), len(document.lines)


def main(arguments: list[str]) -> None:
    """Measures the files and prints a table."""
    examples = Path(__file__).resolve().parents[1] / "examples"
    paths = [Path(a) for a in arguments] or sorted(examples.glob("*.txt"))
    stages, figures, lines = Stages(), 0, 0
    for path in paths:
        found = measure(path, stages)
        figures, lines = figures + found[0], lines + found[1]
    total = sum(stages.seconds.values())
    start = time.process_time()
    for path in paths:
        NUMBER.findall(path.read_text(encoding="utf-8"))
    floor = time.process_time() - start
    for stage, seconds in stages.seconds.most_common():
        print(f"{stage:16} {seconds:7.3f} s {seconds / total:6.1%}")
    print(f"{'all':16} {total:7.3f} s for {len(paths)} files, {figures} figures, {lines} lines")
    print(
        f"{figures / total:.0f} figures/s, {lines / total:.0f} lines/s, {total / max(floor, 1e-6):.0f} times a plain regex scan"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
