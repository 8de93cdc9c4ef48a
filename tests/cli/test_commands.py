"""The commands on the examples: what goes to standard output, what to standard error, and the exit status."""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from mingzhang.cli import cli, run
from mingzhang.ingest.exports import EXPORT_COLUMNS

from .conftest import EXAMPLES, small_disclosure

Capture = pytest.CaptureFixture[str]


def help_examples() -> list[tuple[str, str]]:
    """Every command line under “Examples:” in a command's help."""
    found = []
    for name, command in {"": cli, **cli.commands}.items():
        epilog = (command.epilog or "").partition("Examples:")[2]
        found += [
            (name, line.strip()) for line in epilog.splitlines() if line.strip().startswith("mingzhang ")
        ]
    return found


@pytest.mark.parametrize("name", ["", *cli.commands])
def test_the_help_of_a_command_shows_examples_of_it(name: str) -> None:
    lines = [line for command, line in help_examples() if command == name]
    assert 1 <= len(lines) <= 3
    assert all(line.startswith(f"mingzhang {name}".strip()) for line in lines)


def runs_here(command: str, line: str) -> bool:
    """Whether an example needs nothing but files and one release: others name releases, or an engine elsewhere."""
    return command not in ("diff", "rollback") and "--endpoint " not in line


@pytest.mark.parametrize("line", [line for command, line in help_examples() if runs_here(command, line)])
@pytest.mark.usefixtures("small")
def test_an_example_of_the_help_runs(line: str) -> None:
    Path("graph.nq").write_text("<http://x/a> <http://x/b> <http://x/c> <http://x/g> .\n", encoding="utf-8")
    arguments = shlex.split(line)[1:]
    if "serve" in arguments:
        assert answers_until_stopped([*arguments, "--next-free-port"])
    else:
        assert run(arguments) == 0


def answers_until_stopped(arguments: list[str]) -> bool:
    """Starts a service, waits for /health, stops it with SIGINT, and says whether it ended well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mingzhang", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+/", process.stdout.readline())
        assert address is not None
        with urllib.request.urlopen(f"{address[0]}health") as answer:
            healthy = answer.status == 200
    finally:
        process.send_signal(2)
        status = process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()
    return healthy and status == 0


def test_ingest_says_what_the_real_example_is_and_closes_the_ledger(capsys: Capture) -> None:
    assert run(["ingest", str(EXAMPLES / "cangxi-2023.txt")]) == 0
    shown = capsys.readouterr()
    assert "苍溪县医疗保障局 (510824 " in shown.out
    assert "2023 budget" in shown.out
    total, parts = re.search(r"ledger: ([0-9]+) numbers = (.*)", shown.out).groups()  # type: ignore[union-attr]
    assert int(total) == sum(int(part.split()[0]) for part in parts.split(", "))


def bad_files(folder: Path) -> dict[str, Path]:
    """What is wrong → a file with that fault."""
    files = {
        "empty": folder / "empty.txt",
        "binary": folder / "junk.txt",
        "no budget disclosure": folder / "letter.txt",
        "no such file": folder / "absent.txt",
    }
    files["empty"].write_bytes(b"")
    files["binary"].write_bytes(bytes(range(256)) * 40)
    files["no budget disclosure"].write_text("Dear reader,\nthis is a letter about the weather in 2023.\n")
    return files


@pytest.mark.parametrize("command", ["ingest", "check", "facts"])
def test_bad_files_are_named_with_reason_and_advice_and_the_others_go_on(
    command: str, small: Path, capsys: Capture
) -> None:
    bad = bad_files(small)
    assert run([command, *map(str, bad.values()), "examples/cangxi-2023.txt"]) == 1
    shown = capsys.readouterr()
    lines = [line for line in shown.err.splitlines() if line.startswith("mingzhang: ")]
    assert len(lines) == len(bad)
    for path in bad.values():
        (line,) = (line for line in lines if str(path) in line)
        assert ";" in line.partition(str(path))[2], "a reason and what to do"
    assert "cangxi-2023.txt" in shown.out


def test_a_bad_file_alone_is_an_error_without_a_trace(tmp_path: Path, capsys: Capture) -> None:
    assert run(["build", str(tmp_path / "absent.txt"), "--data", str(tmp_path / "data")]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "absent.txt" in shown.err
    assert "Traceback" not in shown.err
    assert not (tmp_path / "data/current").exists()


@pytest.mark.parametrize(
    "arguments", [["ingest"], ["build"], ["query"], ["serve", "x"], ["nonsense"], ["facts", "--kind", "x"]]
)
def test_a_command_line_that_makes_no_sense_ends_with_status_2(arguments: list[str], capsys: Capture) -> None:
    assert run(arguments) == 2
    assert "Error" in capsys.readouterr().err


def test_debug_shows_the_trace_of_an_error(tmp_path: Path, capsys: Capture) -> None:
    assert run(["query", "disclosures", "--data", str(tmp_path)]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert run(["--debug", "query", "disclosures", "--data", str(tmp_path)]) == 1
    assert "Traceback" in capsys.readouterr().err


def read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


@pytest.mark.parametrize("kind", EXPORT_COLUMNS)
def test_an_export_has_its_columns_and_the_same_rows_from_file_and_release(kind: str, small: Path) -> None:
    assert run(["facts", "examples", "--kind", kind, "--output", "files.csv"]) == 0
    assert run(["facts", "--data", "data", "--kind", kind, "--output", "release.csv"]) == 0
    rows, released = read_rows(small / "files.csv"), read_rows(small / "release.csv")
    assert tuple(rows[0]) == tuple(EXPORT_COLUMNS[kind])
    assert rows[0] == released[0]
    assert sorted(rows[1:]) == sorted(released[1:])
    assert (
        run(["facts", "--data", "data", "--kind", kind, "--format", "parquet", "--output", "rows.parquet"])
        == 0
    )
    assert pq.read_table(small / "rows.parquet").num_rows == len(rows) - 1


@pytest.mark.usefixtures("small")
def test_facts_go_to_standard_output_as_utf8_whatever_the_locale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mingzhang", "facts", "examples/cangxi-2023.txt"],
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8"))))
    assert len(rows) == 6
    assert {row["document"] for row in rows} == {"cangxi-2023.txt"}


def test_check_quotes_the_printed_lines_of_a_contradiction(small: Path, capsys: Capture) -> None:
    path = small_disclosure(small / "wrong.txt", health="65.00", total="125.00")
    assert run(["check", str(path)]) == 0, "a finding is the publisher's fault, not the check's"
    shown = capsys.readouterr().out
    number = next(
        n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "支出总计" in line
    )
    assert f"{path}:{number}: 收入总计 120.00 支出总计 125.00" in shown


def test_check_writes_the_same_findings_as_csv_and_as_turtle_that_parses(
    small: Path, capsys: Capture
) -> None:
    path = small_disclosure(small / "wrong.txt", health="65.00", total="125.00")
    assert run(["check", str(path), "--format", "turtle"]) == 0
    triples = list(ox.parse(capsys.readouterr().out.encode(), format=ox.RdfFormat.TURTLE))
    assert run(["check", str(path), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {quad.subject.value for quad in triples} == {row["finding"] for row in rows}
    assert rows


def test_query_answers_by_name_from_a_file_and_as_a_table(
    built: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert run(["query", "disclosures", "--data", str(built)]) == 0
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 2
    asked = tmp_path / "asked.rq"
    asked.write_text("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", encoding="utf-8")
    assert run(["query", str(asked), "--data", str(built)]) == 0
    assert int(capsys.readouterr().out.split()[1]) > 1000
    assert run(["query", "disclosures", "--data", str(built), "--format", "table", "--rows", "1"]) == 0
    assert "1 more row" in capsys.readouterr().out


def test_a_parameter_narrows_a_stored_query(built: Path, capsys: Capture) -> None:
    assert run(["query", "disclosures", "--param", "year=2021", "--data", str(built)]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["year"] == "2021"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-query"], "--list"),
        (["disclosures", "--param", "colour=red"], "colour"),
        (["disclosures", "--param", "year=red"], "red"),
    ],
)
def test_a_query_that_cannot_be_asked_says_why(
    arguments: list[str], said: str, built: Path, capsys: Capture
) -> None:
    assert run(["query", *arguments, "--data", str(built)]) == 1
    assert said in capsys.readouterr().err


def test_a_query_with_a_fault_names_line_and_column(built: Path, tmp_path: Path, capsys: Capture) -> None:
    asked = tmp_path / "asked.rq"
    asked.write_text("SELECT * WHERE {\n  ?s ?p \n}}", encoding="utf-8")
    assert run(["query", str(asked), "--data", str(built)]) == 1
    assert re.search(r"\b[0-9]+\b", capsys.readouterr().err)


def test_doctor_finds_a_release_sound_and_a_damaged_one_not(small: Path, capsys: Capture) -> None:
    assert run(["doctor", "--data", "data"]) == 0
    assert "sound" in capsys.readouterr().out
    table = small / "data/current/dumps/figures.csv"
    table.write_text(table.read_text(encoding="utf-8") + "x\n", encoding="utf-8")
    assert run(["doctor", "--data", "data"]) == 1
    assert "figures.csv" in capsys.readouterr().out


def test_the_help_is_there_at_once() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "mingzhang", "--help"], check=True, capture_output=True)
    # Importing all rooms takes several seconds; the bound leaves room for a slow machine.
    assert time.monotonic() - began < 3


def test_help_imports_no_engine() -> None:
    script = "import sys; from mingzhang.cli import run; run(['build', '--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert not {"rdflib", "pyarrow", "vl_convert", "fastapi", "pyshacl_turbo"} & set(done.stderr.split())
