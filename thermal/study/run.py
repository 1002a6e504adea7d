"""Run the cases of a sweep: in threads, or on a dask cluster, in chunks that hide the cost of handing out work."""

import inspect
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import xarray as xr

from thermal.errors import ConvergenceError, InputError, listed
from thermal.inputs import no_others, whole
from thermal.machine import cores
from thermal.study.axes import Axes
from thermal.study.store import Store
from thermal.study.table import DONE, FAILED, NOT_CONVERGED, Outcome, Table, unpack

__all__ = ["run", "shown", "sweep"]

CHUNK = 0.05  # s of work handed to a thread at once
CHUNK_DISTRIBUTED = 0.2  # s; one task per case would cost 1.8 ms each
IN_FLIGHT = 2  # chunks per worker at once, so that none waits for this thread
FLUSH = 5.0  # s between chunks on disk
SHOW_AFTER = 2.0  # s before a progress bar appears


def sweep(
    f: Callable[..., Any],
    /,
    *,
    workers: int | None = None,
    save: str | Path | None = None,
    on_error: Literal["keep", "raise"] = "keep",
    progress: bool | None = None,
    client: Any = None,
    **axes: Any,
) -> xr.Dataset:
    """Call a function for every combination of named values; the names become dimensions of one Dataset.

    Parameters
    ----------
    f : callable
        Takes one value of each axis by name and returns a Dataset, a DataArray, a number, or a dict of these. It runs
        in threads: kernels release the interpreter lock.
    workers : int, optional
        Threads; by default as many as cores, at most as many as cases. 1 runs in this thread.
    save : path, optional
        Folder for results on the way. The same call after a kill runs only what is missing or failed; one with more
        values on its axes runs only those. One process at a time writes to it.
    on_error : {"keep", "raise"}
        Keep a failed case as NaN with its ``status`` and ``error``, or raise at the first. If all cases fail, the first
        error is raised in either case.
    progress : bool, optional
        A bar; by default on a terminal, when the sweep lasts more than two seconds.
    client : dask.distributed.Client, optional
        Runs the cases on a cluster.
    **axes : list
        Values of each axis: numbers, texts or parts. Parts are labelled by the name of their model.

    Returns
    -------
    xarray.Dataset
        The results with the axes as first dimensions, ``status`` (done, not converged, failed), ``error`` and
        ``converged``. A point that did not converge is NaN. A result that has the name of an axis is kept as
        ``<name>_result``.

    Raises
    ------
    InputError
        If an axis is empty, or results differ in their variables, sizes or coordinates.

    Examples
    --------
    >>> runs = sweep(lambda width, flow: {"speed": flow / width}, width=[1.0, 2.0], flow=[3.0, 4.0, 5.0])
    >>> runs.speed.sel(width=2.0).values
    array([1.5, 2. , 2.5])
    """
    plan = Axes(axes)
    _check(f, workers, on_error, axes)
    return run(plan, f, workers, save, on_error, progress, client).assign_attrs(sweep=", ".join(axes))


def run(
    plan: Any, f: Callable[..., Any], workers: int | None, save: str | Path | None, on_error: str,
    progress: bool | None, client: Any,
) -> xr.Dataset:  # fmt: skip
    """Run the cases of a plan (`Axes`, or drawn points), as `sweep` does."""
    if on_error not in {"keep", "raise"}:
        raise InputError(f"on_error = {str(on_error)[:60]!r} must be 'keep' or 'raise'")
    work, table = _Work(f, on_error == "raise"), Table(plan)
    store = Store(save, plan, f) if save is not None else None
    try:
        for case, outcome in store.load() if store else ():
            table.fill(case, outcome)
        held = table.filled.copy()
        todo = int((~table.filled).sum())
        cases = ((k, arguments) for k, arguments in enumerate(plan.cases()) if not held[k])
        flushed = time.monotonic()
        for case, outcome in _progress(_run(work, cases, todo, workers, client), todo, progress):
            table.fill(case, outcome)
            if store:
                store.add(case, outcome)
                if time.monotonic() - flushed > FLUSH:
                    store.flush()
                    flushed = time.monotonic()
    finally:
        if store:
            store.close()
    _refuse_total_failure(table)
    counts = {status: int((table.status == status).sum()) for status in (DONE, NOT_CONVERGED, FAILED)}
    return table.result({f"cases_{k.replace(' ', '_')}": n for k, n in counts.items()})


def _check(f: Any, workers: Any, on_error: Any, axes: dict[str, Any]) -> None:
    """Refuse at once what would fail in every case, and keywords of the sweep that were meant as axes."""
    if not callable(f):
        raise InputError(
            f"f is a {type(f).__name__}, no function: sweep(operate, flow=[0.6, 1.2]) calls operate(flow=...)"
        )
    if on_error not in ("keep", "raise"):
        raise InputError(f"on_error = {str(on_error)[:60]!r} must be 'keep' or 'raise'; an axis needs another name")
    if workers is not None:
        whole("workers", workers, low=1, hint="an axis needs another name")
    try:
        taken = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a builtin that does not say what it takes
        return
    if any(p.kind is p.VAR_KEYWORD for p in taken):
        return
    named = {p.name: p for p in taken if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    what = getattr(f, "__name__", type(f).__name__)
    no_others(what, axes, named)
    absent = [name for name, p in named.items() if p.default is p.empty and name not in axes]
    if absent:
        raise InputError(
            f"{what} needs {listed(absent)}, which no axis gives: write {absent[0]}=[...] or give a default"
        )


class _Work:
    """A chunk of cases as one call; a class, so that it can travel to another process."""

    def __init__(self, f: Callable[..., Any], raises: bool) -> None:
        self.f, self.raises = f, raises

    def __call__(self, chunk: list[tuple[int, dict[str, Any]]]) -> tuple[list[tuple[int, Outcome]], float]:
        """Outcomes of the chunk, and the seconds they took."""
        started = time.perf_counter()
        return [(case, self.one(arguments)) for case, arguments in chunk], time.perf_counter() - started

    def one(self, arguments: dict[str, Any]) -> Outcome:
        try:
            outcome = _judge(unpack(self.f(**arguments)))
            if self.raises and outcome.status == NOT_CONVERGED:
                raise ConvergenceError(outcome.error)
            return outcome
        except Exception as error:  # the case is kept with its error, whatever it was
            if self.raises:
                said = ", ".join(f"{name}={value}" for name, value in arguments.items())
                error.add_note(f"in the case {said}"[:500])
                raise
            status = NOT_CONVERGED if isinstance(error, ConvergenceError) else FAILED
            return Outcome(status, f"{type(error).__name__}: {error}", {}, {}, {})


def _judge(outcome: Outcome) -> Outcome:
    """A result that says it did not converge becomes NaN, as a whole or where its flag says so."""
    flag = outcome.columns.get("converged")
    if flag is None or flag.values.all():
        return outcome
    if not flag.dims:
        return Outcome(NOT_CONVERGED, "the function returned converged = False", {}, {}, {})
    good = xr.Variable(flag.dims, flag.values.astype(bool))
    columns = dict(outcome.columns)
    for name, column in columns.items():
        if column.values.dtype.kind == "f" and set(flag.dims) <= set(column.dims):
            masked = xr.Variable(column.dims, column.values).where(good).transpose(*column.dims)
            columns[name] = column._replace(values=masked.values)
    said = f"{good.size - int(good.sum())} of {good.size} points did not converge"
    return outcome._replace(status=NOT_CONVERGED, error=said, columns=columns)


def _run(
    work: _Work, cases: Iterator[Any], count: int, workers: int | None, client: Any
) -> Iterator[tuple[int, Outcome]]:
    """Outcomes as cases finish; they are drawn and handed out in chunks that follow the time of the latest ones."""
    threads = min(workers or cores(), count)
    if threads <= 1 and client is None:
        for item in cases:
            yield from work([item])[0]
        return
    pool: Executor = ThreadPoolExecutor(threads) if client is None else client.get_executor()
    parallel = threads if client is None else sum(client.nthreads().values())
    target = CHUNK if client is None else CHUNK_DISTRIBUTED
    handed, size = 0, 1
    pending: set[Future[Any]] = set()
    try:
        while pending or handed < count:
            while handed < count and len(pending) < IN_FLIGHT * parallel:
                chunk = list(islice(cases, size))
                pending.add(pool.submit(work, chunk))
                handed += len(chunk)
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                outcomes, took = future.result()
                fair = (count - handed) // (IN_FLIGHT * parallel)
                size = max(1, min(int(target * len(outcomes) / max(took, 1e-9)), fair))
                yield from outcomes
    finally:
        for future in pending:
            future.cancel()
        if client is None:
            pool.shutdown(wait=True, cancel_futures=True)


def _progress(cases: Iterator[Any], total: int, wanted: bool | None) -> Iterator[Any]:
    with shown(total, wanted) as bar:
        for case in cases:
            yield case
            bar.update()


def shown(total: int, wanted: bool | None) -> Any:
    """A bar of so many cases, to be updated; by default on a terminal or in a notebook, where it lasts."""
    from tqdm import tqdm

    delay = 0.0 if wanted else SHOW_AFTER
    hidden = None if wanted is None and "ipykernel" not in sys.modules else wanted is False  # a notebook is no terminal
    return tqdm(total=total, unit="case", delay=delay, disable=hidden, leave=False)


def _refuse_total_failure(table: Table) -> None:
    failed = table.status == FAILED
    if failed.all():
        error = " ".join(str(table.error[0]).split())
        error = error if len(error) <= 600 else f"{error[:600]}..."
        raise InputError(f"all {failed.size} cases failed; the first, {table.axes.say(0)[:200]}, with {error}")
