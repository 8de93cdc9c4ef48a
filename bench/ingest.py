"""How fast disclosures are read, and where the time goes.

    python bench/ingest.py FILE…          (default: examples/*.txt)
    python bench/ingest.py --many 1 20 200
    python bench/ingest.py --of FOLDER --many 1 20 200

The first prints CPU seconds per file and stage, figures and lines per CPU second, and the ratio to a named peer: plain
`re.findall` of every number of the same text, the least that any reader must do. One core, one process.

The second reads and validates so many disclosures (the first tables of the examples, each copy with another year) with
`mingzhang ingest --jobs 2`, twice, and prints the largest memory of the process that hands out the work and of a worker,
their CPU seconds, and the time of both runs: memory must not grow with the number of files, and a second run with nothing
changed reads nothing. `--of FOLDER` takes the files of a folder instead, over and over, PDFs with another comment at their end.
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
assert run(sys.argv[1:]) in (0, 1)  # 1: a file is no disclosure, the others were read
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
cpu = sum(one.ru_utime + one.ru_stime for one in used)
print("measured", *(one.ru_maxrss for one in used), cpu, time.monotonic() - began, file=sys.stderr)
"""


_LINES = 120
"""Of an example: its first tables. What is measured grows with the number of files or does not, whatever their size."""


def copies(folder: Path, count: int) -> None:
    """Writes `count` disclosures: the examples as of other years, so that no two are the same."""
    originals = [
        (path.stem[-4:], path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.txt"))
    ]
    for number in range(count):
        year, text = originals[number % len(originals)]
        first = "\n".join(text.splitlines()[:_LINES])
        other = str(2000 + number // len(originals) % 100)
        body = f"{first.replace(year, other)}\n{number}\n"
        (folder / f"{number:04}.txt").write_text(body, encoding="utf-8")


def copies_of(originals: Path, folder: Path, count: int) -> None:
    """Writes `count` files: those of a folder in turn, no two with the same bytes (a comment after a PDF's end)."""
    paths = [path for path in sorted(originals.iterdir()) if path.suffix in (".pdf", ".txt")]
    for number in range(count):
        path = paths[number % len(paths)]
        (folder / f"{number:04}{path.suffix}").write_bytes(path.read_bytes() + b"\n%% %d\n" % number)


def measured(folder: Path, data: Path) -> tuple[float, float, float, float]:
    """(MiB of the process that hands out the work, MiB of its largest worker, CPU seconds of both, seconds) of one run."""
    command = [sys.executable, "-c", _MEASURED, "ingest", str(folder), "--data", str(data), "--jobs", "2"]
    done = subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    own, workers, cpu, seconds = done.stderr.split("measured ")[1].split()
    return int(own) / 1024, int(workers) / 1024, float(cpu), float(seconds)


def many(counts: list[int], originals: Path | None) -> None:
    """Prints memory and time by number of files: copies of the examples, or of the files of a folder."""
    heads = (
        "files",
        "memory, MiB",
        "a worker",
        "first run, s",
        "CPU, s",
        "second run, s",
        "CPU, s",
        "cache, MiB",
    )
    print(" ".join(f"{head:>13}" for head in heads))
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder, data = Path(name, "pile"), Path(name, "data")
            folder.mkdir()
            if originals is None:
                copies(folder, count)
            else:
                copies_of(originals, folder, count)
            first, second = measured(folder, data), measured(folder, data)
            cache = sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 2**20
        numbers = (count, first[0], first[1], first[3], first[2], second[3], second[2], cache)
        print(" ".join(f"{number:13.1f}" for number in numbers), flush=True)


def main(arguments: list[str]) -> None:
    """Measures the files and prints a table."""
    originals = None
    if arguments[:1] == ["--of"]:
        originals, arguments = Path(arguments[1]), arguments[2:]
    if arguments[:1] == ["--many"]:
        many([int(count) for count in arguments[1:]] or [1, 20, 200], originals)
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
