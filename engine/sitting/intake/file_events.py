"""File system events from the category folders, where available; only ever a hint.

Whatever goes wrong here (no inotify watches left, a mount without events, watchdog
missing) costs a second or two of waiting, never a submission: `watcher.py` looks anyway.
Linux also reports when a writer closes a file, the surest sign that it is complete; on
other systems nothing is ever `closed`, and each file gets a little more time.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

    _Watched = tuple[tuple[int, int], ObservedWatch]  # the folder's identity, and its watch

_log = logging.getLogger(__name__)

# Looks read the files (inotify(7): IN_OPEN, IN_CLOSE_NOWRITE), so these events would
# trigger the next look for ever.
_READING = {"opened", "closed_no_write"}
# At most this many looks between two tries; a look is due every other second.
_LONGEST_REST = 32


class FileHints:
    """Calls `call`, in a thread of its own, when something relevant changes in `folders`."""

    def __init__(self, folders: Iterable[Path], call: Callable[[], None]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._observer: BaseObserver | None = None
        self._watches: dict[Path, _Watched | None] = dict.fromkeys(folders)
        self._stopped = False
        self._dead: set[Path] = set()
        self._closed: frozenset[Path] = frozenset()
        self._refusals = self._rest = 0

    @property
    def closed(self) -> frozenset[Path]:
        """Files whose last event was that a writer closed them or moved them into place."""
        return self._closed

    def refresh(self) -> None:
        """Observe the folders that appeared or were recreated since the last call.

        The first call blocks while watchdog is imported (about 0.1 s). What the system refused,
        or what has died, is tried again at growing intervals, since each try may cost something.
        """
        with self._lock:
            if self._stopped:
                return
            if self._rest > 0:
                self._rest -= 1
                return
            if self._observes():
                self._refusals = 0
            else:
                self._refusals += 1
                self._rest = min(2**self._refusals, _LONGEST_REST)

    def _observes(self) -> bool:
        """Whether every existing folder is being observed."""
        try:
            observer = self._running()
        except Exception as error:
            _log.warning("no file events, looking at the slow pace only: %s", error)
            return False
        alive = {each.watch for each in observer.emitters if each.is_alive()}
        all_well = True
        for folder, watched in self._watches.items():
            dead = watched is not None and watched[1] not in alive
            try:
                self._watches[folder] = self._renewed(observer, folder, watched, dead=dead)
            except Exception as error:
                self._watches[folder] = None
                all_well = False
                _log.warning("no file events for %s: %s", folder, error)
        return all_well

    def _running(self) -> "BaseObserver":
        """The observer, restarted if it died; raises if the system refuses one."""
        if self._observer is None or not self._observer.is_alive():
            from watchdog.observers import Observer

            self._watches = dict.fromkeys(self._watches)
            self._observer, self._closed = None, frozenset()  # they may be open again
            observer = Observer()
            observer.daemon = True
            observer.start()
            self._observer = observer
        return self._observer

    def stop(self) -> None:
        """Stop observing, without waiting for the observer's thread."""
        with self._lock:
            self._stopped = True
            if self._observer is not None:
                self._observer.stop()
                self._observer = None

    def _renewed(
        self,
        observer: "BaseObserver",
        folder: Path,
        watched: "_Watched | None",
        *,
        dead: bool,
    ) -> "_Watched | None":
        identity = _identity(folder)
        dead = dead or folder in self._dead
        if watched is not None and watched[0] == identity and not dead:
            return watched
        self._dead.discard(folder)
        if watched is not None:
            with contextlib.suppress(KeyError):  # left from a try that failed half way
                observer.unschedule(watched[1])
        if identity is None:
            return None
        return identity, observer.schedule(
            _handler(lambda event: self._heard(event, folder)), str(folder)
        )

    def _heard(self, event: "FileSystemEvent", folder: Path) -> None:
        """Handle an event in the observer's thread, the only one that changes these records.

        Takes no lock: the observer holds its own meanwhile, and `refresh` needs that one.
        """
        # A recreated folder may get the old inode number; the old watch is dead.
        if event.event_type == "deleted" and Path(os.fsdecode(event.src_path)) == folder:
            self._dead.add(folder)
            self._call()
        elif matters(event):
            self._closed = still_closed(self._closed, event)
            self._call()


def _handler(call: "Callable[[FileSystemEvent], None]"):  # type: ignore[no-untyped-def]  # watchdog is imported late
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: "FileSystemEvent") -> None:
            call(event)

    return Handler()


def still_closed(closed: frozenset[Path], event: "FileSystemEvent") -> frozenset[Path]:
    """Which files are closed after `event`, given those `closed` before it."""
    source, target = (Path(os.fsdecode(path)) for path in (event.src_path, event.dest_path))
    match event.event_type:
        case "closed":
            return closed | {source}
        case "moved":
            return (closed - {source}) | {target}
        case _:
            return closed - {source}


def matters(event: "FileSystemEvent") -> bool:
    """Whether a look could find anything new; a growing training log does not count."""
    if event.event_type in _READING:
        return False
    names = (Path(os.fsdecode(path)).name for path in (event.src_path, event.dest_path))
    return any(
        name == "starter.py" or name.startswith("mymodel") or name.endswith((".h5", ".keras"))
        for name in names
    )


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
