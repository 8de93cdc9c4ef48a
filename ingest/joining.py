"""One disclosure in several files: the tables in one, the text about them in others.

Each file stays a source of its own, so that every figure has its own file as its place and its IRI is the same whether
the files are joined or not. What joins them is the disclosure they are about, and the facts that the text speaks of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mingzhang.errors import NotADisclosure, NotOneDisclosure
from mingzhang.ingest.claims import tied
from mingzhang.ingest.document import Document
from mingzhang.ingest.identity import Overrides, read_identity
from mingzhang.ingest.iris import Identity
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.reading import Reading, read_as
from mingzhang.ontology.lexicon import Lexicon, load_lexicon

_ADVICE = "join one file with the tables and files without any"


def read_joined(paths: Sequence[Path], overrides: Overrides) -> Reading:
    """The reading of the file with the tables; those of the others are in its `joined`, in the order given.

    Raises an InputError for a file that cannot be read, NotOneDisclosure where the files name different disclosures, or
    not exactly one of them holds tables.
    """
    return joined([read_document(path) for path in paths], overrides)


def joined(documents: Sequence[Document], overrides: Overrides) -> Reading:
    """The same of files that have been opened."""
    lexicon = load_lexicon(overrides.forms)
    identity = _identity(documents, overrides, lexicon)
    readings = [read_as(document, identity, overrides, lexicon) for document in documents]
    with_tables = [reading for reading in readings if reading.tables]
    names = " + ".join(document.source.name for document in documents)
    if len(with_tables) != 1:
        many = " and ".join(reading.source.name for reading in with_tables) or "none of them"
        raise NotOneDisclosure(names, f"{many} hold{'s' if not with_tables else ''} budget tables", _ADVICE)
    (main,) = with_tables
    others = [
        _spoken_of(reading, document, main)
        for reading, document in zip(readings, documents, strict=True)
        if reading is not main
    ]
    return replace(main, joined=tuple(others))


def _identity(documents: Sequence[Document], overrides: Overrides, lexicon: Lexicon) -> Identity:
    """What the files are, as the first that says it has it.

    Raises NotOneDisclosure where they differ, NotADisclosure where none says it.
    """
    found: list[tuple[str, Identity]] = []
    refusal: NotADisclosure | None = None
    for document in documents:
        try:
            found.append((document.source.name, read_identity(document, overrides, lexicon)))
        except NotADisclosure as error:
            refusal = refusal or error
    if not found:
        assert refusal is not None
        raise refusal
    # A file of tables has no cover to say that they are of the department's own level.
    own_level = any(identity.own_level for _, identity in found)
    found = [(name, replace(identity, own_level=own_level)) for name, identity in found]
    (name, first), *rest = found
    for other_name, other in rest:
        if (other.slug, other.period) != (first.slug, first.period):
            raise NotOneDisclosure(
                f"{name} + {other_name}",
                f"one is {_said(first)}, the other {_said(other)}",
                "say --department, --division, --year or --disclosure-kind where one of them is misread",
            )
    return first


def _said(identity: Identity) -> str:
    return f"{identity.body_name} {identity.year} {identity.kind}"


def _spoken_of(reading: Reading, document: Document, main: Reading) -> Reading:
    """A file without tables, its statements tied to the facts of the file with them."""
    known = {(p.name, p.whose) for p in main.projects.listed if p.amount_yuan is not None}
    listed = [
        replace(project, amount_yuan=None) if (project.name, project.whose) in known else project
        for project in reading.projects.listed
    ]
    return replace(
        reading,
        prose=tied(reading.prose, document, main.facts, main.tables),
        projects=replace(reading.projects, listed=tuple(listed)),
    )
