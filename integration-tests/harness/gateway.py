"""The gateway as it is deployed: a stock Envoy, the release module, and what `tollgate render envoy` writes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx

from .environment import Programs
from .process import Process, eventually, free_port
from .provider import Provider
from .wire import Http


class RenderFailed(AssertionError):
    """`tollgate render` refused the configuration; the text is what it said."""


class Gateway:
    """A running Envoy with the filter in it."""

    def __init__(
        self,
        programs: Programs,
        providers: Iterable[Provider],
        config: Mapping[str, Any],
        directory: Path,
        workers: int = 1,
        without_key: str = "",
    ) -> None:
        """`without_key` names a key that is there when the configuration is rendered and that Envoy does not have."""
        self._programs = programs
        self._keys = {provider.key_env: provider.key for provider in providers}
        self._directory = directory
        self._port, self._admin_port = free_port(), free_port()
        self.access_log_file = directory / "access.log"
        self.access_log_file.touch()
        self.render(config)
        self.process = self._start(workers, without_key)
        self.url = f"http://127.0.0.1:{self._port}"
        self.http = Http(self.url)
        self._admin = httpx.Client(base_url=f"http://127.0.0.1:{self._admin_port}", trust_env=False, timeout=20)
        try:
            self.process.wait_for(self._ready, "Envoy is ready", 60)
        except AssertionError:
            self.stop()
            raise

    def render(self, config: Mapping[str, Any]) -> None:
        """Writes the configuration and renders it, which reloads the gateway if it is running."""
        written = self._directory / "gateway.yaml"
        written.write_text(json.dumps(config, indent=2))  # JSON is YAML
        command: list[str | Path] = [
            self._programs.cli,
            "render",
            "envoy",
            "--config",
            written,
            "--out",
            self._directory / "envoy",
        ]
        command += ["--wasm", self._programs.wasm, "--access-log", self.access_log_file]
        command += ["--port", str(self._port), "--admin-port", str(self._admin_port)]
        done = subprocess.run(command, env=self._keys, capture_output=True, text=True)
        if done.returncode != 0:
            raise RenderFailed(done.stdout + done.stderr)

    def _start(self, workers: int, without_key: str) -> Process:
        keys = {name: key for name, key in self._keys.items() if name != without_key}
        command: list[str | Path] = [self._programs.envoy, "-c", self._directory / "envoy" / "bootstrap.yaml"]
        command += ["--concurrency", str(workers), "--disable-hot-restart", "--file-flush-interval-msec", "50"]
        command += ["--log-level", "info", "--component-log-level", "wasm:debug"]
        return Process(command, self._directory / "envoy.log", keys)

    def _ready(self) -> bool:
        try:
            return self._admin.get("/ready").text.strip() == "LIVE"
        except httpx.TransportError:
            return False

    def access_log(self) -> list[dict[str, Any]]:
        """The lines of the access log, oldest first."""
        lines = self.access_log_file.read_text().split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def settled_access_log(self) -> list[dict[str, Any]]:
        """The access log when every request so far has its line in it."""

        eventually(lambda: len(self.access_log()) == self._requests(), "every request is logged")
        return self.access_log()

    def _requests(self) -> int:
        """How many requests Envoy has received from clients."""
        stats = self._admin.get("/stats", params={"filter": r"^http\.tollgate\.downstream_rq_total$"}).text
        return int(stats.rpartition(": ")[2])

    def metrics(self) -> str:
        """The metrics as Prometheus reads them."""
        return self._admin.get("/stats/prometheus").raise_for_status().text

    def rendered(self) -> str:
        """All that `tollgate render` wrote."""
        files = sorted(path for path in (self._directory / "envoy").rglob("*") if path.is_file())
        return "\n".join(path.read_text(errors="replace") for path in files)

    def stop(self) -> None:
        self.http.close()
        self._admin.close()
        self.process.stop()


def target(provider: str, model: str) -> dict[str, str]:
    """One target of a model: who answers, and the script it is told."""
    return {"provider": provider, "model": model}


def model(*targets: dict[str, str], **more: Any) -> dict[str, Any]:
    """A model that the first target answers; the others stand in."""
    first, *others = targets
    fallback = {"fallback": list(others)} if others else {}
    return {"targets": [first], **fallback, **more}
