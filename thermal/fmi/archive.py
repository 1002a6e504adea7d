"""The file of a unit: where it may lie, what it is called inside, and how it gets there whole."""

import re
from pathlib import Path

from thermal.errors import InputError

__all__ = ["identifier", "place", "put"]


def place(path: str | Path) -> Path:
    """Where a unit may be written.

    Raises
    ------
    InputError
        If the name does not end with .fmu, or the directory does not exist.
    """
    target = Path(path)
    if target.suffix != ".fmu" or not target.parent.is_dir():
        raise InputError(f"path = {target} must end with .fmu and lie in a directory that exists")
    return target


def identifier(target: Path) -> str:
    """Name of the unit as programs may write it.

    Examples
    --------
    >>> identifier(Path("10 rows.fmu"))
    'unit_10_rows'
    """
    name = re.sub(r"\W", "_", target.stem)
    return name if name[0].isalpha() else f"unit_{name}"


def put(target: Path, content: bytes) -> Path:
    """Write a unit whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(content)
        return part.replace(target)
    finally:
        part.unlink(missing_ok=True)
