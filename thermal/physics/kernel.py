"""The one decorator of every compiled function, and the cache that keeps compiled code between processes.

Numba's own ``cache=True`` serves stale code when a callee in another file changes, fails on a damaged or read-only
cache and lets every process that starts at once compile everything. Here the cache directory is named after all that
the machine code depends on, a damaged entry counts as absent, and one process compiles while the others wait.
"""

import contextlib
import functools
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

import filelock
import llvmlite  # type: ignore[import-untyped]
import numba
import numpy as np
import platformdirs
from numba.core import config as numba_config
from numba.core import types
from numba.core.caching import NullCache, _Cache
from numba.core.compiler import CompileResult
from numba.core.compiler_lock import global_compiler_lock
from numba.core.errors import NumbaError
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from thermal.physics.compiling import Lean, no_collection, only_to_be_linked, operators_typed_once

__all__ = ["cache_directory", "kernel"]

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: Any = {
    "nogil": True, "error_model": "numpy", "fastmath": False, "no_cfunc_wrapper": True, "pipeline_class": Lean,
}  # fmt: skip
LOCK_TIMEOUT = 180.0  # seconds; after that a waiting process compiles for itself
ADVICE = "set THERMAL_CACHE_DIR to a writable directory to compile only once"
_ROOT = Path(__file__).parent
_CONFIG: Any = numba_config
_NOT_IN_CODE = {
    "NUMBA_CACHE_DIR",
    "NUMBA_NUM_THREADS",
    "NUMBA_THREADING_LAYER",
}  # settings that leave machine code alone
_said: set[str] = set()


def kernel(function: F) -> F:
    """Compile a top-level function of floats, arrays and NamedTuples at its first call, and remember the machine code.

    A kernel has no default arguments (they cost 31 µs a call instead of 0.3) and no closure (it misses the cache in
    every process). Under ``NUMBA_DISABLE_JIT=1`` it is the plain Python function.

    Raises
    ------
    TypeError
        If `function` has defaults, keyword-only arguments or a closure.
    """
    where = f"{function.__module__}.{function.__qualname__}"
    if function.__defaults__ or function.__kwdefaults__ or function.__code__.co_kwonlyargcount:
        raise TypeError(f"kernel {where} has default or keyword-only arguments: pass every argument by position")
    if function.__closure__ or "<locals>" in function.__qualname__:
        raise TypeError(
            f"kernel {where} is not a top-level function: move it to module level, pass what it closes over"
        )
    if _CONFIG.DISABLE_JIT:
        return function
    dispatcher: Any = numba.njit(**OPTIONS)(function)
    _call_without_wrapper(dispatcher, function)
    source = Path(function.__code__.co_filename)
    if source.is_relative_to(_ROOT) and source.is_file():
        dispatcher._cache = _KernelCache(function)
        dispatcher.compile = functools.partial(_compile_once, dispatcher, dispatcher.compile)
    return dispatcher


def _call_without_wrapper(dispatcher: Any, function: Callable[..., Any]) -> None:
    """Let other kernels call a twin of `dispatcher` that has no entry from Python.

    The entry from Python is a third of the compilation of a small kernel, and most are only called by others. The twin
    ends up inside the machine code of its callers: it needs no place in the cache and no machine code of its own. There
    is one for callers that count references to arrays and one for those that do not.
    """

    @functools.cache
    def twin(counting: bool) -> Any:
        options: Any = {"no_cpython_wrapper": True, **OPTIONS, "_nrt": counting}
        made: Any = numba.njit(**options)(function)
        made.compile = functools.partial(_compile_plain, made.compile)
        return made

    def get_call_template(arguments: Any, keywords: Any) -> Any:
        return twin(_references.counted).get_call_template(arguments, keywords)

    dispatcher.get_call_template = get_call_template
    dispatcher.get_overload = lambda signature: twin(_references.counted).get_overload(signature)


class _References:
    """Whether what is compiled now counts references to arrays; the lock of the compiler is held meanwhile."""

    counted = True


_references = _References()


def _compile_lean(dispatcher: Any, compile_: Callable[[Any], Any], signature: Any) -> Any:
    """Compile without counting references to arrays where that is safe, which wide NamedTuples gain tenfold by.

    A kernel that makes no array and returns none has only those of its caller, who holds them until it returns. One
    that makes an array is compiled again as Numba has it.
    """
    options = dispatcher.targetoptions
    if _returns_numbers(dispatcher.py_func):
        _references.counted = options["_nrt"] = False
        try:
            return compile_(signature)
        except NumbaError:  # it makes an array somewhere, or is wrong, as the next attempt will say
            dispatcher._compiler._failed_cache.clear()
        finally:
            _references.counted = options["_nrt"] = True
    return compile_(signature)


def _returns_numbers(function: Callable[..., Any]) -> bool:
    """Whether a kernel says that it returns nothing but plain numbers."""
    said = function.__annotations__.get("return", Any)
    return all(kind in {None, type(None), bool, int, float} for kind in get_args(said) or (said,))


def _compile_plain(compile_: Callable[[Any], Any], signature: Any) -> Any:
    """Compile one signature of a twin; f(x, 0) and f(x, 1) share their machine code."""
    with only_to_be_linked():
        return compile_(tuple(types.unliteral(kind) for kind in signature))


def cache_directory() -> Path:
    """Directory of the compiled solvers of this installation (``THERMAL_CACHE_DIR`` moves its root)."""
    root = os.environ.get("THERMAL_CACHE_DIR") or platformdirs.user_cache_dir("thermal", appauthor=False)
    return Path(root) / "kernels" / _fingerprint()


def _files() -> list[tuple[str, int, int]]:
    """Every file of the kernel package with its time and size: functions, and any table they freeze into their code."""
    found = []
    for folder, below, names in os.walk(_ROOT):
        below[:] = [name for name in below if name != "__pycache__"]
        for path in (os.path.join(folder, name) for name in names if "." in name[1:] and name[0] != "."):
            with contextlib.suppress(FileNotFoundError):  # a passing file of an editor
                found.append((path, (stat := os.stat(path)).st_mtime_ns, stat.st_size))
    return sorted(found)


def _sources() -> str:
    """Hash of every file of the kernel package."""
    digest = hashlib.sha256()
    for path, _, _ in _files():
        content = Path(path).read_bytes()
        digest.update(f"{Path(path).relative_to(_ROOT)} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


_SOURCES = _sources()  # as imported; what is edited later, under a running notebook, must not enter the cache
_known = [_files()]


def _unchanged() -> bool:
    """Whether the sources are still those that were imported; only files with a new time or size are read again."""
    files = _files()
    if files == _known[0]:
        return True
    if _sources() != _SOURCES:
        return False
    _known[0] = files
    return True


@functools.cache
def _fingerprint() -> str:
    """Hash of everything the machine code depends on: kernel sources, options, versions, processor."""
    target = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    flags = sorted((k, v) for k, v in os.environ.items() if k.startswith("NUMBA_") and k not in _NOT_IN_CODE)
    versions = (sys.version, numba.__version__, llvmlite.__version__, np.__version__, _CONFIG.USING_SVML)
    return hashlib.sha256(repr((_SOURCES, OPTIONS, versions, target, flags)).encode()).hexdigest()[:20]


def _tell(topic: str, line: str) -> None:
    """Say one line per topic and process, on standard error."""
    if topic not in _said:
        _said.add(topic)
        with contextlib.suppress(Exception):
            sys.stderr.write(f"thermal: {line}\n")
            sys.stderr.flush()


def _compile_once(dispatcher: Any, compile_: Callable[[Any], Any], signature: Any) -> Any:
    """Compile or load one signature; one process compiles while the others wait for its result."""
    cache = dispatcher._cache
    signature = tuple(types.unliteral(kind) for kind in signature)  # f(x, 0) and f(x, 1) share their machine code
    with global_compiler_lock:
        if signature in dispatcher.overloads or cache.body(signature) is not None:
            return compile_(signature)
        with _only_compiler(cache.path(signature)) as obstacle:
            if obstacle:
                _tell("unkept", f"compiling solvers for this process only ({obstacle}); {ADVICE}")
            elif cache.body(signature) is None:
                _tell("compiling", "compiling solvers, once per installation")
            with no_collection(), operators_typed_once():
                return _compile_lean(dispatcher, compile_, signature)


@contextlib.contextmanager
def _only_compiler(entry: Path) -> Iterator[str]:
    """Hold the lock of an entry of the cache; where that is impossible go on without it and say why."""
    lock, obstacle = None, ""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(entry.with_suffix(".lock"))
        lock.acquire(timeout=LOCK_TIMEOUT)
    except (OSError, NotImplementedError, filelock.Timeout) as error:
        lock, obstacle = None, str(error) or type(error).__name__
    try:
        yield obstacle
    finally:
        if lock is not None:
            lock.release()


class _KernelCache(_Cache):
    """Machine code of one kernel: one file per signature, sealed by a digest, absent when in doubt."""

    def __init__(self, function: Callable[..., Any]) -> None:
        module = Path(function.__code__.co_filename).relative_to(_ROOT).with_suffix("")
        self._name = ".".join([*module.parts, function.__qualname__])

    @property
    def cache_path(self) -> str:
        return str(cache_directory())

    def path(self, signature: Any) -> Path:
        key = hashlib.sha256(repr((signature, list(_structures(signature)))).encode()).hexdigest()[:16]
        return cache_directory() / f"{self._name}-{key}.bin"

    def body(self, signature: Any) -> bytes | None:
        """Content of the entry of a signature; none if it is damaged, misplaced or of other sources than imported."""
        path = self.path(signature)
        with contextlib.suppress(OSError):
            seal, _, body = path.read_bytes().partition(b"\n")
            if seal == _seal(path, body) and _unchanged():
                return body
        return None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)  # what finished code needs; a refresh would load the compiler's tables too
        body = self.body(sig)
        if body is not None:
            with contextlib.suppress(Exception):  # whatever is wrong with an entry, compiling again is the cure
                return CompileResult._rebuild(target_context, *pickle.loads(body))
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        importable = all("__main__" not in name and "<locals>" not in name for name, _ in _structures(sig))
        if data.lifted or data.library.has_dynamic_globals or not importable:
            return
        path = self.path(sig)
        try:
            if not _unchanged():
                return
            body = dumps(data._reduce())
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, _seal(path, body) + b"\n" + body)
        except Exception as error:  # a cache that cannot be kept costs time, never an answer
            _tell("unkept", f"compiled solvers cannot be kept ({error}); {ADVICE}")

    enable = disable = flush = NullCache.flush


def _structures(signature: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Class and fields of each NamedTuple in a signature: Numba's own spelling of the type leaves the fields out."""
    for item in signature:
        owner: Any = getattr(item, "instance_class", None)
        if isinstance(item, types.BaseNamedTuple):
            yield f"{owner.__module__}.{owner.__qualname__}", owner._fields
        if isinstance(item, types.BaseTuple):
            yield from _structures(cast(Any, item))


def _seal(path: Path, body: bytes) -> bytes:
    """Digest that ties a content to the kernel, the signature and the sources in its path."""
    return hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode() + body).hexdigest().encode()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def zero_record(dtype: np.dtype) -> Any:
    """Make a record of `dtype` with all fields zero, to be filled by name: faster to compile than many arguments."""
    return np.zeros((), dtype).view(np.recarray)[()]
