"""The same release for another address: every name in it begins with the base URI, so it is built again.

Only for releases whose base URI nobody chose. They are rebuilt from the sources they hold, with readings from the
cache, under DATA/local/<host>-<port>/; DATA/current is never touched.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from mingzhang.address import service_base_uri
from mingzhang.build import WITHHELD, BuildRequest, build_release
from mingzhang.errors import ReleaseError
from mingzhang.executors import LocalProcesses
from mingzhang.prepare import Job
from mingzhang.progress import Progress
from mingzhang.release import Release


def release_for_address(
    release: Release, data: Path, host: str, port: int, workers: int, progress: Progress
) -> Release:
    """The release as it reads at `http://host:port/`. Raises ReleaseError where its inputs are damaged."""
    base_uri = service_base_uri(host, port)
    home = data / "local" / f"{host.strip('[]').replace(':', '_')}-{port}"
    request = BuildRequest(
        jobs=tuple(_staged_jobs(release, home / "inputs", data / WITHHELD)),
        data=home,
        base_uri=base_uri,
        base_uri_given=False,
        date=release.manifest.date,
        workers=workers,
        executor=LocalProcesses(workers),
        cache_folder=data / "cache",
        history=False,
        source_urls=release.manifest.source_urls,
    )
    result = build_release(request, progress)
    if result.release is None or not result.all_published:
        reasons = "; ".join(failed.message for failed in result.failed) or "a structure rule is broken"
        raise ReleaseError(f"{release.path}: cannot be rebuilt for {base_uri}: {reasons}")
    return result.release


def _staged_jobs(release: Release, folder: Path, withheld: Path) -> list[Job]:
    """The release's sources under the names they had, since the name of a file is part of what is published."""
    shutil.rmtree(folder, ignore_errors=True)
    jobs = []
    for entry in _inputs(release):
        first, *others = [_staged(release, file, folder, withheld) for file in entry.get("files", [entry])]
        jobs.append(Job(first, _overrides(entry["overrides"]), tuple(others)))
    return jobs


def _staged(release: Release, file: dict[str, str], folder: Path, withheld: Path) -> Path:
    place = folder / file["sha256"][:12]
    place.mkdir(parents=True)
    path = place / file["name"]
    kept = withheld if file["sha256"] in release.manifest.source_urls else release.sources
    path.symlink_to((kept / file["sha256"]).resolve())
    return path


def _inputs(release: Release) -> list[dict[str, Any]]:
    path = release.reports / "inputs.json"
    try:
        inputs: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ReleaseError(f"{path}: missing or damaged ({error}); build the release again") from error
    return inputs


def _overrides(texts: list[str]) -> Any:
    """What `prepare` wrote down, as `Overrides` again; empty texts stand for nothing said."""
    from mingzhang.ingest.reading import Overrides
    from mingzhang.ontology.added_forms import AddedForms

    department, division, year, kind, unit, *added = (text or None for text in texts)
    forms = tuple(AddedForms(*one) for text in added if text for one in json.loads(text))
    return Overrides(department, division, int(year) if year else None, kind, unit, forms)
