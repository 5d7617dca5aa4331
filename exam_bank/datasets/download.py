"""Downloads a URL into a `.part` file and resumes where an earlier attempt stopped.

Written by hand on top of requests, because no data set library resumes: pooch, keras and
tfds all start over, and a connection that drops every 100 MB would never finish 800. This
module only transports; `fetch.py` checks what has arrived.
"""

import contextlib
import errno
import itertools
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from importlib import metadata
from pathlib import Path
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, NameResolutionError

from exam_bank.errors import DataError, FetchStopped
from exam_bank.phrase import phrase

CHUNK = 256 << 10
CONNECT_SECONDS, READ_SECONDS = 6, 30
TRIES = 3
_MOST_TRIES = 60
_LONGEST_WAIT = 90.0
_MOST_ADDRESSES = 20
_SPARE_BYTES = 32 << 20
_MEGABYTE = 1_000_000
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
_HTML = (b"<!doctype html", b"<html")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_UNSATISFIED = re.compile(r"bytes \*/(\d+)")

# Called with the bytes so far, and the total if it is known.
OnBytes = Callable[[int, int | None], None]


class SourceFailed(Exception):
    """A source gave nothing usable; the text says why."""


class WebPage(SourceFailed):
    """A web page came instead of the file: the network's login page, or a quota page."""

    def __init__(self) -> None:
        super().__init__(phrase("this network sent a web page instead of the file"))


class _Retry(Exception):
    """Worth another try, after `wait` seconds if the server asked for that."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Session(requests.Session):
    """Follows no redirects itself: requests would read the whole body of each."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No target, so that requests stops here."""

    def leads_to(self, response: requests.Response) -> str | None:
        """Where a redirect leads; None for any other response."""
        return super().get_redirect_target(response)


class Download:
    """The download of one URL into the file `part`, which may hold at most `most` bytes."""

    def __init__(
        self,
        url: str,
        part: Path,
        *,
        session: Session,
        cancel: threading.Event,
        on_bytes: OnBytes,
        most: int,
        backoff: float = 1.0,
    ) -> None:
        self._url, self._part, self._most = url, part, most
        self._session, self._cancel = session, cancel
        self._on_bytes, self._backoff = on_bytes, backoff

    def run(self) -> None:
        """Download to the end.

        Raises `SourceFailed` if this URL gives nothing usable, `FetchStopped` if cancelled
        and `DataError` if the disk is full; what has arrived by then stays.
        """
        quiet = 0
        for _ in range(_MOST_TRIES):
            before = self._size()
            try:
                self._attempt()
            except _Retry as retry:
                quiet = 0 if self._size() > before else quiet + 1
                if quiet >= TRIES:
                    raise SourceFailed(*retry.args) from retry
                self._pause(retry.wait, quiet)
            else:
                return
        raise SourceFailed(phrase("the connection dropped too often"))

    def _attempt(self) -> None:
        have = self._size()
        with self._responding(have) as response:
            start, total = self._where(response, have)
            if have and start == total:
                return  # it was already complete
            _refuse_web_page(response)
            self._need_honest(total or start)
            self._need_space(start, total)
            self._receive(response, start, total)

    @contextlib.contextmanager
    def _responding(self, have: int) -> Iterator[requests.Response]:
        """The server's response; turns connection errors into our own exceptions."""
        headers = {
            # Otherwise a server may compress the body, and ranges would count compressed bytes.
            "Accept-Encoding": "identity",
            "User-Agent": f"tfexam/{metadata.version('tfexam')}",
        }
        if have:
            headers["Range"] = f"bytes={have}-"
        try:
            with self._answer(headers) as response:
                yield response
        except (requests.RequestException, HTTPError) as error:
            raise _of_the_line(error) from error

    def _answer(self, headers: Mapping[str, str]) -> requests.Response:
        """The server's response after all redirects."""
        url = self._url
        for _ in range(_MOST_ADDRESSES):
            response = self._session.get(
                url,
                headers=headers,
                stream=True,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )
            place = self._session.leads_to(response)
            if place is None:
                return response
            response.close()
            url = _joined(url, place)
        raise SourceFailed(phrase("it redirects without end"))

    def _where(self, response: requests.Response, have: int) -> tuple[int, int | None]:
        """The offset in the file at which the body begins, and the length of the whole file."""
        status = response.status_code
        if status == requests.codes.ok:
            length = response.headers.get("Content-Length", "")
            return 0, int(length) if length.isdecimal() else None
        said = response.headers.get("Content-Range", "")
        if status == requests.codes.partial_content and (found := _RANGE.fullmatch(said)):
            return self._from_here(have, int(found[1]), found[2])
        if status == requests.codes.requested_range_not_satisfiable and have:
            return self._from_the_end(have, _UNSATISFIED.fullmatch(said))
        if status in _AGAIN:
            raise _Retry(f"the server answered {status}", _asked_to_wait(response))
        said = f"{status} {response.reason or ''}".rstrip()
        raise SourceFailed(phrase("the server answered {said}", said=said))

    def _from_here(self, have: int, begin: int, total: str) -> tuple[int, int | None]:
        if begin != have:
            raise self._afresh("the server sent another range than asked for")
        return have, None if total == "*" else int(total)

    def _from_the_end(self, have: int, end: "re.Match[str] | None") -> tuple[int, int]:
        """The part is complete if the server says that the file ends where ours does."""
        if not end or int(end[1]) != have:
            raise self._afresh("the server has no such range")
        return have, have

    def _afresh(self, reason: str) -> _Retry:
        """Start over: the server cannot resume from what is here."""
        self._part.unlink(missing_ok=True)
        return _Retry(reason, 0.0)

    def _receive(self, response: requests.Response, start: int, total: int | None) -> None:
        done = start
        chunks: Iterator[bytes] = response.raw.stream(CHUNK, decode_content=False)
        first = next(chunks, b"")
        # Before opening the part: a login page must not destroy what has arrived.
        if not start and first.lstrip()[:20].lower().startswith(_HTML):
            raise WebPage
        try:
            with self._part.open("ab" if start else "wb") as file:
                for chunk in itertools.chain((first,), chunks):
                    done += len(chunk)
                    self._need_honest(done)
                    file.write(chunk)
                    self._on_bytes(done, total)
                    self._stop_if_asked()
        except OSError as error:
            raise self._of_disk(error) from error
        if total is not None and done < total:
            raise _Retry(
                phrase("the connection ended after {done} of {total} bytes", done=done, total=total)
            )

    def _need_honest(self, size: int) -> None:
        """Give up a source that sends more than the file can hold, and drop what it sent."""
        if size > self._most:
            self._part.unlink(missing_ok=True)
            raise SourceFailed(
                phrase("it sends more than the expected {most} bytes", most=self._most)
            )

    def _need_space(self, start: int, total: int | None) -> None:
        free = shutil.disk_usage(self._part.parent).free
        if total is not None and total - start + _SPARE_BYTES > free:
            needed = (total - start) // _MEGABYTE + 1
            raise _disk_full(self._part, phrase("{needed} MB are needed", needed=needed))

    def _of_disk(self, error: OSError) -> DataError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _disk_full(self._part, phrase("it accepted no more"))
        return DataError(
            phrase(
                "{path} cannot be written: {error}.",
                path=self._part,
                error=error.strerror or error,
            ),
            fix=phrase(
                "Check the folder and its permissions, or set TFEXAM_HOME to another place."
            ),
        )

    def _pause(self, asked: float | None, quiet: int) -> None:
        wait = self._backoff * 2 ** max(0, quiet - 1) if asked is None else asked
        if wait > _LONGEST_WAIT:
            raise SourceFailed(
                phrase("the server asks you to try again in {wait:.0f} seconds", wait=wait)
            )
        self._cancel.wait(wait)
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._cancel.is_set():
            raise FetchStopped(
                phrase("Fetching {stem} was cancelled.", stem=self._part.stem),
                fix=phrase("What has arrived is kept: run the same command to continue."),
            )

    def _size(self) -> int:
        try:
            return self._part.stat().st_size
        except FileNotFoundError:
            return 0


def _joined(url: str, place: str) -> str:
    try:
        return urljoin(url, place)
    except ValueError as error:
        raise SourceFailed(phrase("it redirects to an invalid address")) from error


def _refuse_web_page(response: requests.Response) -> None:
    """None of our data sets is HTML: a page comes from the network in between."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise WebPage


def _asked_to_wait(response: requests.Response) -> float | None:
    """The seconds in `Retry-After`; a date counts from the response's own date."""
    said = response.headers.get("Retry-After", "")
    if said.isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
        return max(0.0, (until - parsedate_to_datetime(response.headers["Date"])).total_seconds())
    except (ValueError, TypeError, KeyError):
        return None


def _of_the_line(error: Exception) -> Exception:
    """What a connection error means: try again, or give up on this source."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, NameResolutionError):
        return SourceFailed(
            phrase("its address cannot be found: there is no network, or it is blocked")
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return SourceFailed(phrase("the proxy refused: {error}", error=cause or error))
    if isinstance(error, requests.exceptions.SSLError):
        return SourceFailed(
            phrase("its certificate is not trusted; REQUESTS_CA_BUNDLE can name your network's own")
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return SourceFailed(
            phrase("no connection within {seconds} seconds", seconds=CONNECT_SECONDS)
        )
    if isinstance(error, requests.exceptions.ConnectionError | requests.Timeout | HTTPError):
        return _Retry(_dropped(error))
    return SourceFailed(f"{type(error).__name__}: {error}")


def _dropped(error: Exception) -> str:
    if isinstance(error, requests.exceptions.ReadTimeout):
        return phrase("nothing arrived for {seconds} seconds", seconds=READ_SECONDS)
    return phrase("the connection was refused or dropped ({kind})", kind=type(error).__name__)


def _disk_full(part: Path, why: str) -> DataError:
    free = shutil.disk_usage(part.parent).free // _MEGABYTE
    return DataError(
        phrase(
            "The disk that holds {parent} has no room for {stem}: {why}, {free} MB are free.",
            parent=part.parent,
            stem=part.stem,
            why=why,
            free=free,
        ),
        fix=phrase("Free some space, or set TFEXAM_HOME to a folder on another disk."),
    )
