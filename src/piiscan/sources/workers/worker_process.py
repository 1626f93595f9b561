"""Worker processes: Python processes that answer a reader's requests through pipes.

An abort, a hang or a bomb in native code costs the worker alone, as does an invalid answer.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, TypeVar

from piiscan.errors import SourceError
from piiscan.sources.workers.worker_frames import Frame, pack_frame, read_frame

#: Most address space of a worker, in bytes, beside a file that it maps.
MEMORY: Final = 4 << 30
#: Exit code of a worker that may use no more memory.
OUT_OF_MEMORY: Final = 77
#: Seconds without an answer after which a worker is stopped. Only a hang takes as long.
PATIENCE: Final = 600.0
_PATH: Final = "import sys; sys.path[:] = sys.argv[1:]\n"
#: Bytes that are read or written at once: memory grows with the bytes that come.
_PIECE: Final = 16 << 20
_SENT: Final = 1 << 20
_Answer = TypeVar("_Answer")


class WorkerProcess:
    """Process running ``command``, killed after ``patience`` seconds without an answer.

    ``ended``: begin of the detail if it ends by itself.
    """

    def __init__(self, command: str, patience: float = PATIENCE, *, ended: str) -> None:
        """Start the process. Modules are not imported from the working directory."""
        self._patience, self._detail = patience, ended
        self.loaded: object = None  # the content that an idle worker has loaded
        self._stopped = False
        self._waiting_since: float | None = None
        self._closed = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _PATH + command, *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        # one thread for its life: one for each answer would cost more than a small workbook
        threading.Thread(target=self._watch, daemon=True).start()

    def send(self, kind: str, fields: dict[str, Any], data: bytes = b"") -> None:
        """Send a frame; raise SourceError if the process has ended."""
        assert self._process.stdin is not None
        head = _begin(kind, fields, data)
        with self._waiting():
            try:
                self._process.stdin.write(head)
                self._process.stdin.write(data)
                self._process.stdin.flush()
            except OSError:
                raise self._ended() from None

    def send_bytes(self, stream: BinaryIO, size: int) -> None:
        """Send the first ``size`` bytes of a stream in frames, of which the last one is empty."""
        while piece := stream.read(min(size, _SENT)):
            self.send("bytes", {}, piece)
            size -= len(piece)
        self.send("bytes", {})

    def receive(self, decode: Callable[[Frame], _Answer]) -> _Answer:
        """Return the next frame as ``decode`` converts it; raise SourceError if none comes.

        A frame that ``decode`` refuses by a ValueError ends the worker.
        """
        try:
            with self._waiting():
                frame = read_frame(self._read)
            return decode(frame)
        except ValueError as error:
            raise self.refuse(str(error)) from None

    def refuse(self, why: str) -> SourceError:
        """Kill the process. Return the SourceError about its invalid answer."""
        self.kill()
        return SourceError("READER_FAILED", f"{self._detail}: invalid answer: {why}")

    @property
    def has_ended(self) -> bool:
        """Return True if the process was ended or has ended."""
        return self._closed.is_set()

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        """Run the body; kill the process if it makes no progress meanwhile."""
        self._waiting_since = time.monotonic()
        try:
            yield
        finally:
            self._waiting_since = None

    def _watch(self) -> None:
        """Kill the process once it makes no progress; return when it has ended."""
        while not self._closed.wait(min(self._patience / 4, 5.0)):
            since = self._waiting_since
            if since is not None and time.monotonic() - since > self._patience:
                self._stopped = True
                self._process.kill()

    def _read(self, size: int) -> bytes:
        """Read ``size`` bytes from the worker."""
        assert self._process.stdout is not None
        pieces = []
        while size > 0:
            pieces.append(piece := self._process.stdout.read(min(size, _PIECE)))
            if not piece:
                raise self._ended()
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _ended(self) -> SourceError:
        """Return the SourceError that describes how the process ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)  # its pipes are closed, so it is ending
        self.kill()
        code = self._process.returncode
        if self._stopped:
            return SourceError("READER_STOPPED", f"no progress for {self._patience:.0f} seconds")
        if code == OUT_OF_MEMORY:
            detail = f"more than {MEMORY >> 20} MB of memory"
        else:
            detail = f"signal {-code}" if code < 0 else f"exit code {code}"
        return SourceError("READER_FAILED", f"{self._detail}: {detail}")

    def kill(self) -> None:
        """Kill the process and close its pipes."""
        self._closed.set()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # bytes that nobody reads any more
                pipe.close()


class WorkerPool:
    """Idle worker processes of one ``command``; a forked child starts without any.

    ``command``, ``patience`` and ``ended`` are those of :class:`WorkerProcess`.
    """

    def __init__(self, command: str, *, ended: str) -> None:
        self.command, self.patience, self._ended = command, PATIENCE, ended
        self._lock, self._owner = threading.Lock(), os.getpid()
        self.idle: list[WorkerProcess] = []
        atexit.register(self.close)

    def take(self, loaded: object = None) -> WorkerProcess:
        """Return an idle worker, preferably one that has ``loaded``, else a new one."""
        if self._owner != os.getpid():
            self.idle, self._owner, self._lock = [], os.getpid(), threading.Lock()
        if loaded is not None and (found := self.take_loaded(loaded)) is not None:
            return found
        with self._lock:
            if self.idle:
                return self.idle.pop()
        return WorkerProcess(self.command, self.patience, ended=self._ended)

    def take_loaded(self, loaded: object) -> WorkerProcess | None:
        """Return the idle worker that has ``loaded``; None without one."""
        with self._lock:
            found = next((each for each in self.idle if each.loaded is loaded), None)
            if found is not None:
                self.idle.remove(found)
            return found

    def put(self, worker: WorkerProcess) -> None:
        """Return a worker to the pool after it answered its request."""
        with self._lock:
            self.idle.append(worker)

    def close(self) -> None:
        """End all idle workers."""
        if self._owner == os.getpid():
            while self.idle:
                self.idle.pop().kill()


class WorkerPipes:
    """Pipes of a worker process, seen from the worker."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests, self._answers = requests, answers

    def receive(self) -> Frame:
        """Return the next request; raise EOFError at the end."""
        return read_frame(self._read)

    def send(self, kind: str, fields: dict[str, Any], data: bytes = b"") -> None:
        """Send an answer; raise SourceError if it is too long."""
        self._answers.write(_begin(kind, fields, data))
        self._answers.write(data)
        self._answers.flush()

    def receive_bytes(self) -> Iterator[bytes]:
        """Yield the bytes of a content, frame by frame, up to an empty frame."""
        while piece := self.receive().data:
            yield piece

    def _read(self, size: int) -> bytes:
        """Read ``size`` bytes of a request."""
        data = self._requests.read(size)
        if len(data) < size:
            raise EOFError
        return data


def _begin(kind: str, fields: dict[str, Any], data: bytes) -> bytes:
    """Pack the head of a frame; raise SourceError if the frame is too long."""
    try:
        return pack_frame(kind, fields, len(data))
    except ValueError as error:
        raise SourceError("READER_FAILED", str(error)) from None


def run_worker(serve: Callable[[WorkerPipes], None]) -> None:
    """Serve requests on standard input until it ends; exit if memory runs out."""
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may write between answers
    try:
        serve(WorkerPipes(sys.stdin.buffer, answers))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (BrokenPipeError, EOFError):
        os._exit(0)


def limit_process(mapped: int = 0) -> None:
    """Limit the memory of this process; ignore the terminal's interrupt.

    ``mapped``: bytes of a file that may be mapped into its memory in addition.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows; a lower limit holds
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY + mapped, most))
