"""One child process: started fresh, spoken to in frames, judged by deadline, ended for certain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from desktop_ocr import __version__
from desktop_ocr.hosts.answers import LieError, check_answer, told
from desktop_ocr.hosts.outcome import TOO_LONG, HostOutcome, describe_exit, tells_of_no_memory
from desktop_ocr.hosts.priority import kept_waiting, lower_priority
from desktop_ocr.schema import frames
from desktop_ocr.schema.confinement import LIMITS_VARIABLE, NO_LIMITS, HostLimits, Wall
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import PROTOCOL_VERSION, Failed, Hello, Quit, Reply, ReplyBody, Request, RequestBody

log = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
QUIT_SECONDS = 1.0
TERMINATE_SECONDS = 0.5
LAST_WORDS_SECONDS = 0.5
STDERR_LINES = 40
PATIENCE = 5.0
"""A deadline is put off by so many times itself at most."""
LOOK_SECONDS, LEAST_EXTENSION = 0.05, 0.2

MODULES = {HostRole.DOCUMENT: "desktop_ocr.document_host", HostRole.ENGINE: "desktop_ocr.engine_host"}


def host_command(role: HostRole) -> list[str]:
    """The command that starts a host: Python's -P keeps the current folder's files from being imported."""
    return [sys.executable, "-P", "-m", MODULES[role]]


class HostProcess:
    """A running host. One request at a time; a request that fails in transit ends the host.

    Attributes:
        outcome: how it ended, None while it runs.
        walls: that it says stand around it.
    """

    def __init__(self, role: HostRole, process: asyncio.subprocess.Process) -> None:
        """Use `start`."""
        self.role = role
        self.pid = process.pid
        self.outcome: HostOutcome | None = None
        self.walls: tuple[Wall, ...] = ()
        self._process = process
        self._number = 0
        self._lock = asyncio.Lock()
        self._asked = False
        self._killed: str | None = None
        self._pidfd = _open_pidfd(process.pid)
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._fresh_lines = 0
        self._exit_listeners: list[Callable[[HostOutcome], None]] = []
        self._stderr_task = asyncio.create_task(self._read_stderr(), name=f"stderr of {role} host {self.pid}")
        self._exit_task = asyncio.create_task(self._await_exit(), name=f"exit of {role} host {self.pid}")

    @classmethod
    async def start(
        cls,
        role: HostRole,
        command: list[str] | None = None,
        *,
        scratch: Path | None = None,
        limits: HostLimits = NO_LIMITS,
    ) -> HostProcess:
        """Start a host and shake hands with it.

        Args:
            role: which kind.
            command: in place of `host_command(role)`; tests start hosts that misbehave by this.
            scratch: the host's folder for temporary files; without it, the system's. Its owner deletes what a
                host that was killed left there.
            limits: what it may take of the machine.

        Raises:
            DesktopOcrError: it did not start, or is of another version.
        """
        environment = {
            **os.environ,
            "DESKTOP_OCR_PARENT": str(os.getpid()),
            "PYTHONUNBUFFERED": "1",
            LIMITS_VARIABLE: msgspec.json.encode(limits).decode(),
        }
        if scratch is not None:
            environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
        try:
            process = await asyncio.create_subprocess_exec(
                *(command or host_command(role)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                limit=1 << 20,
                start_new_session=True,  # a group of its own: what it starts itself can be ended with it
            )
        except OSError as error:
            raise DesktopOcrError(
                ErrorCode.HOST_DIED, f"The {role} process could not be started ({error.strerror})."
            ) from error
        host = cls(role, process)
        if limits.low_priority:
            lower_priority(process.pid)
        try:
            await host._shake_hands()
        except BaseException:
            await host._kill_for_certain("did not start properly")
            raise
        return host

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.outcome is None

    @property
    def usable(self) -> bool:
        """Whether it is there and nobody has begun to end it."""
        return self.alive and not self._asked and self._killed is None

    def on_exit(self, listener: Callable[[HostOutcome], None]) -> None:
        """Be called when the host is gone, at once where it is already.

        The call comes before anybody who waits for the host, or finds it gone, goes on.
        """
        if self.outcome is None:
            self._exit_listeners.append(listener)
        else:
            listener(self.outcome)

    async def request(self, body: RequestBody, deadline: float) -> ReplyBody:
        """Send a request and await its reply.

        A host that does not answer in time, answers nonsense or dies is ended: what it was doing is unknown. The
        same goes for a request that is cancelled while the host works on it.

        Args:
            body: the request.
            deadline: seconds from the moment the host gets it.

        Raises:
            DesktopOcrError: the host's own error, or HOST_DIED, TIMED_OUT, PROTOCOL; OUT_OF_MEMORY where it died
                of that; TOO_LARGE for a request over the limit of a frame.
        """
        async with self._lock:
            self._number += 1
            number = self._number
            self._fresh_lines = 0
            try:
                frame = frames.pack(Request(number, body, deadline))
            except frames.FrameError as error:
                # Nothing was sent: the host is as well as before.
                log.warning("a request to the %s host: %s", self.role, error)
                raise DesktopOcrError(ErrorCode.TOO_LARGE, "The page holds too much to be handed over.") from error
            try:
                async with asyncio.timeout(deadline) as patience, self._patient(patience, deadline):
                    self._write(frame)
                    await self._drain()
                    reply = await self._read_reply()
            except TimeoutError:
                await self.kill(f"took longer than {deadline:.0f} s")
                raise DesktopOcrError(
                    ErrorCode.TIMED_OUT, f"This took longer than {deadline:.0f} seconds and was stopped."
                ) from None
            except frames.FrameError as error:
                await self.kill("sent something that cannot be read")
                raise DesktopOcrError(
                    ErrorCode.PROTOCOL, f"The {self.role} process sent something that cannot be read."
                ) from error
            except (asyncio.IncompleteReadError, ConnectionError):
                await self._raise_death()
            except asyncio.CancelledError:
                await self.kill("was stopped in the middle of its work")
                raise
            if reply.number != number:
                await self.kill("answered another question")
                raise DesktopOcrError(ErrorCode.PROTOCOL, f"The {self.role} process answered another question.")
            try:
                check_answer(body, reply.body)
            except LieError as lie:
                log.warning("the %s host %d answered %s: %s", self.role, self.pid, type(body).__name__, lie)
                await self.kill("gave an answer that cannot be")
                raise DesktopOcrError(
                    ErrorCode.PROTOCOL, f"The {self.role} process gave an answer that cannot be."
                ) from lie
        if isinstance(reply.body, Failed):
            raise DesktopOcrError.from_info(told(reply.body.error))
        return reply.body

    @contextlib.asynccontextmanager
    async def _patient(self, patience: asyncio.Timeout, deadline: float) -> AsyncIterator[None]:
        """Put a deadline off by the time in which the host was kept waiting for a processor: others go before it."""
        loop, before, granted = asyncio.get_running_loop(), kept_waiting(self.pid), 0.0
        timer: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal granted, timer
            more = min(kept_waiting(self.pid) - before, deadline * PATIENCE) - granted
            when = patience.when()
            if more > LEAST_EXTENSION and when is not None and not patience.expired():
                granted += more
                patience.reschedule(when + more)
                timer = loop.call_at(when + more - LOOK_SECONDS, look)

        timer = loop.call_later(deadline - LOOK_SECONDS, look)
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()

    async def end(self) -> HostOutcome:
        """Ask the host to quit; terminate and kill it where it does not. Returns when it is gone."""
        if self.alive and not self._lock.locked():
            self._asked = True
            with contextlib.suppress(OSError, RuntimeError):
                self._write(frames.pack(Request(self._number + 1, Quit())))
            if await self._exited_within(QUIT_SECONDS):
                return await self._finished()
        return await self.kill("was ended")

    async def kill(self, why: str) -> HostOutcome:
        """Terminate the host, then kill it, and await its end.

        Args:
            why: in words, for the outcome: "was ended", "took longer than 120 s".
        """
        if self.alive:
            self._killed = why
            self._signal(signal.SIGTERM)
            if not await self._exited_within(TERMINATE_SECONDS):
                self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
                self._kill_children()
        return await self._finished()

    async def _kill_for_certain(self, why: str) -> None:
        """Kill a host of which nobody else knows: who is cancelled meanwhile, however often, waits for its end."""
        ending = asyncio.create_task(self.kill(why), name=f"killing the {self.role} host {self.pid}")
        while not ending.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(ending)

    def _kill_children(self) -> None:
        """End what the host started: asyncio waits for a process until everybody has closed its pipes."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        """Signal the process by its pidfd, which cannot name another process that got the same pid.

        `Process.terminate` would poll first, which on Python 3.11 takes the exit status away from asyncio's own
        watcher: that then complains of an "unknown child process".
        """
        with contextlib.suppress(ProcessLookupError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, number)
            elif sys.platform == "win32":
                self._process.terminate()  # not run there yet
            else:
                os.kill(self.pid, number)

    async def wait(self) -> HostOutcome:
        """Await the host's end, whenever it comes."""
        return await asyncio.shield(self._exit_task)

    async def _finished(self) -> HostOutcome:
        outcome = await self.wait()
        await asyncio.gather(self._stderr_task, return_exceptions=True)
        return outcome

    async def _exited_within(self, seconds: float) -> bool:
        done, _ = await asyncio.wait([self._exit_task], timeout=seconds)
        return bool(done)

    async def _await_exit(self) -> HostOutcome:
        returncode = await self._process.wait()
        self.outcome = describe_exit(returncode, asked=self._asked, killed=self._killed)
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
        for listener in self._exit_listeners:
            try:
                listener(self.outcome)
            except Exception:
                log.exception("told the end of the %s host %d", self.role, self.pid)
        return self.outcome

    async def _raise_death(self) -> None:
        # The pipe is closed; give the process a moment to be gone, so that its exit code can be told.
        if not await self._exited_within(2.0):
            await self.kill("closed its pipe")
        outcome = await self._finished()
        if not outcome.expected:
            log.warning("the %s host %d %s", self.role, self.pid, outcome.words)
            for line in self._stderr:
                log.debug("%s host %d: %s", self.role, self.pid, line)
            if self._ran_out_of_memory():
                raise DesktopOcrError(ErrorCode.OUT_OF_MEMORY, f"The {self.role} process ran out of memory and ended.")
            if outcome.words == TOO_LONG:
                raise DesktopOcrError(ErrorCode.TIMED_OUT, f"This {TOO_LONG} and was stopped.")
        raise DesktopOcrError(ErrorCode.HOST_DIED, f"The {self.role} process {outcome.words}.")

    def _ran_out_of_memory(self) -> bool:
        """Whether what the host printed since the last request says so: it may have survived an earlier shortage."""
        lines = list(self._stderr)
        return tells_of_no_memory(lines[max(0, len(lines) - self._fresh_lines) :])

    async def _shake_hands(self) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                hello = (await self._read_reply()).body
        except TimeoutError:
            raise DesktopOcrError(ErrorCode.TIMED_OUT, f"The {self.role} process did not start in time.") from None
        except (frames.FrameError, asyncio.IncompleteReadError, ConnectionError):
            await asyncio.wait([self._stderr_task], timeout=LAST_WORDS_SECONDS)
            tail = "; ".join(self._stderr)[-500:]
            log.warning("the %s host did not start: %s", self.role, tail)
            if self._ran_out_of_memory():
                raise DesktopOcrError(
                    ErrorCode.OUT_OF_MEMORY, f"There was not enough memory to start the {self.role} process."
                ) from None
            raise DesktopOcrError(
                ErrorCode.HOST_DIED,
                f"The {self.role} process did not start.",
                "Run 'desktop-ocr doctor' to see what is missing.",
            ) from None
        if not isinstance(hello, Hello) or (hello.protocol, hello.version, hello.role) != (
            PROTOCOL_VERSION,
            __version__,
            self.role,
        ):
            raise DesktopOcrError(
                ErrorCode.PROTOCOL,
                f"The {self.role} process is of another version.",
                "Install the program again.",
            )
        self.walls = hello.walls

    def _write(self, frame: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - started with a pipe
        self._process.stdin.write(frame)

    async def _drain(self) -> None:
        assert self._process.stdin is not None  # noqa: S101
        await self._process.stdin.drain()

    async def _read_reply(self) -> Reply:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101
        length = frames.payload_length(await stream.readexactly(frames.HEADER.size))
        return frames.unpack_reply(await stream.readexactly(length))

    async def _read_stderr(self) -> None:
        stream = self._process.stderr
        assert stream is not None  # noqa: S101
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line over the limit: skip what is buffered
                continue
            if not line:
                return
            self._stderr.append(line.decode("utf-8", "replace").rstrip()[:500])
            self._fresh_lines += 1


def _open_pidfd(pid: int) -> int | None:
    """A descriptor for a child, or None where the platform has none (Linux before 5.3, macOS, Windows)."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
