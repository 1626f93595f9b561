"""Worker process: a Python process that answers requests of a reader through pipes.

An abort, a hang or a bomb in native code costs the worker alone.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from typing import Final

from piiscan.errors import SourceError

#: Most address space of a worker, in bytes, beside a file that it maps.
MEMORY: Final = 4 << 30
#: Exit code of a worker that may use no more memory.
OUT_OF_MEMORY: Final = 77
#: Seconds without an answer after which a worker is stopped. Only a hang takes as long.
PATIENCE: Final = 600.0
_PATH: Final = "import sys; sys.path[:] = sys.argv[1:]\n"


class WorkerProcess:
    """One process that runs ``command``, stopped after ``patience`` seconds without an answer.

    ``ended``: begin of the detail if it ends by itself.
    """

    def __init__(self, command: str, patience: float = PATIENCE, *, ended: str) -> None:
        """Start the process; the working directory, perhaps evidence, is no place of modules."""
        self._patience, self._detail = patience, ended
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

    def write(self, data: bytes | memoryview) -> None:
        """Write bytes to the worker; raise SourceError if nobody reads them."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError:
            raise self._ended() from None

    def flush(self) -> None:
        """Send all that was written."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def read_frame(self, head_bytes: int) -> tuple[bytes, bytes]:
        """Return head and content of the next frame; raise SourceError if none comes.

        The size of the content is the last eight bytes of the head.
        """
        self._waiting_since = time.monotonic()
        try:
            head = self._read(head_bytes)
            return head, self._read(int.from_bytes(head[-8:], "little"))
        finally:
            self._waiting_since = None

    @property
    def has_ended(self) -> bool:
        """Return True if the process was ended or has ended."""
        return self._closed.is_set()

    def _watch(self) -> None:
        """End the process if it makes no progress; return once it has ended."""
        while not self._closed.wait(min(self._patience / 4, 5.0)):
            since = self._waiting_since
            if since is not None and time.monotonic() - since > self._patience:
                self._stopped = True
                self._process.kill()

    def _read(self, size: int) -> bytes:
        """Read ``size`` bytes from the worker."""
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        if len(data) < size:
            raise self._ended()
        return data

    def _ended(self) -> SourceError:
        """Return the error that says how the process ended."""
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
        """End the process and free its pipes."""
        self._closed.set()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # bytes that nobody reads any more
                pipe.close()


def limit_process(mapped: int = 0) -> None:
    """Limit the memory of this process; leave an interrupt of the terminal to the parent.

    ``mapped``: bytes of a file that may be mapped into its memory.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows; a lower limit holds
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY + mapped, most))
