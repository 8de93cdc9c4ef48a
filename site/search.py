"""The search index: names and codes of what people look for, in Chinese and English, as static files by Pagefind.

Amounts are left out: an amount is found by what it is for. Chinese is written one character a word, and the page
asks for the characters as a phrase, so that any stretch of a name finds it, however a dictionary would cut it.
Pagefind's own filters would come out in another order each time, and two builds would differ. The kinds by which
results are narrowed are therefore a file of ours, `kinds.json`: the names of the kinds, and for each result which.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from io import FileIO
from pathlib import Path

from mingzhang.errors import ReleaseError
from mingzhang.site.book import Book
from mingzhang.site.links import kind_of, page_path
from mingzhang.site.namespaces import MZ, SKOS, local_name
from mingzhang.site.pages.vocabulary import own_terms, term_address
from mingzhang.site.words import KINDS, either

FOLDER = "pagefind"
_KINDS = (
    "department",
    "unit",
    "division",
    "disclosure",
    "project",
    "indicator",
    "code",
    "fund-source",
    "expenditure-kind",
    "three-public",
    "form",
    "term",
)
# What Pagefind writes for its own ready-made interfaces, which are not used here.
_UNUSED = ("pagefind-*ui.*", "pagefind-highlight.js")
_CHINESE = re.compile(r"([\u3400-\u9fff])")
_LONGEST_S = 600
_SIGNATURE = b"pagefind_dcd"
"""What Pagefind puts before the JSON of each of its compressed files."""


@dataclass(frozen=True)
class Record:
    """Something that can be found."""

    path: str
    """Its page, as `doc/code/functional/208.html`."""
    kind: str
    zh: str
    en: str
    words: str
    """Whatever else it is known by: codes, other names, the project of an indicator."""


def search_digest(found: Sequence[Record]) -> str:
    """The same where the same things can be found under the same words."""
    return hashlib.sha256("\n".join(map(repr, found)).encode()).hexdigest()


class SearchIndex:
    """The index of some records under a site's `pagefind/`: made by Pagefind, or copied from the folder `before`.

    Pagefind is a program of its own: between `start` and `finish` this one may do something else. Used as a context
    manager, it leaves no Pagefind behind.
    """

    def __init__(self, found: Sequence[Record], site: Path, before: Path | None = None) -> None:
        self._found = found
        self._target = site / FOLDER
        self._before = before
        self._pages: tempfile.TemporaryDirectory[str] | None = None
        self._running: subprocess.Popen[str] | None = None

    def __enter__(self) -> SearchIndex:
        return self

    def __exit__(self, *error: object) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.communicate()
            self._running = None
        if self._pages is not None:
            self._pages.cleanup()
            self._pages = None

    def start(self) -> None:
        """Copies the index, or has Pagefind begin with it."""
        shutil.rmtree(self._target, ignore_errors=True)
        if self._before is not None:
            shutil.copytree(self._before, self._target)
            return
        self._pages = tempfile.TemporaryDirectory()
        pages = Path(self._pages.name)
        for folder in {record.path.rpartition("/")[0] for record in self._found}:
            (pages / folder).mkdir(parents=True, exist_ok=True)
        for record in self._found:
            # Unbuffered: a third of the time of `Path.write_text` for a file of 1 KB.
            with FileIO(f"{pages}/{record.path}", "w") as handle:
                handle.write(_document(record).encode())
        self._running = _pagefind(pages, self._target)

    def finish(self) -> None:
        """Waits until the index is there; does nothing where it is. Raises ReleaseError where Pagefind fails."""
        if self._running is None:
            return
        _wait(self._running)
        self._running = None
        for pattern in _UNUSED:
            for file in self._target.glob(pattern):
                file.unlink()
        _write_kinds({record.path: record.kind for record in self._found}, self._target)


def _write_kinds(kinds: Mapping[str, str], folder: Path) -> None:
    """`kinds.json`: the kinds' names, and for each of Pagefind's results the number of its kind, from 0.

    `kinds`: path of a page → its kind.
    """
    numbers = {}
    for file in sorted((folder / "fragment").glob("*.pf_fragment")):
        stored = gzip.decompress(file.read_bytes()).removeprefix(_SIGNATURE)
        kind = kinds[json.loads(stored)["url"].removeprefix("/")]
        numbers[file.stem] = _KINDS.index(kind)
    names = [" ".join(either(KINDS, kind)) for kind in _KINDS]
    text = json.dumps(
        {"names": names, "of": numbers}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    (folder / "kinds.json").write_text(text, encoding="utf-8")


def _pagefind(pages: Path, target: Path) -> subprocess.Popen[str]:
    """Pagefind, making the index of a folder of pages."""
    command = [
        sys.executable,
        "-m",
        "pagefind",
        "--site",
        str(pages),
        "--output-path",
        str(target),
        "--silent",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=pages)


def _wait(running: subprocess.Popen[str]) -> None:
    """Waits for Pagefind. Raises ReleaseError where it fails."""
    try:
        told, complained = running.communicate(timeout=_LONGEST_S)
    except subprocess.TimeoutExpired as error:
        raise ReleaseError(f"Pagefind took longer than {_LONGEST_S} s; build the release again") from error
    if running.returncode:
        reason = (complained or told).strip().splitlines()[-1:] or ["no message"]
        raise ReleaseError(
            f"Pagefind failed ({reason[0]}); install it with `pip install 'pagefind[extended]'`"
        )


def records(book: Book) -> Iterator[Record]:
    """What can be found: entities in the order of their IRIs, then the vocabulary's terms."""
    yield from _entities(book)
    graph = book.graph
    for iri in own_terms(graph):
        zh = graph.label(iri) or local_name(iri)
        yield Record(
            term_address(graph, iri).lstrip("/"), "term", zh, graph.label(iri, "en"), f"mz:{local_name(iri)}"
        )


def _entities(book: Book) -> Iterator[Record]:
    graph = book.graph
    for iri in graph.entities():
        kind = kind_of(iri, book.base)
        if kind not in _KINDS:
            continue
        others = [*graph.texts(iri, SKOS + "altLabel"), *graph.texts(iri, SKOS + "notation")]
        others += [graph.text(iri, MZ + name) for name in ("unitCode", "departmentCode")]
        zh = graph.name(iri)
        if kind == "indicator":
            zh = graph.text(iri, MZ + "level3") or graph.text(iri, MZ + "level2")
            project = graph.text(iri, MZ + "ofProject")
            others.append(graph.name(project) if project else "")
        if zh:
            yield Record(
                page_path(iri, book.base), kind, zh, graph.label(iri, "en"), " ".join(filter(None, others))
            )


def spaced(text: str) -> str:
    """Each Chinese character as a word of its own: `医疗 aid` → `医 疗 aid`."""
    return " ".join(_CHINESE.sub(r" \1 ", text).split())


def _document(record: Record) -> str:
    """A page made for the indexer alone; it reads HTML and nothing else."""
    zh, en = either(KINDS, record.kind)
    meta = {"title": record.zh, "en": record.en, "kind": zh, "kind_en": en, "code": record.words[:60]}
    tags = "".join(
        f'<meta data-pagefind-meta="{name}[content]" content="{escape(value)}">'
        for name, value in meta.items()
        if value
    )
    return (
        f'<!doctype html><html lang="zh"><head><title>{escape(record.zh)}</title>{tags}'
        f"</head><body data-pagefind-body><h1>{escape(spaced(record.zh))}</h1>"
        f"<p>{escape(spaced(f'{record.en} {record.words}'))}</p></body></html>\n"
    )
