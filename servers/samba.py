"""A real Samba server on this machine's loopback, for the demo and for the tests.

It needs no rights beyond the user's own, touches nothing outside its base folder and is as strict as the file servers
that Reservplan meets: SMB 3.1.1, signed and encrypted. Samba can serve an ordinary user's files to that user only, so
the login is always the one who starts it.
"""

import contextlib
import json
import os
import pwd
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil

HOST = "127.0.0.1"
START_SECONDS = 20.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02
LOG_TAIL_CHARACTERS = 2000

# A socket's path holds at most 107 bytes, and smbd's are base/lock/msg.sock/<process id>.
BASE_BYTES = 107 - len("/lock/msg.sock/4194304")

# Debian keeps smbd where an ordinary user's PATH does not look.
PROGRAM_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])

# Samba's own folders, each named in its configuration; left out, they would be the system's, which need root.
STATE_FOLDERS = {
    "private dir": "private",
    "state directory": "state",
    "cache directory": "cache",
    "lock directory": "lock",
    "pid directory": "pid",
    "ncalrpc dir": "ncalrpc",
}

GLOBAL_LINES = (
    "server role = standalone server",
    "map to guest = never",
    f"interfaces = {HOST}/8",
    "bind interfaces only = yes",
    "disable netbios = yes",
    "server min protocol = SMB3_11",
    "server signing = mandatory",
    "server smb encrypt = required",
    # No printers, no user shares, no helper processes: nothing that would outlive the server or need root.
    "load printers = no",
    "printing = bsd",
    "printcap name = /dev/null",
    "disable spoolss = yes",
    "usershare path =",
    "rpc start on demand helpers = no",
    # Attributes as a Windows server keeps them, so that "hidden" is really kept.
    "store dos attributes = yes",
    "ea support = yes",
)


class SambaError(RuntimeError):
    """The server is not there or does not do as it should; the text says what to do or shows its log."""


@dataclass
class SambaServer:
    """One smbd with one share; everything it has lies in `base`, so that it can be stopped and started again.

    Login, password, port and files stay the same from one start to the next. The options are read at `start()`.
    """

    base: Path
    share: str = "reservplan"
    port: int = 0  # 0: the port of last time if it is free, else any free one
    read_only: bool = False
    global_lines: Sequence[str] = ()
    share_lines: Sequence[str] = ()
    _child: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    host = HOST

    def __post_init__(self) -> None:
        self.base = Path(self.base).absolute()
        if len(os.fsencode(self.base)) > BASE_BYTES:
            raise SambaError(f"{self.base} is too long a path for Samba, which takes at most {BASE_BYTES} bytes.")
        self._port_is_given = bool(self.port)
        self.port = self.port or _Record.read(self._record_path).port

    # What clients need

    @property
    def share_path(self) -> Path:
        """The folder on disk that the share shows."""
        return self.base / "shares" / self.share

    @property
    def user(self) -> str:
        """The login."""
        return pwd.getpwuid(os.geteuid()).pw_name

    @property
    def password(self) -> str:
        """The password, random, made once."""
        path = self.base / "password"
        with contextlib.suppress(FileNotFoundError):
            return path.read_text()
        self.base.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(18)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
        return password

    def connection_json(self) -> str:
        """The connection as JSON, for AIRFLOW_CONN_RESERVPLAN_SHARE."""
        return json.dumps(
            {
                "conn_type": "samba",
                "host": self.host,
                "port": self.port,
                "schema": self.share,
                "login": self.user,
                "password": self.password,
            }
        )

    def connection_uri(self) -> str:
        """The same connection as a URI."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"samba://{login}@{self.host}:{self.port}/{quote(self.share, safe='')}"

    # Life

    def start(self, *, detached: bool = False) -> Self:
        """Starts the server and waits until it answers; detached, it stays when this process has ended."""
        if self.running:
            raise SambaError(f"A Samba server runs in {self.base} already: stop() it first.")
        self._choose_port()
        self._prepare()
        with self._log_path.open("wb") as log:
            self._child = subprocess.Popen(
                [
                    _program("smbd"),
                    f"--configfile={self._config_path}",
                    "--foreground",
                    "--no-process-group",
                    "--debug-stdout",
                    "--debuglevel=1",
                ],
                # smbd ends when a pipe on its input does, so that it never outlives a parent that was killed.
                stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # When it ends, smbd signals its whole process group: without one of its own that would be us.
                start_new_session=True,
            )
        _Record(self.port, self._child.pid, _birth(self._child.pid)).write(self._record_path)
        self._wait_for_answer()
        return self

    def stop(self) -> None:
        """Ends the server, whoever started it, and all its processes; does nothing where none runs."""
        self.resume()
        family = self.processes()
        if leader := self._leader():
            _signal(leader, signal.SIGTERM)
        if not _all_end(family):
            self._kill(family)
        self._forget_child()

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        self._kill(self.processes())
        self._forget_child()

    @property
    def running(self) -> bool:
        """Whether our smbd is alive, also one that another process has started."""
        return bool(self.processes())

    def processes(self) -> list[psutil.Process]:
        """The living processes of our smbd: those of the session that it leads."""
        leader = self._leader()
        if leader is None:
            return []
        return [process for process in psutil.process_iter() if _session_of(process) == leader.pid]

    def sessions(self) -> list[psutil.Process]:
        """Those that serve a connected client, one each."""
        return [process for process in self.processes() if _has_socket(process, self.port, psutil.CONN_ESTABLISHED)]

    def __enter__(self) -> Self:
        return self if self.running else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Faults, for tests

    def drop_sessions(self) -> None:
        """Cuts every client off, in the middle of whatever it does; it can connect again at once."""
        for process in self.sessions():
            _signal(process, signal.SIGKILL)

    def pause(self) -> None:
        """The server hangs: connections are accepted, nothing is answered."""
        for process in self.processes():
            _signal(process, signal.SIGSTOP)

    def resume(self) -> None:
        """Ends a pause."""
        for process in self.processes():
            _signal(process, signal.SIGCONT)

    def close_share(self) -> None:
        """Disconnects all clients from the share; their sessions stay, and are refused until they are made anew."""
        self._run("smbcontrol", f"--configfile={self._config_path}", "smbd", "close-share", self.share)

    def limit_file_bytes(self, limit: int | None) -> None:
        """The disk is full for every file that grows beyond this, also in open sessions; None ends it.

        At least a megabyte, because smbd's own databases are files too.
        """
        for process in self.processes():
            _, highest = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (highest if limit is None else limit, highest))

    def sign_in_wrongly(self) -> None:
        """Somebody tries the account with a wrong password."""
        with contextlib.suppress(SambaError):
            self._as_a_client(secrets.token_urlsafe(8), "ls")

    def disable_account(self, disabled: bool) -> None:
        """Close the account, or open it again."""
        self._pdbedit("--modify", f"--user={self.user}", f"--account-control=[{'D' if disabled else ''}]")

    def lock_account_after(self, tries: int) -> None:
        """From now on wrong passwords are counted, and so many lock the account."""
        self._pdbedit("--account-policy=bad lockout attempt", f"--value={tries}")

    def wrong_passwords(self) -> int:
        """How many wrong passwords have been counted since the last right one."""
        shown = self._pdbedit("--list", "--verbose", f"--user={self.user}")
        return int(shown.partition("Bad password count")[2].split()[1])

    def account_is_locked(self) -> bool:
        """Whether too many wrong passwords were tried."""
        return "L" in self._pdbedit("--list", "--smbpasswd-style", f"--user={self.user}").split(":")[4]

    def unlock_account(self) -> None:
        """Open it again; wrong passwords are forgotten, and not counted any more."""
        self.lock_account_after(0)
        self._pdbedit("--modify", f"--user={self.user}", "--account-control=[]")
        self._pdbedit("--modify", f"--user={self.user}", "--bad-password-count-reset")

    # How

    def _pdbedit(self, *arguments: str) -> str:
        return self._run("pdbedit", f"--configfile={self._config_path}", *arguments)

    def _as_a_client(self, password: str, command: str) -> None:
        self._run(
            "smbclient",
            f"//{self.host}/{self.share}",
            f"--port={self.port}",
            f"--user={self.user}%{password}",
            f"--command={command}",
        )

    @property
    def _config_path(self) -> Path:
        return self.base / "smb.conf"

    @property
    def _record_path(self) -> Path:
        return self.base / "server.json"

    @property
    def _log_path(self) -> Path:
        return self.base / "log" / "smbd.out"

    def _choose_port(self) -> None:
        free = _port_free(self.port)
        if not free and self._port_is_given:
            raise SambaError(f"Port {self.port} is taken by another program.")
        self.port = free or _port_free(0)

    def _prepare(self) -> None:
        for folder in (self._log_path.parent, self.share_path, *(self.base / name for name in STATE_FOLDERS.values())):
            folder.mkdir(parents=True, exist_ok=True)
        self.base.chmod(0o700)
        self._config_path.write_text(self._config(), encoding="utf-8")
        # pdbedit and not smbpasswd, which only root may use.
        self._run(
            "pdbedit",
            f"--configfile={self._config_path}",
            "--create",
            f"--user={self.user}",
            "--password-from-stdin",
            typed=f"{self.password}\n{self.password}\n",
        )

    def _config(self) -> str:
        lines = [
            "[global]",
            *GLOBAL_LINES,
            f"smb ports = {self.port}",
            f"passdb backend = tdbsam:{self.base}/private/passdb.tdb",
            f"log file = {self.base}/log/other.log",
            *(f"{key} = {self.base / name}" for key, name in STATE_FOLDERS.items()),
            *self.global_lines,
            f"[{self.share}]",
            f"path = {self.share_path}",
            f"valid users = {self.user}",
            f"read only = {'yes' if self.read_only else 'no'}",
            *self.share_lines,
        ]
        return "\n".join([*lines, ""])

    def _run(self, program: str, *arguments: str, typed: str = "") -> str:
        done = subprocess.run([_program(program), *arguments], input=typed, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SambaError(f"{program} failed ({done.returncode}): {done.stdout}{done.stderr}")
        return done.stdout

    def _wait_for_answer(self) -> None:
        # Asks whether it is our smbd that listens: a stranger may have taken the port since we looked.
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and (leader := self._leader()):
            if _has_socket(leader, self.port, psutil.CONN_LISTEN):
                return
            time.sleep(POLL_SECONDS)
        self.kill()
        log = self._log_path.read_text(encoding="utf-8", errors="replace")
        raise SambaError(f"smbd does not answer on port {self.port}. The end of its log:\n{log[-LOG_TAIL_CHARACTERS:]}")

    def _leader(self) -> psutil.Process | None:
        record = _Record.read(self._record_path)
        if not record.birth or _birth(record.pid) != record.birth:
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(record.pid)
        return None

    def _kill(self, processes: Sequence[psutil.Process]) -> None:
        for process in processes:
            _signal(process, signal.SIGKILL)
        if not _all_end(processes):
            raise SambaError(f"Some processes of the Samba server in {self.base} do not end: {processes}")

    def _forget_child(self) -> None:
        if self._child and self._child.stdin:
            self._child.stdin.close()
        if self._child:
            self._child.wait()
        self._child = None


@dataclass(frozen=True)
class _Record:
    """What `server.json` remembers, for the next start and for a stop by another process."""

    port: int = 0
    pid: int = 0
    birth: str = ""  # a process id alone would name a stranger's process after a while

    @classmethod
    def read(cls, path: Path) -> "_Record":
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def _birth(pid: int) -> str:
    """Which start of this machine and when since then: names one process for ever; empty when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The fields after the command's name, which may hold spaces: state, …, the 20th the start in clock ticks.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return ""
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {fields[19]}"


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None


def _has_socket(process: psutil.Process, port: int, status: str) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(it.status == status and it.laddr.port == port for it in process.net_connections("tcp"))
    return False


def _all_end(processes: Sequence[psutil.Process]) -> bool:
    """Waits until none is alive; one that its parent has not collected yet has ended too."""
    deadline = time.monotonic() + STOP_SECONDS
    while alive := any(_birth(process.pid) for process in processes):
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    return not alive


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _program(name: str) -> str:
    path = shutil.which(name, path=PROGRAM_PATH)
    if path is None:
        raise SambaError(f"{name} is not on this machine. Please run: sudo apt-get install samba")
    return path


def _port_free(port: int) -> int:
    """The port itself if it is free, or any that is if it is 0; else 0."""
    with socket.socket() as probe:
        # As smbd itself does: a port whose last clients have just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    return 0
