"""The one line that each failure of an HTTP endpoint becomes, and whether it may pass."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spec2rtl.backends.name import is_loopback
from spec2rtl.backends.retry import Retryable, is_transient, retry_after
from spec2rtl.backends.surrogates import whole
from spec2rtl.errors import BackendError

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

LONGEST = 300
"""Characters of a server's message that are shown."""

UNREACHABLE = "can't be reached"
"""What is said of a host that doesn't answer, to whoever would ask it again and again."""
CONNECT_ATTEMPTS = 3
"""A host that can't be reached this often is not having a bad moment."""

CONNECT_SECONDS = 10.0

MALFORMED = (ValueError, TypeError, AttributeError)
"""What reading a broken event raises: the SDKs build their objects without checking them."""

Failure = BackendError | Retryable


@dataclass(frozen=True)
class Endpoint:
    """A server as the user knows it: the backend's name, its URL, and the variable of its key."""

    name: str
    url: str
    variable: str
    key: str | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """What an error line begins with: backend and URL."""
        return self.name if self.url in self.name else f"{self.name} at {self.url}"

    @property
    def local(self) -> bool:
        """Is it on this machine?"""
        return is_loopback(self.url)

    def client(self, read_seconds: float) -> "AsyncClient":
        """Open what an SDK sends through; silence for `read_seconds` is a dropped connection.

        Raises `BackendError` where the environment asks for what can't be had.
        """
        import httpx2

        try:
            # A proxy of the environment would be asked even for this machine; the clients that the
            # SDKs make by themselves can't be talked out of it.
            return httpx2.AsyncClient(
                timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS),
                trust_env=not self.local,
                # A redirect would take the text to a server that nobody has named.
                follow_redirects=False,
            )
        except (ImportError, ValueError, httpx2.InvalidURL, OSError) as error:
            # ImportError: a SOCKS proxy; ValueError: no proxy at all; OSError: no certificates.
            raise self.final(
                f"a proxy or certificate of the environment can't be used: {self.says(str(error))}"
            ) from None

    def says(self, text: str) -> str:
        """Fold a server's message into one bounded line without the key."""
        line = " ".join(text.split())
        if self.key:
            line = line.replace(self.key, "[key]")
        return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"

    def final(self, what: str) -> BackendError:
        """It did this, and would again."""
        return BackendError(whole(f"{self.place}: {what}"))

    def answered(self, status: int, text: str, headers: Mapping[str, str]) -> Failure:
        """It answered with an HTTP status that is an error."""
        if status == 401:
            have = "is refused" if self.key else "is missing"
            return self.final(f"the key {have} (401); set {self.variable} to a valid one")
        if 300 <= status < 400:
            to = self.says(headers.get("location", "")) or "elsewhere"
            return self.final(f"the server points to {to} ({status}); name the URL that answers")
        line = self.final(f"the server answers {status}: {self.says(text)}")
        if not is_transient(status) or headers.get("x-should-retry") == "false":
            return line
        return Retryable(line, after=retry_after(headers, time.time()))

    async def streaming(self, response: "Response") -> None:
        """Raise, and close it, for an answer that is no event stream: a web page for example."""
        content_type = response.headers.get("content-type", "")
        if content_type.startswith("text/event-stream"):
            return
        await response.aclose()
        kind = content_type.partition(";")[0] or "something without a type"
        raise self.final(f"the server answers {kind} instead of a stream; is the URL right?")

    def unreachable(self, cause: BaseException) -> Failure:
        """No connection came about."""
        mend = "is the server running?" if self.local else "is the network up and the URL right?"
        line = self.final(f"{UNREACHABLE} ({self.says(str(cause))}); {mend}")
        return line if self.local else Retryable(line, attempts=CONNECT_ATTEMPTS)

    def dropped(self, cause: BaseException | str) -> Failure:
        """The connection ended, or stood still, in the middle of a reply."""
        says = self.says(str(cause)) or type(cause).__name__
        return Retryable(self.final(f"the connection dropped: {says}"))

    def failed(self, error: BaseException) -> Failure:
        """Httpx2 raised this, or an SDK because of it or of an event that can't be read."""
        import httpx2

        if isinstance(error, MALFORMED):
            return Retryable(self.final(f"the reply can't be read: {self.says(str(error))}"))
        cause = error if isinstance(error, httpx2.HTTPError) else error.__cause__ or error
        unconnected = isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout)
        return self.unreachable(cause) if unconnected else self.dropped(cause)
