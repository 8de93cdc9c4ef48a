"""How fast disclosures are read, and where the time goes.

    python bench/ingest.py FILE…          (default: examples/*.txt)
    python bench/ingest.py --many 1 20 200

The first prints CPU seconds per file and stage, figures and lines per CPU second, and the ratio to a named peer: plain
`re.findall` of every number of the same text, the least that any reader must do. One core, one process.

The second reads so many disclosures (the first tables of the examples, each copy with another year) with `mingzhang ingest
--jobs 2`, twice,
and prints the largest memory of the process that hands out the work and of a worker, and the time of both runs: memory
must not grow with the number of files, and a second run with nothing changed reads nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
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


EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
# Runs the command line and says how much memory (KiB) it and the largest of its workers took at most.
_MEASURED = """
import resource, sys, time
from mingzhang.cli import run
began = time.monotonic()
assert run(sys.argv[1:]) == 0
own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print("measured", own, workers, time.monotonic() - began, file=sys.stderr)
"""


_LINES = 48
"""Of an example: its first tables. What is measured grows with the number of files or does not, whatever their size."""


def copies(folder: Path, count: int) -> None:
    """Writes `count` disclosures: the examples as of other years, so that no two are the same."""
    originals = [
        (path.stem[-4:], path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.txt"))
    ]
    for number in range(count):
        year, text = originals[number % len(originals)]
        other = str(2000 + number // len(originals))
        (folder / f"{number:04}.txt").write_text(text.replace(year, other), encoding="utf-8")


def measured(folder: Path, data: Path) -> tuple[float, float, float]:
    """(MiB of the process that hands out the work, MiB of its largest worker, seconds) of one run of `ingest`."""
    command = [sys.executable, "-c", _MEASURED, "ingest", str(folder), "--data", str(data), "--jobs", "2"]
    done = subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    own, workers, seconds = done.stderr.split("measured ")[1].split()
    return int(own) / 1024, int(workers) / 1024, float(seconds)


def many(counts: list[int]) -> None:
    """Prints memory and time by number of files."""
    print(
        f"{'files':>6} {'memory, MiB':>12} {'a worker':>9} {'first run, s':>13} {'second run, s':>14} {'cache, MiB':>11}"
    )
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder, data = Path(name, "pile"), Path(name, "data")
            folder.mkdir()
            copies(folder, count)
            first, second = measured(folder, data), measured(folder, data)
            cache = sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 2**20
        print(
            f"{count:6} {first[0]:12.0f} {first[1]:9.0f} {first[2]:13.1f} {second[2]:14.1f} {cache:11.1f}",
            flush=True,
        )


def main(arguments: list[str]) -> None:
    """Measures the files and prints a table."""
    if arguments[:1] == ["--many"]:
        many([int(count) for count in arguments[1:]] or [1, 20, 200])
        return
    paths = [Path(a) for a in arguments] or sorted(EXAMPLES.glob("*.txt"))
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
