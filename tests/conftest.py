"""What the tests share: a folder of their own, and the command line in this process and in another one."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import gradviz
from gradviz import process, render  # noqa: F401 - the name of the package, before a module could take it (test_imports)

os.environ["PYTHONSAFEPATH"] = (
    "1"  # processes of the tests import the installed gradviz, not the current folder
)

_DISABLE = "_TYPER_FORCE_DISABLE_TERMINAL"
os.environ[_DISABLE] = "1"  # Typer reads it once, when it is imported, which is later
hypothesis.settings.register_profile("gradviz", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("gradviz")
ROOT = Path(gradviz.__file__).parents[1]
_LOOKS = (
    "FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "GITHUB_ACTIONS", "MPLBACKEND", "MATPLOTLIBRC",
    "GRADVIZ_TRACEBACK",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What came of one command line."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.out.decode().splitlines()

    @property
    def json(self) -> Any:
        """The one JSON object that standard output is."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _no_looks(monkeypatch):
    for name in _LOOKS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path_factory):
    """Keep compiled expressions where no other test and no user has any."""
    monkeypatch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path_factory.mktemp("cache") / "kept"))
    monkeypatch.setattr(process, "_switches", process._Switches())


@pytest.fixture(autouse=True)
def _no_guard(monkeypatch):
    """Keep the command line from ending this process, as it does where SymPy takes too long."""
    monkeypatch.setattr(process, "time_limit", lambda *_: nullcontext())


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Stand in an empty folder, and return it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(here, capsysbinary, monkeypatch):
    """Return the command line as a function of its arguments, run in this process and in an empty folder."""
    from gradviz.cli import main

    def call(*arguments: object, stdin: bytes = b"") -> Answer:
        capsysbinary.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return Answer(code, out, err.decode())

    return call


@pytest.fixture
def environment():
    """Return the environment of another process that can import what is tested here."""
    kept = {name: value for name, value in os.environ.items() if name not in (*_LOOKS, _DISABLE)}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path}


@pytest.fixture
def shell(here, environment):
    """Return `python -m gradviz` as a function of its arguments, run in a process of its own."""

    def call(*arguments: object, stdin: bytes = b"", env: dict[str, str] | None = None) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "gradviz", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env={**environment, **(env or {})},
            cwd=here,
            check=False,
            timeout=60,
        )
        return Answer(done.returncode, done.stdout, done.stderr.decode())

    return call


@pytest.fixture
def python(here, environment):
    """Return `python -c` as a function of a program, run in a process of its own."""

    def call(program: str, *arguments: object, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            capture_output=True,
            env={**environment, **(env or {})},
            cwd=here,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return call


@contextmanager
def _within(seconds):
    """Fail if what stands inside takes longer, in seconds of the processor."""

    def stop(*_):
        raise TimeoutError(f"this takes more than {seconds} s")

    if sys.gettrace() is not None:
        seconds *= 4  # where lines are counted or stepped through, all takes longer
    before = signal.signal(signal.SIGPROF, stop)
    gc.disable()  # what other tests left behind is not looked through at the cost of this one
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        gc.enable()


@pytest.fixture
def within():
    """Return a context that fails if what stands inside takes longer, in seconds of the processor."""
    return _within
