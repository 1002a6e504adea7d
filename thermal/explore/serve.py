"""The explorer on a page of this machine: marimo runs the app that is shipped beside this file."""

import importlib.util
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from thermal.errors import InputError
from thermal.inputs import whole

__all__ = ["command", "serve", "write_app"]

APP = Path(__file__).with_name("explorer.marimo")


def write_app(folder: str | Path) -> Path:
    """The app as a Python file under `folder`, as marimo wants it."""
    return Path(shutil.copyfile(APP, Path(folder) / "explorer.py"))


def command(app: Path, port: int, headless: bool) -> list[str]:
    """What runs the app.

    Raises
    ------
    InputError
        If marimo is not installed, or the port is none.
    """
    number = whole("port", port, low=1)
    if number > 65535:
        raise InputError(f"port = {number} is beyond 65535")
    if importlib.util.find_spec("marimo") is None:
        raise InputError("the explorer needs marimo, which is not installed: pip install thermal-toolkit[explore]")
    call = [sys.executable, "-m", "marimo", "-q", "run", str(app), "--port", str(number), "--host", "127.0.0.1"]
    return [*call, "--no-token", *(["--headless"] if headless else [])]


def serve(port: int, headless: bool, say: Callable[[str], None]) -> int:
    """Run the app until it is interrupted or ended, and marimo with it; say its address; exit code."""
    with tempfile.TemporaryDirectory() as folder:
        call = command(write_app(folder), port, headless)
        say(f"http://127.0.0.1:{port}")
        signal.signal(signal.SIGTERM, _end)
        child = subprocess.Popen(call)
        try:
            return child.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            child.terminate()
            child.wait(timeout=30)


def _end(*_: object) -> None:
    raise KeyboardInterrupt
