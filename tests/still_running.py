"""A run of the tests is never silent for long: after 20 s in one place it says where it is, and again and again."""

import os
import threading

AFTER = 20.0  # seconds in one place


class StillRunning:
    """Plugin of pytest that names what has been going on for a while."""

    def __init__(self, after: float = AFTER) -> None:
        self._after = after
        self._out = os.dup(2)  # as it is before pytest puts its capture of each test in the way
        self._timer: threading.Timer | None = None

    def _at(self, what: str, seconds: float = 0.0) -> None:
        self._stop()
        self._timer = threading.Timer(self._after, self._again, (what, seconds + self._after))
        self._timer.daemon = True
        self._timer.start()

    def _again(self, what: str, seconds: float) -> None:
        os.write(self._out, f"\n{what}, {seconds:.0f} s so far\n".encode())
        self._at(what, seconds)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def pytest_collection(self, session):
        self._at("collecting tests")

    def pytest_collection_finish(self, session):
        self._stop()

    def pytest_runtest_logstart(self, nodeid, location):
        self._at(f"in {nodeid}")

    def pytest_runtest_logfinish(self, nodeid, location):
        self._at("between tests")  # fixtures of a module that are taken down

    def pytest_sessionfinish(self, session, exitstatus):
        self._stop()
