"""Reference data by name: ``path("weather/….epw")`` is a file whose sha256 has been checked, or an error that says why.

``THERMAL_DATA`` names the folder that holds the data. Without it, files with a public address are downloaded once.
"""

import difflib
import functools
import hashlib
import os
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from thermal.errors import DataError

__all__ = ["names", "path", "provenance", "state"]


def names() -> list[str]:
    """Names of all registered data files, sorted.

    Examples
    --------
    >>> "plant/chillers.csv" in names()
    True
    """
    return sorted(_checksums())


def provenance(name: str) -> dict[str, str]:
    """What the folder of a data file holds, of which kind, from which source and under which licence.

    Examples
    --------
    >>> provenance("workloads/mlenergy_v3_joules_per_token.csv")["licence"]
    'CC-BY 4.0; Apache-2.0'
    """
    _known(name)
    folder = _registry()[name.split("/")[0]]
    return {key: folder[key] for key in ("what", "kind", "source", "licence")}


def path(name: str) -> Path:
    """Path of a registered data file whose content matches its sha256.

    Parameters
    ----------
    name : str
        Folder and file as in `names`, for example ``frontier/frontier_2023_measured_stats.csv``.

    Raises
    ------
    DataError
        If the name is unknown, the file absent, or its content cut short or altered. The message says what to set.
    """
    _known(name)
    root = os.environ.get("THERMAL_DATA")
    if not root:
        return _download(name)
    file = Path(root) / name
    if not file.is_file():
        raise DataError(f"{name}: no such file under THERMAL_DATA={root}; point THERMAL_DATA at the reference data")
    _verify(file, name, file.stat().st_mtime_ns, file.stat().st_size)
    return file


def state(name: str) -> str:
    """Whether a data file is ``here``, ``missing``, ``altered`` or ``on the net``; nothing is fetched to find out.

    Examples
    --------
    >>> state("plant/chillers.csv") in {"here", "missing", "altered", "on the net"}
    True
    """
    _known(name)
    root = os.environ.get("THERMAL_DATA")
    folder, file = name.split("/", 1)
    found = Path(root) / name if root else _cache() / "data" / folder / Path(file).name
    if not found.is_file():
        return "on the net" if not root and file in _registry()[folder].get("address", {}) else "missing"
    try:
        _verify(found, name, found.stat().st_mtime_ns, found.stat().st_size)
    except DataError:
        return "altered"
    return "here"


def _cache() -> Path:
    import platformdirs

    return Path(os.environ.get("THERMAL_CACHE_DIR") or platformdirs.user_cache_dir("thermal", appauthor=False))


@functools.cache
def _registry() -> dict[str, Any]:
    return tomllib.loads(files("thermal").joinpath("datasets.toml").read_text(encoding="utf-8"))


@functools.cache
def _checksums() -> dict[str, str]:
    return {f"{folder}/{file}": sha for folder, entry in _registry().items() for file, sha in entry["sha256"].items()}


def _known(name: str) -> None:
    if not isinstance(name, str):
        raise DataError(f"name is a {type(name).__name__}: data files are named by text, such as 'plant/chillers.csv'")
    if name not in _checksums():
        close = difflib.get_close_matches(name, names(), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "thermal.datasets.names() lists them"
        raise DataError(f"{name!r} is not a registered data file; {hint}")


@functools.cache
def _verify(file: Path, name: str, modified: int, size: int) -> None:
    """Checked once per process, and again when the file's time or size changes; a failure is not remembered."""
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{name}: {file} cannot be read ({error.strerror or error}); check who may read it") from None
    if digest != _checksums()[name]:
        raise DataError(
            f"{name}: {file} ({size} bytes) does not match its checksum (sha256 {digest[:12]}…, "
            f"expected {_checksums()[name][:12]}…): cut short or altered; restore the file"
        )


@functools.cache
def _download(name: str) -> Path:
    folder, file = name.split("/", 1)
    address = _registry()[folder].get("address", {}).get(file)
    if address is None:
        raise DataError(f"{name} has no public address: set THERMAL_DATA to the folder that holds the reference data")
    import pooch

    try:
        found = pooch.retrieve(address, f"sha256:{_checksums()[name]}", Path(file).name, _cache() / "data" / folder)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{name}: cannot fetch {address} ({type(error).__name__}); set THERMAL_DATA to a folder that holds it"
        ) from None
    return Path(found)
