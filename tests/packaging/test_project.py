"""The project's own files agree with one another and name nothing of the machine they were written on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from mingzhang import __version__

CHECKOUT = Path(__file__).resolve().parents[2]


def tracked() -> list[str]:
    """Files that git tracks or would track."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.skip("this is no git checkout")
    return [name for name in done.stdout.splitlines() if (CHECKOUT / name).is_file()]


def test_the_version_has_its_section_in_the_changelog() -> None:
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## (\[)?{re.escape(__version__)}\b", changelog, re.MULTILINE)


def test_constraints_pin_every_dependency_to_one_version_and_no_address() -> None:
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []
    names = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in pins}
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [
        one for group in project["optional-dependencies"].values() for one in group
    ]
    asked = {re.sub(r"[-_.]+", "-", re.split(r"[<>=\[]", one)[0]).strip().lower() for one in wanted}
    assert asked - names == set()
    assert "mingzhang" not in names


def test_no_file_names_a_path_of_one_machine_or_an_index() -> None:
    # Spelled in pieces, so that this file does not name them either.
    forbidden = re.compile(
        "|".join(
            (
                r"(?<![A-Za-z.])/(?:wo" + r"rk|ro" + r"ot|tmp/m" + r"z)/",
                "index-u" + "rl",
                "files\\.python" + "hosted",
            )
        )
    )
    found = []
    for name in tracked():
        try:
            text = (CHECKOUT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{number}" for number, line in enumerate(text.splitlines(), 1) if forbidden.search(line)
        ]
    assert found == []


def test_examples_hold_no_paragraphs_of_the_published_prose() -> None:
    for path in (CHECKOUT / "examples").glob("*-20*.txt"):
        cells = [cell for line in path.read_text(encoding="utf-8").splitlines() for cell in line.split("\t")]
        long = [cell for cell in cells if len(cell) > 60 and "万元" not in cell]
        assert long == [], path.name


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-DATA", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_a_reader_finds_the_usual_files(name: str) -> None:
    assert (CHECKOUT / name).stat().st_size > 500


def test_every_decision_has_a_number_of_its_own_and_a_status() -> None:
    paths = sorted((CHECKOUT / "docs/decisions").glob("*.md"))
    assert len({path.name[:4] for path in paths}) == len(paths) > 0
    for path in paths:
        assert re.match(r"[0-9]{4}-[a-z0-9-]+\.md", path.name)
        assert re.search(r"^(\*\*)?Status(\*\*)?: ", path.read_text(encoding="utf-8"), re.MULTILINE), (
            path.name
        )
