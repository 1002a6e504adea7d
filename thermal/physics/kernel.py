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
from typing import Any, TypeVar

import filelock
import llvmlite
import numba
import numpy as np
import platformdirs
from numba.core import config
from numba.core.caching import NullCache, _Cache
from numba.core.compiler import CompileResult
from numba.core.compiler_lock import global_compiler_lock
from numba.core.serialize import dumps

__all__ = ["cache_directory", "kernel"]

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": False}
LOCK_TIMEOUT = 180.0  # seconds; after that a waiting process compiles for itself
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
    if config.DISABLE_JIT:
        return function
    dispatcher = numba.njit(**OPTIONS)(function)
    if Path(function.__code__.co_filename).is_relative_to(_source_root()):
        dispatcher._cache = _KernelCache(function)
        dispatcher.compile = functools.partial(_compile_once, dispatcher, dispatcher.compile)
    return dispatcher  # type: ignore[no-any-return]


def cache_directory() -> Path:
    """Directory of the compiled solvers of this installation (``THERMAL_CACHE_DIR`` moves its root)."""
    root = os.environ.get("THERMAL_CACHE_DIR") or platformdirs.user_cache_dir("thermal", appauthor=False)
    return Path(root) / "kernels" / _fingerprint()


def _source_root() -> Path:
    return Path(__file__).parent


@functools.cache
def _fingerprint() -> str:
    """Hash of everything the machine code depends on: kernel sources, options, versions, processor."""
    digest = hashlib.sha256()
    for path in sorted(_source_root().rglob("*.py")):
        digest.update(str(path.relative_to(_source_root())).encode())
        digest.update(path.read_bytes())
    target = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    flags = sorted((k, v) for k, v in os.environ.items() if k.startswith("NUMBA_") and k != "NUMBA_CACHE_DIR")
    stamp = (OPTIONS, sys.version, numba.__version__, llvmlite.__version__, np.__version__, target, flags)
    digest.update(repr(stamp).encode())
    return digest.hexdigest()[:20]


def _tell(line: str) -> None:
    """Say a line once per process, on standard error."""
    if line not in _said:
        _said.add(line)
        with contextlib.suppress(Exception):
            print(f"thermal: {line}", file=sys.stderr, flush=True)


def _compile_once(dispatcher: Any, compile_: Callable[[Any], Any], signature: Any) -> Any:
    """Compile or load one signature; one process compiles while the others wait for its result."""
    with global_compiler_lock:
        if dispatcher._cache.path(signature).is_file():
            return compile_(signature)
        with _only_compiler():
            return compile_(signature)


@contextlib.contextmanager
def _only_compiler() -> Iterator[None]:
    """Hold the lock of the cache directory, or go on without it where that is impossible."""
    lock = None
    with contextlib.suppress(OSError, filelock.Timeout):
        lock = _lock()
        lock.acquire(timeout=LOCK_TIMEOUT)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


@functools.cache
def _lock() -> filelock.BaseFileLock:
    directory = cache_directory()
    directory.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(directory / "compiling.lock")


class _KernelCache(_Cache):
    """Machine code of one kernel: one file per signature, checked by its digest, absent when in doubt."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"

    @property
    def cache_path(self) -> str:
        return str(cache_directory())

    def path(self, signature: Any) -> Path:
        key = hashlib.sha256(repr(signature).encode()).hexdigest()[:16]
        return cache_directory() / f"{self._name}-{key}.bin"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.refresh()
        result = self._read(sig, target_context)
        if result is None:
            _tell("compiling solvers, once per installation")
        return result

    def _read(self, sig: Any, target_context: Any) -> Any:
        try:
            digest, _, body = self.path(sig).read_bytes().partition(b"\n")
            if digest != hashlib.sha256(body).hexdigest().encode():
                return None
            return CompileResult._rebuild(target_context, *pickle.loads(body))
        except Exception:  # whatever is wrong with a cache entry, compiling again is the cure
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        if data.lifted or data.library.has_dynamic_globals:
            return
        body = dumps(data._reduce())
        path = self.path(sig)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        except OSError as error:
            _tell(
                f"compiled solvers cannot be kept in {path.parent} ({error.strerror}); "
                "set THERMAL_CACHE_DIR to a writable directory to compile only once"
            )

    enable = disable = flush = NullCache.flush


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
