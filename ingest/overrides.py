"""What the user says of a file. Light to import: the command line needs it before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mingzhang.ontology.added_forms import AddedForms


@dataclass(frozen=True)
class Overrides:
    """What the user says the document is, in place of what is found in it. `unit` is 万元 or 元."""

    department: str | None = None
    division: str | None = None
    year: int | None = None
    kind: str | None = None
    unit: str | None = None
    forms: tuple[AddedForms, ...] = ()
    """Forms and wordings added to those of this installation."""
