"""A page in headless Chromium, driven over its debugging port: text, keys, and what its console complains of."""

import contextlib
import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any


class Page:
    """One page; `errors` gathers exceptions and errors of the console."""

    def __init__(self, browser: str, folder: Path) -> None:
        from websockets.sync.client import connect

        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1400,1600",
        ]
        profile = tempfile.mkdtemp(dir=folder)
        call = [browser, *flags, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
        self.stack = contextlib.ExitStack()
        self.process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = _waited(lambda: (Path(profile) / "DevToolsActivePort").read_text().split()[0], 30.0)
        targets = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list").read())
        address = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
        self.socket = self.stack.enter_context(connect(address, max_size=None))
        self.count, self.errors = 0, []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            said = json.loads(self.socket.recv(timeout=60))
            self._heard(said)
            if said.get("id") == self.count:
                return said.get("result", {})

    def _heard(self, said: dict[str, Any]) -> None:
        method, told = said.get("method"), said.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(str(told["exceptionDetails"].get("exception", told))[:300])
        if method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(f"{told['entry']['text']} {told['entry'].get('url', '')}"[:300])

    def value(self, expression: str) -> Any:
        """Of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found.get("result", {}).get("value")

    def until(self, expression: str, seconds: float = 60.0) -> Any:
        """The first value of an expression that is true."""
        return _waited(lambda: self.value(expression) or _nothing(), seconds)

    def press(self, key: str) -> None:
        """A key, down and up."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=39)

    def close(self) -> None:
        """End the browser."""
        self.stack.close()
        self.process.terminate()
        self.process.wait(timeout=30)


def _nothing() -> None:
    raise LookupError


def _waited(find: Any, seconds: float) -> Any:
    end = time.monotonic() + seconds
    while True:
        try:
            return find()
        except (LookupError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
