"""The integrity constraints IC-1 to IC-21 of the RDF Data Cube vocabulary, run over a whole release.

They see all disclosures at once, which the shapes (one disclosure at a time) do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, parse


def constraint_names() -> tuple[str, ...]:
    """`ic-01-unique-data-set`, …, `ic-21-codes-from-inverse-hierarchy`."""
    found = (entry.name for entry in files("mingzhang.shapes.cube").iterdir())
    return tuple(sorted(name.removesuffix(".rq") for name in found if name.startswith("ic-")))


def broken_constraints(graphs: Iterable[Path]) -> tuple[str, ...]:
    """The names of the constraints that the N-Quads files together break, sorted; empty where the cube is sound.

    The files are those of a release's disclosures, code lists and vocabulary (not its leaves, which repeat facts).
    """
    store = Store()
    for path in graphs:
        store.extend(
            Quad(quad.subject, quad.predicate, quad.object)
            for quad in parse(path.read_bytes(), RdfFormat.N_QUADS)
        )
    return broken_constraints_of(store)


def broken_constraints_of(store: Store) -> tuple[str, ...]:
    """The same for a store whose default graph holds everything. Adds what normalisation infers to the store."""
    root = files("mingzhang.shapes.cube")
    store.update((root / "normalise.rq").read_text(encoding="utf-8"))
    return tuple(
        name
        for name in constraint_names()
        if bool(store.query((root / f"{name}.rq").read_text(encoding="utf-8")))
    )
