"""Real clients, as their manuals say to use them, with nothing configured but the address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from decimal import Decimal
from pathlib import Path

import pandas
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from mingzhang.release import Release

MZ = "https://w3id.org/mingzhang/ontology#"
LEAF_SUM = f"""PREFIX mz: <{MZ}>
SELECT (SUM(?amount) AS ?yuan) {{
  GRAPH <graph/leaves> {{ ?fact mz:leafOf <id/scheme/functional> ; mz:amount ?amount }}
}}"""
TOTAL = Decimal("400000.5")
INSTALLED = Path(__file__).resolve().parents[2] / "build/comunica/node_modules/.bin"
COMUNICA = shutil.which("comunica-sparql", path=f"{INSTALLED}{os.pathsep}{os.environ.get('PATH', '')}")


def test_rdflib_sparqlstore_queries_and_walks_the_graph(service: str) -> None:
    graph = rdflib.Graph(SPARQLStore(service + "sparql"))
    (row,) = graph.query(LEAF_SUM)
    assert isinstance(row, rdflib.query.ResultRow)
    assert isinstance(row[0], rdflib.Literal)
    assert row[0].toPython() == TOTAL
    assert len(list(graph.subjects(rdflib.RDF.type, rdflib.URIRef(MZ + "Fact")))) == 11


def test_pandas_reads_a_stored_query(service: str) -> None:
    frame = pandas.read_csv(service + "queries/spending-by-functional-class.csv")
    assert frame["amountYuan"].sum() == float(TOTAL)
    exact = pandas.read_csv(service + "queries/spending-by-functional-class.csv?year=2023", dtype=str)
    assert sum(Decimal(amount) for amount in exact["amountYuan"]) == TOTAL


def test_a_plain_get_of_csv_as_r_does_it(service: str) -> None:
    # R's read.csv(url) sends no Accept header of use, follows no negotiation, and wants text.
    with urllib.request.urlopen(service + "queries/disclosures.csv") as response:
        assert response.headers.get_content_type() == "text/csv"
        assert response.read().decode("utf-8").startswith("disclosure,title,")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_as_the_page_of_the_service_says(service: str, tmp_path: Path) -> None:
    question = tmp_path / "question.rq"
    question.write_text(LEAF_SUM, encoding="utf-8")
    curl = ["curl", "--silent", "--fail-with-body"]
    ways = (
        ["-G", service + "sparql", "-H", "Accept: text/csv", "--data-urlencode", f"query@{question}"],
        [service + "sparql", "-H", "Accept: text/csv", "-H", "Content-Type: application/sparql-query",
         "--data-binary", f"@{question}"],
        [service + "sparql", "-H", "Accept: text/csv", "--data-urlencode", f"query@{question}", "--compressed"],
    )  # fmt: skip
    for arguments in ways:
        done = subprocess.run([*curl, *arguments], capture_output=True, text=True, timeout=30, check=True)
        assert Decimal(done.stdout.split()[1]) == TOTAL


@pytest.mark.skipif(
    COMUNICA is None, reason="comunica-sparql is not installed; scripts/comunica does it, with npm"
)
def test_comunica_asks_the_endpoint(service: str, release: Release) -> None:
    base = release.manifest.base_uri
    query = LEAF_SUM.replace("<graph/", f"<{base}graph/").replace("<id/", f"<{base}id/")
    assert COMUNICA is not None
    arguments = [COMUNICA, f"sparql@{service}sparql", query, "-t", "application/sparql-results+json"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=True)
    (binding,) = json.loads(done.stdout)["results"]["bindings"]
    assert Decimal(binding["yuan"]["value"]) == TOTAL
