"""Fetching over a line that drops, lies and stalls: the right bytes or a reason, never a half."""

import contextlib
import gzip
import hashlib
import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from exam_bank.datasets.fetch import Fetcher, FetchProgress
from exam_bank.datasets.registry import DataFile, DataSet, Registry
from exam_bank.datasets.store import Store
from exam_bank.errors import DataError, FetchStopped
from tests.exam_bank.data_server import (
    DataServer,
    Handler,
    Step,
    drops,
    ranged,
    serving,
    status,
    whole,
    wrong_range,
)

CONTENT = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(30_000))
HALF = len(CONTENT) // 2
LOGIN = b"\n<!DOCTYPE html><html>Please log in</html>"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DataServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as running:
        yield running


class Case:
    """One data set of one file, `part` of it maybe here already."""

    def __init__(
        self, folder: Path, *sources: str, content: bytes = CONTENT, size: int | None = None
    ) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        file = DataFile(sources=sources, sha256=(sha256,), bytes=size)
        says = DataSet(title="Some set", licence="CC0", citation="Me", files={"big.bin": file})
        self.store = Store(folder, registry=Registry(format_version=1, sets={"big": says}))
        self.target = folder / "big" / "big.bin"
        self.part = folder / "big" / "big.bin.part"
        self.steps: list[FetchProgress] = []
        self.on_progress: Callable[[FetchProgress], None] = self.steps.append
        self.cancel = threading.Event()

    def begin(self, content: bytes) -> None:
        self.part.parent.mkdir(parents=True)
        self.part.write_bytes(content)

    def fetch(self) -> None:
        with Fetcher(
            self.store, on_progress=self.on_progress, cancel=self.cancel, backoff=0.01
        ) as fetcher:
            fetcher.fetch("big")

    def fetched(self) -> bytes:
        self.fetch()
        self.is_clean()
        return self.store.look().dataset("big").payload("big.bin")

    def is_clean(self) -> None:
        """Only whole files, and nothing half."""
        names = [path.name for path in self.target.parent.iterdir()]
        assert [name for name in names if not name.startswith(".")] == [self.target.name]

    def fault(self) -> DataError:
        with pytest.raises(DataError) as caught:
            self.fetch()
        assert not self.target.exists()
        return caught.value


def test_a_file_is_fetched_with_progress_and_not_a_second_time(
    tmp_path: Path, server: DataServer
) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))
    assert case.fetched() == CONTENT
    done = [step.done for step in case.steps]
    assert done == sorted(done)
    assert case.steps[-1].done == case.steps[-1].total == len(CONTENT)
    case.fetch()
    assert len(server.asked) == 1
    assert server.headers[0]["Accept-Encoding"] == "identity"
    assert server.headers[0]["User-Agent"].startswith("tfexam/")


def test_a_dropped_line_is_gone_on_with_where_it_dropped(
    tmp_path: Path, server: DataServer
) -> None:
    url = server.url("/a", ranged(CONTENT, HALF), ranged(CONTENT, HALF + 9), ranged(CONTENT))
    case = Case(tmp_path, url)
    assert case.fetched() == CONTENT
    assert [each for _, each in server.asked] == [None, f"bytes={HALF}-", f"bytes={HALF + 9}-"]


def test_an_earlier_part_is_gone_on_with(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))
    case.begin(CONTENT[:HALF])
    assert case.fetched() == CONTENT
    assert server.asked == [("/a", f"bytes={HALF}-")]


def test_a_server_without_ranges_begins_again(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", whole(CONTENT)))
    case.begin(b"x" * HALF)
    assert case.fetched() == CONTENT
    assert len(server.asked) == 1


def test_a_wrong_range_begins_again_without_one(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", wrong_range(CONTENT), whole(CONTENT)))
    case.begin(CONTENT[:HALF])
    assert case.fetched() == CONTENT
    assert [each for _, each in server.asked] == [f"bytes={HALF}-", None]


def test_a_part_that_is_whole_already_is_taken(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))
    case.begin(CONTENT)
    assert case.fetched() == CONTENT
    assert server.asked == [("/a", f"bytes={len(CONTENT)}-")]


def test_a_part_longer_than_the_file_is_thrown_away(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))
    case.begin(CONTENT + b"too much")
    assert case.fetched() == CONTENT
    assert server.asked[-1] == ("/a", None)


def test_a_part_of_other_bytes_is_fetched_anew_once(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))
    case.begin(b"x" * HALF)
    assert case.fetched() == CONTENT
    assert [each for _, each in server.asked] == [f"bytes={HALF}-", None]


def test_a_busy_server_is_asked_again(tmp_path: Path, server: DataServer) -> None:
    url = server.url("/a", status(503), status(429, Retry_After=0), whole(CONTENT))
    assert Case(tmp_path, url).fetched() == CONTENT


def test_a_server_that_asks_for_an_hour_is_left_for_the_next(
    tmp_path: Path, server: DataServer
) -> None:
    date, later = "Tue, 24 Nov 2026 10:00:00 GMT", "Tue, 24 Nov 2026 11:00:00 GMT"
    busy = server.url("/busy", status(429, Retry_After=3600))
    dated = server.url("/dated", status(503, Retry_After=later, Date=date))
    case = Case(tmp_path, busy, dated)
    assert case.fault().message.count("try again in 3600 seconds") == 1
    assert len(server.asked) == 2


@pytest.mark.parametrize("code", [403, 404, 410])
def test_what_is_gone_is_asked_for_elsewhere_at_once(
    tmp_path: Path, server: DataServer, code: int
) -> None:
    case = Case(tmp_path, server.url("/a", status(code)), server.url("/b", whole(CONTENT)))
    assert case.fetched() == CONTENT
    assert [path for path, _ in server.asked] == ["/a", "/b"]
    assert {step.source[-2:] for step in case.steps} == {"/a", "/b"}


def test_a_mirror_goes_on_where_another_gave_up(tmp_path: Path, server: DataServer) -> None:
    first = server.url("/a", ranged(CONTENT, HALF), status(500))
    case = Case(tmp_path, first, server.url("/b", ranged(CONTENT)))
    assert case.fetched() == CONTENT
    assert server.asked[-1] == ("/b", f"bytes={HALF}-")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_login_page_is_called_one(tmp_path: Path, server: DataServer, kind: str) -> None:
    case = Case(tmp_path, server.url("/a", whole(LOGIN, kind)))
    fault = case.fault()
    assert "this network sent a web page" in fault.message
    assert "Log in" in fault.fix
    assert not case.part.exists()
    case.part.write_bytes(CONTENT[:HALF])
    case.fault()
    assert case.part.read_bytes() == CONTENT[:HALF]


def test_a_web_page_from_one_mirror_only_leads_to_the_next(
    tmp_path: Path, server: DataServer
) -> None:
    first = server.url("/a", whole(LOGIN, "text/html"))
    assert Case(tmp_path, first, server.url("/b", whole(CONTENT))).fetched() == CONTENT


def test_wrong_bytes_are_named_and_not_kept(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", whole(CONTENT[:-1] + b"?")))
    fault = case.fault()
    assert "big.bin of big" in fault.message
    assert hashlib.sha256(CONTENT).hexdigest() in fault.message
    assert hashlib.sha256(CONTENT[:-1] + b"?").hexdigest() in fault.message
    assert "tfexam data add" in fault.fix
    assert not case.part.exists()


def test_wrong_bytes_from_one_source_are_asked_for_elsewhere(
    tmp_path: Path, server: DataServer
) -> None:
    case = Case(tmp_path, server.url("/a", whole(b"old")), server.url("/b", whole(CONTENT)))
    assert case.fetched() == CONTENT


def test_a_file_cut_off_without_a_length_is_wrong(tmp_path: Path, server: DataServer) -> None:
    def unsaid(handler: object) -> None:
        handler.head(200, Connection="close")  # type: ignore[attr-defined]
        handler.wfile.write(CONTENT[:HALF])  # type: ignore[attr-defined]
        handler.close_connection = True  # type: ignore[attr-defined]

    fault = Case(tmp_path, server.url("/a", unsaid)).fault()
    assert f"({HALF} bytes)" in fault.message


def test_a_line_that_always_drops_at_once_is_given_up(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", drops(CONTENT, 0)))
    assert "dropped" in case.fault().message
    assert len(server.asked) == 3


def test_an_empty_answer_is_wrong(tmp_path: Path, server: DataServer) -> None:
    assert "found nothing" in Case(tmp_path, server.url("/a", whole(b""))).fault().message


def test_a_gzip_packed_otherwise_is_taken_by_its_payload(
    tmp_path: Path, server: DataServer
) -> None:
    case = Case(tmp_path, server.url("/a", whole(gzip.compress(CONTENT, 1, mtime=5))))
    case.target = case.target.with_name("big.bin.gz")
    assert case.fetched() == CONTENT


def test_bytes_that_a_server_packed_on_the_way_are_kept_as_they_came(
    tmp_path: Path, server: DataServer
) -> None:
    packed = gzip.compress(CONTENT)
    case = Case(tmp_path, server.url("/a", whole(packed, Content_Encoding="gzip")))
    case.target = case.target.with_name("big.bin.gz")
    assert case.fetched() == CONTENT


def test_cancelling_keeps_the_part_and_the_next_try_goes_on(
    tmp_path: Path, server: DataServer
) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))

    def on_progress(step: FetchProgress) -> None:
        if step.done:
            case.cancel.set()

    case.on_progress = on_progress
    with pytest.raises(FetchStopped) as caught:
        case.fetch()
    assert "to continue" in caught.value.fix
    have = case.part.stat().st_size
    assert 0 < have < len(CONTENT)
    assert not case.target.exists()
    case.cancel.clear()
    case.on_progress = case.steps.append
    assert case.fetched() == CONTENT
    assert server.asked[-1] == ("/a", f"bytes={have}-")


def test_ctrl_c_keeps_the_part(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", ranged(CONTENT)))

    def on_progress(step: FetchProgress) -> None:
        if step.done:
            raise KeyboardInterrupt

    case.on_progress = on_progress
    with pytest.raises(KeyboardInterrupt):
        case.fetch()
    assert CONTENT.startswith(case.part.read_bytes())
    assert case.part.stat().st_size


def test_cancelling_ends_the_pause_before_another_try(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", status(503, Retry_After=60)))
    threading.Timer(0.2, case.cancel.set).start()
    with pytest.raises(FetchStopped):
        case.fetch()


def test_two_at_once_fetch_it_once(tmp_path: Path, server: DataServer) -> None:
    at_work, let_go = threading.Event(), threading.Event()

    def slow(handler: object) -> None:
        at_work.set()
        assert let_go.wait(20)
        whole(CONTENT)(handler)  # type: ignore[arg-type]

    url = server.url("/a", slow)
    first, second = Case(tmp_path, url), Case(tmp_path, url)
    second.on_progress = lambda _step: let_go.set()
    threads = [threading.Thread(target=each.fetch) for each in (first, second)]
    threads[0].start()
    assert at_work.wait(20)
    threads[1].start()
    for each in threads:
        each.join(30)
        assert not each.is_alive()
    assert first.store.look().dataset("big").payload("big.bin") == CONTENT
    assert len(server.asked) == 1


def test_waiting_for_another_can_be_cancelled(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", whole(CONTENT)))
    (tmp_path / "big").mkdir(parents=True)
    with FileLock(tmp_path / "big" / ".big.bin.lock"):
        case.cancel.set()
        with pytest.raises(FetchStopped, match="Waiting"):
            case.fetch()
    assert server.asked == []


def test_a_disk_without_room_is_said_before_anything_is_written(
    tmp_path: Path, server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(tmp_path, server.url("/a", whole(CONTENT)))
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: real._replace(free=1_500_000))
    fault = case.fault()
    assert "has no room for big.bin: 1 MB are needed, 1 MB are free" in fault.message
    assert not case.part.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_is_said(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, server.url("/a", whole(CONTENT)))
    case.part.parent.mkdir()
    case.part.symlink_to("/dev/full")
    fault = case.fault()
    assert "has no room for big.bin" in fault.message
    assert "TFEXAM_HOME" in fault.fix


def test_nothing_that_listens_is_named(tmp_path: Path, server: DataServer) -> None:
    case = Case(tmp_path, "http://127.0.0.1:9/a", "file:/nowhere/big.bin")
    message = case.fault().message
    assert "127.0.0.1: the connection was refused" in message
    assert "file:/nowhere/big.bin: it is not installed" in message


def test_a_proxy_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert "proxy refused" in Case(tmp_path, "http://data.invalid/a").fault().message


MORE = 4 << 20


def endless(handler: Handler) -> None:
    """A body in chunks that never ends; the first million bytes are the right ones."""
    handler.head(200, Transfer_Encoding="chunked")
    with contextlib.suppress(OSError):
        _send_without_end(handler, CONTENT)


def endless_range(handler: Handler) -> None:
    """Goes on after what is here, and never ends."""
    handler.head(
        206, Content_Range=f"bytes {handler.start}-{1 << 40}/*", Transfer_Encoding="chunked"
    )
    with contextlib.suppress(OSError):
        _send_without_end(handler, b"")


def _send_without_end(handler: Handler, first: bytes) -> None:
    chunk = bytes(64 << 10)
    for content in itertools.chain([first], itertools.repeat(chunk, 100 * MORE // len(chunk))):
        if content:
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))


def a_huge_file(handler: Handler) -> None:
    handler.head(200, Content_Length=1 << 40)


def written(case: Case) -> int:
    """The most that lay in the part, as far as it was told of."""
    return max(step.done for step in case.steps)


@pytest.mark.parametrize("script", [endless, a_huge_file])
@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_source_that_sends_more_than_the_file_can_be_is_left(
    tmp_path: Path, server: DataServer, monkeypatch: pytest.MonkeyPatch, script: Step, size: int
) -> None:
    monkeypatch.setattr("exam_bank.datasets.registry._LARGEST_UNKNOWN", MORE)
    case = Case(tmp_path, server.url("/a", script), size=size)
    fault = case.fault()
    assert "it sends more than the" in fault.message
    assert written(case) <= MORE
    assert not case.part.exists()
    case = Case(tmp_path, server.url("/a", script), server.url("/b", whole(CONTENT)), size=size)
    assert case.fetched() == CONTENT


def test_a_part_is_gone_on_with_only_as_far_as_the_file_can_be(
    tmp_path: Path, server: DataServer
) -> None:
    case = Case(tmp_path, server.url("/a", endless_range), size=len(CONTENT))
    case.begin(CONTENT[:HALF])
    assert "it sends more than the" in case.fault().message
    assert written(case) <= MORE
    assert not case.part.exists()


def test_a_redirection_is_followed_and_its_body_is_not_read(
    tmp_path: Path, server: DataServer
) -> None:
    sent: list[int] = []

    def away(handler: Handler) -> None:
        handler.head(302, Location="/b", Transfer_Encoding="chunked")
        with contextlib.suppress(OSError):
            _send_without_end(handler, CONTENT)
            sent.append(1)

    server.url("/b", whole(CONTENT))
    assert Case(tmp_path, server.url("/a", away)).fetched() == CONTENT
    assert not sent, "all of the body was taken"


@pytest.mark.parametrize("place", ["/a", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://["])
def test_redirections_without_end_or_to_elsewhere_are_a_fault_of_the_source(
    tmp_path: Path, server: DataServer, place: str
) -> None:
    first = server.url("/a", status(302, Location=place))
    case = Case(tmp_path, first, server.url("/b", whole(CONTENT)))
    assert case.fetched() == CONTENT
    assert len(server.asked) <= 21
