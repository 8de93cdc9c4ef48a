"""Build hook: refuse to build a wheel from a checkout whose links to the rooms were lost."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("ontology", "shapes", "ingest", "sparql", "site")


class LinkedRoomsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Stops the build where `mingzhang/<room>` is no folder (zip archives, core.symlinks=false)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for room in ROOMS:
            if not (Path(self.root) / "mingzhang" / room / "__init__.py").is_file():
                raise SystemExit(
                    f"mingzhang/{room} is not a folder: the link to ../{room} was lost. "
                    "Clone with git (core.symlinks=true) or unpack the tar.gz, not a zip archive."
                )
