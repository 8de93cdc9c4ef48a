"""Files in, one checked release out. The only place where all rooms meet.

Order: graphs → catalogue → manifest → tables → reports → dumps → site → check → publish. Everything is written
into an unfinished folder first; a crash, a full disk or Ctrl-C leaves the old release as it was.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from mingzhang import __version__
from mingzhang.cache import Cache
from mingzhang.errors import ReleaseError
from mingzhang.executors import Executor
from mingzhang.findings_between import write_findings_between
from mingzhang.fingerprint import READING_PARTS, code_version, digest, sha256_of
from mingzhang.pairs import repeated, said_twice
from mingzhang.prepare import (
    TABLE_KINDS,
    Content,
    Failed,
    Job,
    Prepared,
    open_cache,
    prepare_all,
    read_content,
)
from mingzhang.prepared import TOGETHER, SourceFile
from mingzhang.progress import Progress
from mingzhang.publish import current_id, make_current, publish, unfinished_release, writing
from mingzhang.release import Manifest, Release, open_release, releases_in
from mingzhang.verify import verify_release

_TITLE = "明账 Mingzhang"
WITHHELD = "withheld"
"""Folder of the data folder with the source files that are in no release."""


@dataclass(frozen=True)
class BuildRequest:
    """What to build, from what, for which address."""

    jobs: tuple[Job, ...]
    data: Path
    base_uri: str
    base_uri_given: bool
    date: str
    """ISO date for the id of a new release; one with the same content keeps its own."""
    workers: int
    """Processes of this machine that pages are written with."""
    executor: Executor
    """Where disclosures are read: on this machine, or on a cluster."""
    cache_folder: Path
    rdf_files: bool = False
    """Whether each entity's Turtle and JSON-LD are written as files too, for hosts that run no service."""
    source_urls: Mapping[str, str] = field(default_factory=dict)
    """Name or SHA-256 of a source file that may not be given on → where its publisher has it."""
    history: bool = True
    """Whether DATA/history is brought up to date: not for releases rebuilt for another address."""


@dataclass(frozen=True)
class BuildResult:
    """What came of a build. `release` is None where no file could be published."""

    release: Release | None
    unchanged: bool
    """True where the same content had been released before, so that nothing was written."""
    failed: tuple[Failed, ...]
    quarantined: tuple[Prepared, ...]
    idle: tuple[str, ...] = ()
    """Shapes that looked at nothing, so that they have shown nothing."""

    @property
    def all_published(self) -> bool:
        return self.release is not None and not self.failed and not self.quarantined

    @property
    def all_worked(self) -> bool:
        return self.all_published and not self.idle


def build_release(request: BuildRequest, progress: Progress) -> BuildResult:
    """Builds and publishes a release of every file that is fit for it. Raises ReleaseError where that cannot be done.

    Files that cannot be read, break a structure rule or repeat a disclosure are left out and named in the result.
    """
    from mingzhang.site.history import write_history

    cache = open_cache(request.cache_folder)
    with writing(request.data):
        outcomes = prepare_all(request.jobs, request.base_uri, cache, request.executor, progress)
        fit, failed = _one_per_disclosure(outcomes)
        if any(one.disk_full for one in failed):
            # A release without the disclosures that there was no room for would look as if they were withdrawn.
            reasons = "; ".join(one.message for one in failed if one.disk_full)
            raise ReleaseError(f"{reasons}; nothing is published, the release before it is untouched")
        quarantined = tuple(prepared for prepared in fit if prepared.report.violations)
        _write_quarantine(request.data, quarantined)
        published = [prepared for prepared in fit if not prepared.report.violations]
        if not published:
            return BuildResult(None, False, failed, quarantined)
        content_id = _content_id(published, request)
        known = _released_before(request, content_id)
        release = known or _write_and_publish(request, published, content_id, cache, progress)
        cache.forget_other_versions()
        if request.history:
            write_history(releases_in(request.data / "releases"), request.data / "history")
    return BuildResult(release, known is not None, failed, quarantined, idle_shapes(published))


def _one_per_disclosure(outcomes: Sequence[Prepared | Failed]) -> tuple[list[Prepared], tuple[Failed, ...]]:
    """Prepared disclosures by IRI, and the failed ones; a second file of one disclosure fails."""
    twice = {other.path: Failed(other.path, said_twice(kept, other)) for kept, other in repeated(outcomes)}
    failed = [twice.get(one.path, one) for one in outcomes if isinstance(one, Failed) or one.path in twice]
    fit = [one for one in outcomes if isinstance(one, Prepared) and one.path not in twice]
    return sorted(fit, key=lambda one: one.entry.iri), tuple(one for one in failed if isinstance(one, Failed))


def idle_shapes(prepared: Iterable[Prepared]) -> tuple[str, ...]:
    """The shapes that always have something to look at and looked at nothing.

    Such a shape did not pass, it did not run: its target is misspelt, reading has lost a whole class, or the files
    are so small that they lack one.
    """
    from mingzhang.shapes.runner import unused_shapes

    return unused_shapes(one.report for one in prepared)


def _content_id(published: Sequence[Prepared], request: BuildRequest) -> str:
    """Twelve hex digits for what goes into a release, whatever the order of the files and the date.

    A base URI that was chosen counts, since it is part of every name; the default one does not, so that a
    release rebuilt for the port it is served on keeps its id.
    """
    files = sorted(
        digest((*(text for source in one.sources for text in (source.sha256, source.name)), *one.overrides))
        for one in published
    )
    chosen = request.base_uri if request.base_uri_given else ""
    with_files = "rdf files" if request.rdf_files else ""
    withheld = sorted(
        f"{source.sha256} {address}"
        for one in published
        for source in one.sources
        if (address := public_address(source, request))
    )
    return digest((code_version(), chosen, with_files, *withheld, *files))[:12]


def _released_before(request: BuildRequest, content_id: str) -> Release | None:
    """The release with the same content, made current; None where there is none that can be opened."""
    for path in sorted((request.data / "releases").glob(f"[0-9]*-{content_id}")):
        release = open_release(path)
        if release.manifest.base_uri == request.base_uri:
            if current_id(request.data) != path.name:
                make_current(request.data, path.name)
            return release
    return None


def _write_and_publish(
    request: BuildRequest, published: Sequence[Prepared], content_id: str, cache: Cache, progress: Progress
) -> Release:
    release_id = f"{request.date}-{content_id}"
    with unfinished_release(request.data) as folder:
        try:
            write_release(folder, release_id, request, published, cache, progress)
            progress("check", 0, 1)
            verify_release(open_release(folder))
            progress("check", 1, 1)
        except OSError as error:
            raise ReleaseError(f"{folder}: {error.strerror}; the release before it is untouched") from error
        return open_release(publish(folder, request.data, release_id))


def write_release(
    folder: Path,
    release_id: str,
    request: BuildRequest,
    published: Sequence[Prepared],
    cache: Cache,
    progress: Progress,
) -> None:
    """Writes everything of docs/model.md's release folder into `folder`."""
    from mingzhang.site.build import SiteOptions, build_site
    from mingzhang.site.dumps import build_dumps

    for name in ("graphs", "sources", "views", "tables", "dumps", "site", "reports"):
        (folder / name).mkdir()
    for source in (source for prepared in published for source in prepared.sources):
        if public_address(source, request):
            # It stays with the publisher: not in the release, but the release can be rebuilt for another address.
            (request.data / WITHHELD).mkdir(exist_ok=True)
            _copy_source(Path(source.path), request.data / WITHHELD / source.sha256)
            continue
        _copy_source(Path(source.path), folder / "sources" / source.sha256)
        _write_view(Path(source.path), folder / "views" / f"{source.sha256}.json")
    _write_disclosures(folder, request.base_uri, published, cache, progress)
    between = write_findings_between(folder, request.base_uri, [prepared.entry for prepared in published])
    manifest = _write_catalogue(folder, release_id, request, published, between)
    (folder / "release.json").write_text(manifest.to_json(), encoding="utf-8")
    _write_reports(folder / "reports", published)
    _write_shapes(folder / "shapes")
    release = open_release(folder)
    before, program = _before(request), code_version()
    build_dumps(release, progress, request.workers, before, program)
    build_site(release, progress, SiteOptions(request.rdf_files, request.workers, before, program))


def _before(request: BuildRequest) -> Release | None:
    """The current release, whose pages may be taken over; None where there is none that can be opened."""
    identifier = current_id(request.data)
    try:
        return open_release(request.data / "releases" / identifier) if identifier else None
    except ReleaseError:
        return None


def public_address(source: SourceFile, request: BuildRequest) -> str:
    """Where the publisher has a file that is not given on; empty for one that is."""
    return request.source_urls.get(source.sha256) or request.source_urls.get(source.name, "")


def _copy_source(path: Path, target: Path) -> None:
    shutil.copyfile(path, target)
    if sha256_of(target) != target.name:
        raise ReleaseError(f"{path}: changed while the release was being built; build again")


def _write_view(path: Path, target: Path) -> None:
    """What the page of a workbook, Word file or web page shows; nothing for files whose pages are drawn from them."""
    from mingzhang.ingest.source_view import source_view

    view = source_view(path)
    if view is not None:
        target.write_text(view, encoding="utf-8")


def _write_disclosures(
    folder: Path, base_uri: str, published: Sequence[Prepared], cache: Cache, progress: Progress
) -> None:
    """Graphs and tables, one disclosure in memory at a time; then the graphs that depend on all of them.

    `published` is in the order of the disclosures' IRIs, which is that of their facts' too: the leaves come sorted.
    """
    from mingzhang.ingest.exports import EXPORT_COLUMNS
    from mingzhang.ontology.loader import code_list_quads, ontology_nquads
    from mingzhang.site.turtle import turtle

    used: set[str] = set()
    with ExitStack() as stack:
        tables = {}
        leaves = stack.enter_context(
            (folder / "graphs" / "leaves.nq").open("w", encoding="utf-8", newline="\n")
        )
        for kind in TABLE_KINDS:
            handle = stack.enter_context(
                (folder / "tables" / f"{kind}.csv").open("w", encoding="utf-8", newline="")
            )
            tables[kind] = csv.DictWriter(handle, EXPORT_COLUMNS[kind], lineterminator="\n")
            tables[kind].writeheader()
        for done, prepared in enumerate(published):
            progress("graphs", done, len(published))
            content = read_content(prepared, cache)
            write_lines(folder / "graphs" / prepared.entry.graph_file, content.quads)
            for kind, writer in tables.items():
                writer.writerows(content.tables[kind])
            leaves.writelines(_ended(sorted(set(content.leaves))))
            used |= _named_below(content, base_uri)
    progress("graphs", len(published), len(published))
    with (folder / "reports" / "validation.ttl").open("w", encoding="utf-8") as handle:
        handle.writelines(turtle(_sorted_findings(published, cache, base_uri), base_uri))
    write_lines(folder / "graphs" / "codelists.nq", code_list_quads(base_uri, used))
    write_lines(folder / "graphs" / "ontology.nq", ontology_nquads(base_uri))


def _sorted_findings(published: Sequence[Prepared], cache: Cache, base_uri: str) -> Iterator[str]:
    """The triples about all findings, sorted, one disclosure in memory at a time: their IRIs begin with the source's hash."""
    with_findings = [one for one in published if one.entry.counts["findings"]]
    sources = sorted(
        (source.sha256[:12], at) for at, one in enumerate(with_findings) for source in one.sources
    )
    for sha12, at in sources:
        prepared = with_findings[at]
        found = finding_triples(read_content(prepared, cache), prepared.entry.graph, base_uri)
        yield from sorted(line for line in found if line.startswith(f"<{base_uri}id/finding/{sha12}/"))


def finding_triples(content: Content, graph: str, base_uri: str) -> set[str]:
    """The triples about a disclosure's findings, as N-Triples without the closing dot."""
    beginning, ending = f"<{base_uri}id/finding/", f" <{graph}> ."
    return {line.removesuffix(ending) for line in content.quads if line.startswith(beginning)}


# What a disclosure names of itself, which no code list has; of many disclosures there are millions.
_OWN = "figure|fact|sum|table|indicator|project|finding|ledger|disclosure|department"


def _named_below(content: Content, base_uri: str) -> set[str]:
    """Entries of code lists that a disclosure refers to: of long lists only those are published."""
    reference = re.compile(rf" <({re.escape(base_uri)}id/(?!(?:{_OWN})/)[^>]*)> <[^>]*> \.$")
    return {match[1] for line in content.quads if (match := reference.search(line))}


def _write_catalogue(
    folder: Path,
    release_id: str,
    request: BuildRequest,
    published: Sequence[Prepared],
    further_graphs: Mapping[str, str],
) -> Manifest:
    """The manifest, after the catalogue graph was written from a first form of it."""
    from mingzhang.site.catalogue import catalogue_graph

    graphs = {prepared.entry.graph: prepared.entry.graph_file for prepared in published}
    graphs |= further_graphs
    graphs |= {
        f"{request.base_uri}graph/{name}": f"{name}.nq" for name in ("codelists", "ontology", "leaves")
    }
    manifest = Manifest(
        id=release_id,
        date=release_id[:10],
        software=f"mingzhang {__version__}",
        base_uri=request.base_uri,
        base_uri_given=request.base_uri_given,
        title=_TITLE,
        triples=0,
        disclosures=tuple(prepared.entry for prepared in published),
        graphs=graphs | {f"{request.base_uri}graph/catalogue": "catalogue.nq"},
        made_with={
            "program": f"sha256:{code_version()}",
            "reading": f"sha256:{code_version(READING_PARTS)}",
            "forms": f"sha256:{code_version(('ontology',))}",
            "rules": f"sha256:{code_version(('shapes',))}",
        },
        source_urls={
            source.sha256: address
            for prepared in published
            for source in prepared.sources
            if (address := public_address(source, request))
        },
    )
    catalogue = catalogue_graph(manifest, folder / "graphs")
    write_lines(folder / "graphs" / "catalogue.nq", catalogue.lines)
    return replace(manifest, triples=catalogue.triples)


def _write_reports(folder: Path, published: Sequence[Prepared]) -> None:
    ledger = {
        prepared.entry.iri: {
            "file": TOGETHER.join(source.name for source in prepared.sources),
            "tokens": prepared.tokens,
            "unread": prepared.unread,
        }
        for prepared in published
    }
    inputs = [
        {
            "files": [{"sha256": source.sha256, "name": source.name} for source in prepared.sources],
            "overrides": prepared.overrides,
        }
        for prepared in published
    ]
    focus_nodes: Counter[str] = Counter()
    for prepared in published:
        focus_nodes.update(prepared.report.focus_counts)
    for name, content in (("ledger.json", ledger), ("inputs.json", inputs), ("shapes.json", focus_nodes)):
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


def _write_shapes(folder: Path) -> None:
    """The rules as they were applied, one Turtle file each: the pages show them."""
    from mingzhang.shapes.catalogue import FOLDERS, RELEASE_FOLDERS

    for kind in (*FOLDERS, *RELEASE_FOLDERS):
        (folder / kind).mkdir(parents=True)
        for entry in (files("mingzhang.shapes") / kind).iterdir():
            if entry.name.endswith(".ttl"):
                (folder / kind / entry.name).write_bytes(entry.read_bytes())


def _write_quarantine(data: Path, quarantined: Iterable[Prepared]) -> None:
    for prepared in quarantined:
        path = quarantine_report(data, prepared)
        path.parent.mkdir(exist_ok=True)
        violations = [asdict(violation) for violation in prepared.report.violations]
        report = {"path": prepared.path, "violations": violations, "entry": asdict(prepared.entry)}
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def quarantine_report(data: Path, prepared: Prepared) -> Path:
    """Where the report on a disclosure that is not published is kept."""
    return data / "quarantine" / f"{prepared.sha256[:12]}.json"


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Writes lines, each with one line feed, whether or not it came with one."""
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(_ended(lines))


def _ended(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n"
