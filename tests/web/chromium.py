"""A real browser without a window, told what to do over a pipe in the DevTools protocol.

The pipe (file descriptors 3 and 4, messages that end in a zero byte) needs no web socket and no
driver program. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 30.0  # seconds
_QUIET = 0.3  # seconds without a request: the page has what it wants
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # never a name server
    "--remote-debugging-pipe",
)
Event = dict[str, Any]


def program() -> str | None:
    """The browser that this machine has."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@dataclass
class Seen:
    """What a page did: every address that it asked for, and every complaint of the browser."""

    requests: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    policies: dict[str, str] = field(default_factory=dict)  # address -> its security policy

    def elsewhere(self, origin: str) -> list[str]:
        """Requests that another machine, or another port, would have had to answer."""
        return [url for url in self.requests if _origin(url) not in (origin, "data", "blob")]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "blob":
        return "blob" if parts.path.startswith(("http://127.0.0.1:", "null")) else parts.path
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.scheme


@contextmanager
def _out_of_the_way(descriptor: int) -> Iterator[int]:
    """The same file under a number that is not 3 or 4; closed at the end."""
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
    os.close(descriptor)
    try:
        yield high
    finally:
        os.close(high)


class Chromium:
    """One page of one browser. `seen` fills while it works."""

    def __init__(self, profile: Path) -> None:
        found = program()
        assert found
        self.seen = Seen()
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._number = 0
        self._loading: dict[str, str] = {}  # address by request
        self._session: str | None = None
        theirs, self._to = os.pipe()
        self._from, ours = os.pipe()
        with _out_of_the_way(theirs) as read, _out_of_the_way(ours) as written:
            ends = f'exec "$0" "$@" 3<&{read} 4>&{written}'
            self._process = subprocess.Popen(
                ["bash", "-c", ends, found, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
                pass_fds=(read, written),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        page = self.tell("Target.createTarget", url="about:blank")["targetId"]
        attached = self.tell("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Audits"):
            self.tell(f"{domain}.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._to)  # which ends the browser
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        os.close(self._from)

    def open(self, url: str) -> str:
        """Go there and wait until the page asks for nothing more; the address that it has then."""
        said = self.tell("Page.navigate", url=url)
        assert "errorText" not in said, f"{url}: {said['errorText']}"
        self.settle()
        return str(self.run("location.href"))

    def run(self, script: str) -> Any:
        """What this JavaScript is, in the page."""
        answer = self.tell("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def settle(self) -> None:
        """Until nothing is loading."""
        deadline = time.monotonic() + _PATIENCE
        while self._take(_QUIET) or self._loading or not self._is_complete():
            assert time.monotonic() < deadline, f"still loading {self._loading}"

    def _is_complete(self) -> bool:
        return bool(self.run("document.readyState") == "complete")

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            event = self._take(1)
            if event and event.get("id") == number:
                assert "error" not in event, f"{method}: {event['error']}"
                answer: dict[str, Any] = event["result"]
                return answer
        raise AssertionError(f"the browser does not answer {method}")

    def _take(self, patience: float) -> Event | None:
        try:
            event = self._events.get(timeout=patience)
        except queue.Empty:
            return None
        assert event is not None, "the browser ended"
        note = _NOTES.get(event.get("method", ""))
        if note:
            note(self, event["params"])
        return event

    def _listen(self) -> None:
        rest = b""
        while piece := os.read(self._from, 1 << 16):
            *whole, rest = (rest + piece).split(b"\0")
            for message in whole:
                self._events.put(json.loads(message))
        self._events.put(None)

    def _asked(self, said: Event) -> None:
        self.seen.requests.append(said["request"]["url"])
        if said.get("type") == "Document":
            self._loading.clear()  # what the page before still wanted comes to nothing
        elif said.get("type") == "Other" or "." not in said["requestId"]:
            return  # an icon, a worker's own script: nobody tells this page how that ended
        self._loading[said["requestId"]] = said["request"]["url"]

    def _answered(self, said: Event) -> None:
        headers = {name.lower(): value for name, value in said["response"]["headers"].items()}
        policy = headers.get("content-security-policy", "")
        self.seen.policies[said["response"]["url"]] = policy

    def _ended(self, said: Event) -> None:
        self._loading.pop(said["requestId"], None)
        if "blockedReason" in said:
            self.seen.trouble.append(f"blocked: {said['blockedReason']}")

    def _logged(self, said: Event) -> None:
        entry = said["entry"]
        if entry["level"] in ("warning", "error"):
            self.seen.trouble.append(f"{entry['text']} {entry.get('url', '')}")

    def _printed(self, said: Event) -> None:
        if said["type"] in ("warning", "error", "assert"):
            words = [str(a.get("value", a.get("description"))) for a in said["args"]]
            self.seen.trouble.append(" ".join(words))

    def _thrown(self, said: Event) -> None:
        self.seen.trouble.append(str(said["exceptionDetails"]))

    def _found_fault(self, said: Event) -> None:
        if said["issue"]["code"] == "ContentSecurityPolicyIssue":
            self.seen.trouble.append(str(said["issue"]["details"]))

    def _socket(self, said: Event) -> None:
        self.seen.requests.append(said["url"])


_NOTES: dict[str, Callable[[Chromium, Event], None]] = {
    "Network.requestWillBeSent": Chromium._asked,
    "Network.responseReceived": Chromium._answered,
    "Network.loadingFinished": Chromium._ended,
    "Network.loadingFailed": Chromium._ended,
    "Network.webSocketCreated": Chromium._socket,
    "Log.entryAdded": Chromium._logged,
    "Runtime.consoleAPICalled": Chromium._printed,
    "Runtime.exceptionThrown": Chromium._thrown,
    "Audits.issueAdded": Chromium._found_fault,
}
