"""Records of pages into files."""

from __future__ import annotations

from dataclasses import fields
from io import FileIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mingzhang.release import Release
from mingzhang.site.bilingual import Bilingual
from mingzhang.site.escaping import PageEnvironment
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.money import decimals, most_decimals
from mingzhang.site.phrases import provide_macros
from mingzhang.site.rules import rule_href, rule_names
from mingzhang.site.words import CERTAINTY


class PageWriter:
    """Renders the records of pages with their templates and writes them below a release's site folder."""

    def __init__(self, release: Release, graph: ReleaseGraph, templates: dict[type, str]) -> None:
        """`templates`: class of a page's record → the template's name without its ending."""
        self.environment = environment(release, graph)
        self.site = release.site
        self._site = str(release.site)
        self._names = templates
        self._templates: dict[type, Template] = {}
        self._folders: set[str] = set()

    def write(self, path: str, page: Any) -> None:
        """Writes the page of a record at a path below the site folder. Raises OSError where it cannot be written."""
        kind = type(page)
        template = self._templates.get(kind)
        if template is None:
            template = self._templates[kind] = self.environment.get_template(f"{self._names[kind]}.html")
        values = {field.name: getattr(page, field.name) for field in fields(page)}
        self.write_bytes(path, template.render(values).encode())

    def write_bytes(self, path: str, data: bytes) -> None:
        """Writes a page that is there already."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            Path(self._site, folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        # Unbuffered: half the time of `Path.write_bytes` for a file of 10 KB.
        with FileIO(f"{self._site}/{path}", "w") as handle:
            left = memoryview(data)
            while left:
                left = left[handle.write(left) :]


def environment(release: Release, graph: ReleaseGraph) -> Environment:
    """The templates, with what every page may name."""
    found = PageEnvironment(
        loader=PackageLoader("mingzhang.site"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[Bilingual],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals["manifest"] = release.manifest
    found.globals["release_href"] = f"/doc/release/{release.manifest.id}.html"
    found.globals["has_release_page"] = f"{graph.base}id/release/{release.manifest.id}" in graph.about
    found.globals["certainties"] = CERTAINTY
    found.globals |= {"decimals": decimals, "most_decimals": most_decimals}
    found.globals["rule_pages"] = {name: rule_href(name) for name in rule_names(release)}
    provide_macros(found)
    return found
