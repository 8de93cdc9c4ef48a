"""The wheel holds everything git tracks in the rooms, and works outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("ontology", "shapes", "ingest", "sparql", "site")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # No isolation: hatchling is one of the test dependencies, and no test needs the network.
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "-w",
        str(folder),
        ".",
    ]
    subprocess.run(command, cwd=CHECKOUT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script of an environment that holds the wheel, and sees the libraries of this one but not the checkout."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        # Left out is what makes the checkout importable: its record and its path file.
        if "mingzhang" not in entry.name and not (packages / entry.name).exists():
            (packages / entry.name).symlink_to(entry)
    script = home / "bin/mingzhang"
    # As pip writes it: worker processes import this file again, and must not run it.
    code = "import sys\nfrom mingzhang.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    script.write_text(f"#!{home}/bin/python\n{code}")
    script.chmod(0o755)
    return script


def test_the_wheel_holds_the_rooms_as_git_tracks_them_and_the_fetched_editor(wheel: Path) -> None:
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "mingzhang", *ROOMS],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.skip("this is no git checkout")
    links = {f"mingzhang/{room}" for room in ROOMS}
    names = {name for name in done.stdout.splitlines() if name not in links and (CHECKOUT / name).is_file()}
    names |= {str(path.relative_to(CHECKOUT)) for path in CHECKOUT.glob("sparql/editor/yasqe.*")}
    expected = {name if name.startswith("mingzhang/") else f"mingzhang/{name}" for name in names}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_wheel_names_its_licences_and_its_script(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
        scripts = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert {"LICENSE", "LICENSE-DATA"} <= {Path(name).name for name in names}
    assert "mingzhang = mingzhang.cli:main" in scripts


def run_installed(script: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([script, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_the_installed_program_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    python = installed.parent / "python"
    code = "import mingzhang.ontology, mingzhang.site; print(mingzhang.ontology.__file__, mingzhang.site.__file__)"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(CHECKOUT) not in done.stdout


def test_the_installed_program_shows_help_and_builds_the_examples(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "examples", tmp_path / "examples")
    assert "Examples:" in run_installed(installed, tmp_path, "--help").stdout
    done = run_installed(installed, tmp_path, "build", "examples", "--data", "data")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data/current/release.json").is_file()
    asked = run_installed(installed, tmp_path, "query", "disclosures", "--data", "data", "--format", "csv")
    assert len(asked.stdout.splitlines()) == 3, asked.stderr
