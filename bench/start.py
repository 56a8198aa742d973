"""How long `gamekeeper serve` takes until it accepts, and what it holds then: `python -m bench.start [--times 5]`.

Every installed application is loaded. Measured on a new data folder, whose schema has to be made, and once more on the
same one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time

from bench import results
from bench.candidates import WORK
from bench.machine import SERVER_CORE, cpu_seconds, rss_kib
from bench.results import Run, median, shown, table

NAMES = ("first", "again")


def measure(times: int) -> list[Run]:
    WORK.mkdir(exist_ok=True)
    runs: list[Run] = []
    for _ in range(times):
        with tempfile.TemporaryDirectory(dir=WORK) as data:
            runs += [_once(name, data) for name in NAMES]
    return runs


def _once(name: str, data: str) -> Run:
    serve = ["-m", "gamekeeper.server.cli", "serve", "--json", "--port", "0", "--data", data]
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, *serve]
    began = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout is not None
        json.loads(server.stdout.readline())
        ready_s, cpu_s = time.monotonic() - began, cpu_seconds(server.pid)
        memory_mib = rss_kib(server.pid) / 1024
        return {"phase": "start", "name": name, "ready_s": ready_s, "cpu_s": cpu_s, "rss_mib": memory_mib}
    finally:
        server.terminate()
        server.communicate()


def shown_as_table(runs: list[Run]) -> str:
    keys = ("ready_s", "cpu_s", "rss_mib")
    rows = [[name, *(shown(median(runs, "start", name, key)) for key in keys)] for name in NAMES]
    return table(["gamekeeper serve", "ready after s", "CPU s until then", "MiB then"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    runs = measure(parser.parse_args().times)
    results.save(runs)
    print(shown_as_table(runs))


if __name__ == "__main__":
    main()
