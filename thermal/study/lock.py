"""One process at a time writes to a store of a sweep, and whoever comes second reads who it is."""

import os
import platform
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from thermal.errors import InputError

__all__ = ["Lock"]

FILES = ("sweep.lock", "sweep.holder")


class Lock:
    """A lock that the system takes back when its process ends, however it ends.

    Raises
    ------
    InputError
        If another sweep has the folder; the message names its process and machine, and since when.
    """

    def __init__(self, folder: Path) -> None:
        self.lock = FileLock(folder / FILES[0], thread_local=False)
        holder = folder / FILES[1]
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            said = holder.read_text(encoding="utf-8").strip() if holder.exists() else "another process"
            raise InputError(
                f"save={folder} is being written by {said}: wait for it, stop it, or name another folder"
            ) from None
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        holder.write_text(f"process {os.getpid()} on {platform.node()} since {now}\n", encoding="utf-8")

    def release(self) -> None:
        """Let others in."""
        self.lock.release()
