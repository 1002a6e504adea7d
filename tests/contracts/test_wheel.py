"""The wheel, installed into an empty environment and used from another directory: code and models arrive."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path) -> str:
    """Run with none of this process's Python settings; dependencies come from where `environment` put them."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """A new environment that holds the wheel, and borrows its dependencies, so that no network is needed."""
    root = tmp_path_factory.mktemp("environment")
    venv.create(root, with_pip=False, symlinks=True)
    python = root / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    _run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=root)
    (site,) = root.glob("lib/python*/site-packages")
    # Listed in a .pth file, this environment's own .pth files (the editable checkout's among them) stay unread.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return root


def test_wheel_holds_the_package_and_the_models_alone(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {n.split("/")[0] for n in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"thermal"}
    shipped = {n.removeprefix("thermal/models/") for n in names if n.startswith("thermal/models/")}
    assert shipped == {p.relative_to(ROOT / "models").as_posix() for p in (ROOT / "models").rglob("*.toml")}
    assert any(n.endswith("licenses/LICENSE") for n in names)
    assert {"thermal/py.typed", "thermal/__init__.pyi", "thermal/explore/explorer.marimo"} <= set(names)
    assert wheel.name.startswith("thermal_toolkit-")  # as the README says; `thermal` is another project on the index


def test_the_citation_is_of_this_version():
    import thermal

    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {thermal.__version__}" in lines
    assert {"cff-version", "message", "title", "authors"} <= {line.partition(":")[0] for line in lines}


def test_extras_do_what_they_say():
    """Each names packages that some file of ours imports, or that a command or a page of ours runs."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras) == {
        "distributed",
        "zarr",
        "notebooks",
        "telemetry",
        "uq",
        "fmi",
        "rl",
        "explore",
        "docs",
        "validation",
        "dev",
    }
    places = [p for folder in ("thermal", "validation", "benchmarks", "docs") for p in (ROOT / folder).rglob("*.py")]
    text = "\n".join(p.read_text(encoding="utf-8") for p in places)
    for name in (
        "emcee",
        "SALib",
        "pyarrow",
        "distributed",
        "zarr",
        "pyamg",
        "pyenergyplus",
        "pythonfmu",
        "marimo",
        "sphinx",
    ):
        assert re.search(rf"\b{name}\b", text), name
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{extra}`" in readme for extra in extras)


def test_code_and_models_come_from_the_wheel(environment, tmp_path):
    script = """
import thermal as th
print(th.__file__, th.load("coolants/pg25").fraction, len(th.models()), th.library.library_root(), sep="\\n")
"""
    file, fraction, count, root = _run(environment / "bin" / "python", "-c", script, cwd=tmp_path).splitlines()
    assert Path(file).is_relative_to(environment)
    assert Path(root).is_relative_to(environment)
    assert float(fraction) == 0.25
    assert int(count) == len(list((ROOT / "models").rglob("*.toml")))


def test_every_model_loads(environment, tmp_path):
    script = "import thermal as th\nfor name in th.models(): th.load(name)"
    _run(environment / "bin" / "python", "-c", script, cwd=tmp_path)


def test_command_line(environment, tmp_path):
    thermal = environment / "bin" / "thermal"
    listed = _run(thermal, "models", cwd=tmp_path)
    assert all(p.stem in listed for p in (ROOT / "models").rglob("*.toml"))
    assert "source" in _run(thermal, "models", "coolants/pg25", cwd=tmp_path).lower()
