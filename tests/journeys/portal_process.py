"""Starts the portal exactly as `make run` does, on a database of its own, and stops it again."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.database import BUILD, one_at_a_time, sqlite_migrated

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class PortalProcess:
    """A running portal; `address` is where it is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("DJANGO_", "DATABASE_"))
            },
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PORTAL_VAR": str(folder),
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        }
        self.log = folder / "portal.log"

    def manage(self, *arguments: str) -> str:
        """The output of a management command; raises CalledProcessError where it fails."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, text=True, capture_output=True
        ).stdout

    def load(self) -> None:
        """Puts the demo into the folder. Made once in a test run, as `make run` does from the tests' migrated copy, and
        copied from then on."""
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        migrated, made = sqlite_migrated(), BUILD / f"test-demo-{run}"
        with one_at_a_time("demo"):
            if not made.exists():
                for old in BUILD.glob("test-demo-*"):
                    shutil.rmtree(old)
                shutil.copy(migrated, self.folder / "portal.sqlite3")
                self.manage("migrate", "--verbosity", "0")
                self.manage("load_demo", "--if-empty")
                shutil.copytree(self.folder, making := made.with_name(f"making-{made.name}"))
                making.rename(made)
        shutil.copytree(made, self.folder, dirs_exist_ok=True)

    def start(self) -> None:
        self.load()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(BIN / "supervisord"), "--configuration", "portal/supervisord.conf"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait()

    def wait(self, seconds: int = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/health/", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise RuntimeError(f"The portal did not start:\n{self.log.read_text()}")

    def stop(self) -> int:
        """Ctrl-C, then wait; returns the supervisor's exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def code_for(self, email: str) -> str:
        """The sign-in code that this person's app would show, as the demo's page tells it; waits until it counts."""
        with urllib.request.urlopen(f"{self.address}/demo/codes/", timeout=30) as answer:
            page = answer.read().decode()
        shown = re.search(
            rf">{re.escape(email)}<.*?<code>(\d+)</code>(?: in (\d+) seconds)?", page, re.DOTALL
        )
        assert shown, f"{email} is not on the page of the codes"
        time.sleep(int(shown[2] or 0))
        return shown[1]
