"""What `@kernel` promises about its cache, each hazard acted out in fresh processes on a copy of the kernel package."""

import hashlib
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PHYSICS = Path(__file__).parents[2] / "thermal" / "physics"
COMPILING = "thermal: compiling solvers, once per installation"
LAW = """
from thermal.physics.kernel import kernel

@kernel
def law(x):
    return FACTOR * x
"""
SUM = """
from typing import NamedTuple
from thermal.physics.kernel import kernel
from thermal.physics.law import law

class Pair(NamedTuple):
    first: float
    second: float

@kernel
def total(n):
    s = 0.0
    for i in range(n):
        s += law(float(i))
    return s

@kernel
def ratio(pair):
    return pair.first / pair.second
"""
# The script every process runs unless a test has its own: answer, then the kernels it had to compile.
SCRIPT = """
import numba.core.event as ev
with ev.install_recorder("numba:compile") as seen:
    from thermal.physics.sum import total
    at_import = len(seen.buffer)
    print(total(10), at_import, sum(event.is_start for _, event in seen.buffer))
"""


class Copy:
    """A copy of `thermal/physics/kernel.py` with two small kernels in two files, and a cache directory of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache = root, root / "cache"
        self.physics = root / "thermal" / "physics"
        self.physics.mkdir(parents=True)
        (root / "thermal" / "__init__.py").touch()
        (self.physics / "__init__.py").touch()
        for name in ("kernel.py", "compiling.py"):
            shutil.copy(PHYSICS / name, self.physics)
        self.write_law(2.0)
        (self.physics / "sum.py").write_text(SUM)

    def write_law(self, factor: float) -> None:
        (self.physics / "law.py").write_text(LAW.replace("FACTOR", repr(factor)))

    def start(self, script: str = SCRIPT, **environment: str) -> subprocess.Popen[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "THERMAL_", "PYTHON"))}
        settings = {"PYTHONPATH": str(self.root), "THERMAL_CACHE_DIR": str(self.cache), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            env={**kept, **settings, **environment},
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str = SCRIPT, **environment: str) -> tuple[list[str], list[str]]:
        """Words of standard output and lines of standard error."""
        process = self.start(script, **environment)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out.split(), err.splitlines()

    def entries(self) -> list[Path]:
        return sorted(self.cache.rglob("*.bin"))


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A copy whose cache one process has filled; tests that use it must leave it as they found it."""
    copy = Copy(tmp_path_factory.mktemp("filled"))
    copy.run()
    return copy


@pytest.fixture
def warm(filled, tmp_path):
    """A private copy of `filled`: sources in place (their path is not part of the key), cache duplicated."""
    copy = Copy(tmp_path)
    shutil.copytree(filled.cache, copy.cache)
    return copy


def test_cold_then_warm(copy):
    (answer, at_import, compiled), said = copy.run()
    assert (answer, at_import, compiled) == ("90.0", "0", "2")  # nothing at import; `total` and `law` at the call
    assert said == [COMPILING]
    (answer, at_import, compiled), said = copy.run()
    assert (answer, at_import, compiled) == ("90.0", "0", "0")
    assert said == []


def test_import_leaves_no_trace(copy):
    assert copy.run("import thermal.physics.sum") == ([], [])
    assert not copy.cache.exists()


def test_changed_callee_in_another_file_is_never_served_stale(warm):
    warm.write_law(3.0)
    (answer, _, compiled), said = warm.run()
    assert (answer, compiled, said) == ("135.0", "2", [COMPILING])
    warm.write_law(2.0)  # back to the old sources: the old entries are right again
    (answer, _, compiled), said = warm.run()
    assert (answer, compiled, said) == ("90.0", "0", [])


def test_what_is_no_source_does_not_count(warm):
    """Bytecode that another process is just writing, an editor's hidden file, a folder with a dot in its name."""
    (warm.physics / "__pycache__").mkdir()
    (warm.physics / "__pycache__" / "law.cpython-311.pyc.140234").write_bytes(b"half")
    (warm.physics / ".law.py.swp").write_bytes(b"half")
    (warm.physics / "notes.d").mkdir()
    (answer, _, compiled), said = warm.run()
    assert (answer, compiled, said) == ("90.0", "0", [])


def test_changed_table_beside_the_kernels_is_never_served_stale(copy):
    table = copy.physics / "table.csv"
    (copy.physics / "law.py").write_text(
        "import numpy as np\nfrom pathlib import Path\nfrom thermal.physics.kernel import kernel\n"
        "TABLE = np.loadtxt(Path(__file__).with_name('table.csv'))\n\n@kernel\ndef law(x):\n    return TABLE[0] * x\n"
    )
    for factor, answer in [(2.0, "90.0"), (3.0, "135.0")]:
        table.write_text(f"{factor}\n{factor}\n")
        assert copy.run()[0][0] == answer


def test_sources_edited_under_a_running_process_do_not_enter_the_cache(copy):
    edit_after_import = """
    import thermal.physics.sum as module
    path = "thermal/physics/law.py"
    text = open(path).read()
    open(path, "w").write(text.replace("2.0", "3.0"))
    print(module.total(10))
    """
    (old,), _ = copy.run(edit_after_import)
    (new, _, _), _ = copy.run()
    assert (old, new) == ("90.0", "135.0")


def test_sources_edited_before_a_late_import_do_not_read_the_old_entries(warm):
    reload_after_edit = """
    import importlib
    import thermal.physics.law as law
    path = "thermal/physics/law.py"
    text = open(path).read()
    open(path, "w").write(text.replace("2.0", "3.0"))
    from thermal.physics.sum import total
    importlib.reload(law)
    print(law.law(1.0))
    """
    (answer,), _ = warm.run(reload_after_edit)
    assert answer == "3.0"


@pytest.mark.parametrize("kind", ["file", "below a file", "name too long"])
def test_unusable_cache_directory(copy, kind):
    blocker = copy.root / "blocker"
    blocker.write_text("not a directory")
    cache = {
        "file": blocker,
        "below a file": blocker / "deep",
        "name too long": copy.root / ("x" * 300),
    }[kind]
    (answer, _, compiled), said = copy.run(THERMAL_CACHE_DIR=str(cache))
    assert (answer, compiled) == ("90.0", "2")
    assert len(said) == 1
    assert "for this process only" in said[0]
    assert "THERMAL_CACHE_DIR" in said[0]


# Permissions do not bind a superuser: put its capabilities down first, which leaves an ordinary owner of the files.
ORDINARY = """
import ctypes, os
if os.geteuid() == 0:
    version, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(version, nothing) == 0
"""


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_read_only_and_locked_cache_directory(copy, mode):
    copy.cache.mkdir()
    copy.cache.chmod(mode)
    (answer, _, compiled), said = copy.run(ORDINARY + SCRIPT)
    assert (answer, compiled) == ("90.0", "2")
    assert len(said) == 1
    assert "Permission denied" in said[0]
    assert "THERMAL_CACHE_DIR" in said[0]


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_filled_read_only_cache_is_used(warm):
    for path in [warm.cache, *warm.cache.rglob("*")]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    (answer, _, compiled), said = warm.run(ORDINARY + SCRIPT)
    assert (answer, compiled, said) == ("90.0", "0", [])


@pytest.mark.parametrize("call", ["mkstemp", "replace"])
def test_full_disk(copy, call):
    owner = {"mkstemp": "tempfile", "replace": "os"}[call]
    no_space = f"""
    import errno, {owner}
    def full(*_, **__): raise OSError(errno.ENOSPC, "No space left on device")
    {owner}.{call} = full
    """
    (answer, _, compiled), said = copy.run(textwrap.dedent(no_space) + SCRIPT)
    assert (answer, compiled) == ("90.0", "2")
    assert said[0] == COMPILING
    assert len(said) == 2
    assert "No space left" in said[1]
    assert not [p for p in copy.cache.rglob("*") if p.suffix in {".bin", ".tmp"}]


def test_entry_that_cannot_be_written_is_no_error(copy):
    """A real full device: the entry's temporary file is one that refuses every byte."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    write_to_full = """
    import os, tempfile
    tempfile.mkstemp = lambda **_: (os.open("/dev/full", os.O_WRONLY), "/nowhere/at/all")
    """
    (answer, _, compiled), said = copy.run(textwrap.dedent(write_to_full) + SCRIPT)
    assert (answer, compiled) == ("90.0", "2")
    assert "No space left" in said[-1]


def _rebuilt(body: bytes, path: Path) -> bytes:
    """An entry whose seal is right, whatever its content."""
    seal = hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode() + body).hexdigest()
    return seal.encode() + b"\n" + body


DAMAGE = {
    "empty": lambda content, path: b"",
    "truncated": lambda content, path: content[: len(content) // 2],
    "one byte short": lambda content, path: content[:-1],
    "garbage": lambda content, path: bytes(range(256)) * 40,
    "one bit flipped": lambda content, path: content[:-100] + bytes([content[-100] ^ 1]) + content[-99:],
    "sealed, not a pickle": lambda content, path: _rebuilt(b"not a pickle", path),
    "sealed, another pickle": lambda content, path: _rebuilt(pickle.dumps(("a", "b")), path),
    "sealed, wrong shape": lambda content, path: _rebuilt(pickle.dumps((None,) * 9), path),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_entry_counts_as_absent(warm, damage):
    entries = warm.entries()
    for path in entries:
        path.write_bytes(DAMAGE[damage](path.read_bytes(), path))
    (answer, _, compiled), _ = warm.run()
    assert (answer, compiled) == ("90.0", "2")
    if damage == "garbage":  # and the cure is kept
        (answer, _, compiled), said = warm.run()
        assert (answer, compiled, said) == ("90.0", "0", [])


def test_entry_of_another_kernel_is_refused(copy):
    """Two kernels of one signature whose entries were swapped: each intact, each the wrong machine code."""
    script = "from thermal.physics.law import law, square\nprint(law(5.0), square(5.0))"
    with (copy.physics / "law.py").open("a") as stream:
        stream.write("\n@kernel\ndef square(x):\n    return x * x\n")
    assert copy.run(script)[0] == ["10.0", "25.0"]
    one, two = copy.entries()
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert copy.run(script)[0] == ["10.0", "25.0"]


def test_processes_that_start_at_once_compile_once(copy):
    processes = [copy.start() for _ in range(4)]
    results = [p.communicate(timeout=120) for p in processes]
    assert [p.returncode for p in processes] == [0] * 4
    words = [out.split() for out, _ in results]
    assert {w[0] for w in words} == {"90.0"}
    assert sum(int(w[2]) for w in words) == 2  # `total` and `law`, once each among the four
    assert sum(err.count(COMPILING) for _, err in results) == 1


def test_killed_compiler_leaves_no_lock(copy):
    die = "import os, thermal.physics.kernel as k\nk._write = lambda *_: os._exit(9)\n"
    process = copy.start(die + textwrap.dedent(SCRIPT))
    process.communicate(timeout=120)
    assert process.returncode == 9
    (answer, _, compiled), _ = copy.run()
    assert (answer, compiled) == ("90.0", "2")


def test_two_threads(copy):
    script = """
    from concurrent.futures import ThreadPoolExecutor
    from thermal.physics.law import law
    from thermal.physics.sum import total
    with ThreadPoolExecutor(2) as pool:
        print(*pool.map(lambda job: job[0](job[1]), [(total, 10), (law, 1.0), (total, 20), (law, 4.0)]))
    """
    out, said = copy.run(script)
    assert out == ["90.0", "2.0", "380.0", "8.0"]
    assert said == [COMPILING]


def test_plain_python_gives_the_same_answer(filled):
    (answer, _, compiled), said = filled.run(NUMBA_DISABLE_JIT="1")
    assert (answer, compiled, said) == ("90.0", "0", [])


def test_bounds_check_and_thread_count(filled, tmp_path):
    """A setting that changes machine code has its own directory; the number of threads does not change it."""
    where = "from thermal.physics.kernel import cache_directory\nprint(cache_directory().name)"
    (plain,), _ = filled.run(where)
    (checked,), _ = filled.run(where, NUMBA_BOUNDSCHECK="1")
    (threads,), _ = filled.run(where, NUMBA_NUM_THREADS="1")
    assert checked != plain
    assert threads == plain


@pytest.mark.parametrize("state", ["cold", "warm"])
def test_user_function_may_call_a_kernel(copy, state):
    (copy.root / "study.py").write_text(
        "import numba\nfrom thermal.physics.sum import total\n\n@numba.njit\ndef twice(n):\n    return 2 * total(n)\n"
    )
    if state == "warm":
        copy.run()
    assert copy.run("import study\nprint(study.twice(10))")[0] == ["180.0"]
    with (copy.root / "study.py").open("a") as stream:
        stream.write("\nfrom thermal.physics.kernel import kernel\n\n@kernel\ndef own(n):\n    return total(n) + 1\n")
    before = copy.entries()
    assert copy.run("import study\nprint(study.own(10))")[0] == ["91.0"]
    assert copy.entries() == before  # code outside the hashed sources is not kept


def test_named_tuples_of_one_name_are_not_confused(copy):
    """Numba spells both types `Pair(float64 x 2)`; the order of the fields differs."""
    ours = "from thermal.physics.sum import Pair, ratio\nprint(ratio(Pair(first=6.0, second=3.0)))"
    (copy.root / "theirs.py").write_text(
        "from typing import NamedTuple\n\nclass Pair(NamedTuple):\n    second: float\n    first: float\n"
    )
    assert copy.run(ours)[0] == ["2.0"]
    assert copy.run(ours) == (["2.0"], [])
    theirs = "from theirs import Pair\nfrom thermal.physics.sum import ratio\nprint(ratio(Pair(3.0, 6.0)))"
    assert copy.run(theirs)[0] == ["2.0"]
    local = (copy.root / "theirs.py").read_text() + theirs.replace("from theirs import Pair", "")
    kept = copy.entries()
    assert copy.run(local)[0] == ["2.0"]
    assert copy.entries() == kept  # a class of `__main__` cannot be found again by the next process


def test_kernels_release_the_interpreter_lock(copy):
    """While one thread spends 0.3 s or more in a kernel, another wakes every 5 ms; held back, it would wake once."""
    script = """
    import threading, time
    from thermal.physics.sum import total
    total(10)
    thread = threading.Thread(target=total, args=(300_000_000,))
    start, wakes = time.perf_counter(), 0
    thread.start()
    while thread.is_alive():
        time.sleep(0.005)
        wakes += 1
    print(wakes, time.perf_counter() - start)
    """
    (wakes, seconds), _ = copy.run(script)
    assert int(wakes) > float(seconds) / 0.005 / 10
    assert float(seconds) > 0.1
