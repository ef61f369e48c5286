"""Where the programs under test are. `cargo xtask test` sets these variables; nothing is guessed."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Programs:
    """What every test needs."""

    envoy: Path
    wasm: Path
    cli: Path
    provider: Path


@dataclass(frozen=True)
class ModelServer:
    """A Python that has the model's packages, and the script that serves the model."""

    python: Path
    script: Path


def programs() -> Programs:
    """The programs, or an end of the whole run that says which variable is missing."""
    return Programs(
        envoy=_path("TOLLGATE_ENVOY"),
        wasm=_path("TOLLGATE_WASM"),
        cli=_path("TOLLGATE_CLI"),
        provider=_path("TOLLGATE_PROVIDER"),
    )


def envoy_version(envoy: Path) -> tuple[int, int]:
    """The major and minor version of an Envoy."""
    said = subprocess.run([envoy, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"/(\d+)\.(\d+)\.\d+", said)
    assert version, f"no version in {said!r}"
    return int(version[1]), int(version[2])


def model_server() -> ModelServer:
    """The local model's server."""
    return ModelServer(python=_path("TOLLGATE_MODEL_PYTHON"), script=_path("TOLLGATE_MODEL_SERVER"))


def _path(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.exit(f"{variable} is not set: run the tests with `cargo xtask test`, which sets it", returncode=2)
    path = Path(value).absolute()
    if not path.exists():
        pytest.exit(f"{variable} names a file that does not exist: {path}", returncode=2)
    return path
