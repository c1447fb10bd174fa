"""Whether a host can be reached: one short try, remembered."""

from __future__ import annotations

import logging
import threading
from urllib.parse import urlsplit, urlunsplit

import requests

log = logging.getLogger(__name__)

TRY_SECONDS = 3.0


class Hosts:
    """What one short try at each host gave, remembered so that no host is waited for twice."""

    def __init__(self) -> None:
        self._refusals: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def refusal(self, url: str) -> str | None:
        """Say why the host of `url` does not answer, or give None where it does."""
        host = urlsplit(url).netloc
        with self._lock:
            if host not in self._refusals:
                self._refusals[host] = _short_try(url)
                if self._refusals[host]:
                    log.warning("no connection to %s: going on without it", host)
            return self._refusals[host]

    def give_up(self, url: str, why: str) -> None:
        """Remember that the host of `url` answered but could not be downloaded from."""
        with self._lock:
            self._refusals[urlsplit(url).netloc] = why


def _short_try(url: str) -> str | None:
    """Ask the host of `url` for its root, once; any HTTP answer will do."""
    parts = urlsplit(url)
    root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    answer: list[str | None] = [f"no answer from {parts.netloc} in {TRY_SECONDS:g} s"]

    def ask() -> None:
        try:
            # Through requests, as the download is, so that proxies count in both.
            requests.head(root, timeout=TRY_SECONDS, allow_redirects=False)
            answer[0] = None
        except requests.RequestException as error:
            answer[0] = f"no connection to {parts.netloc} ({type(error).__name__})"

    # In a thread, for the timeout of requests does not cover the look-up of the host's name.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(TRY_SECONDS + 0.5)
    return answer[0]
