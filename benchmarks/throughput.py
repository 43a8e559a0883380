"""How many times faster than real time `replay` runs, and how much memory it takes.

    .venv/bin/python -m benchmarks.throughput --save

Eight shoppers in the nanostore, once seen by twelve cameras at 10 Hz and once by a 3-D tracker.
Each run is a process of its own, pinned to one core where the system can pin.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from sim.scenarios import load_scenario
from store_engine.adapters.recording_tools import describe
from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.cli.replaying import responder_for
from store_engine.cli.simulate import adjusted, session
from store_engine.events import ReceiptIssued
from store_engine.replay import Replay
from store_engine.store_files import load_store

STORE = Path("configs/nanostore")
RESULTS = Path("benchmarks/results")
SCENARIO = Path("configs/scenarios/busy.toml")
TARGETS = {"cameras": 25.0, "tracker": 60.0}  # times real time, from the project's first issue


def make(people: str, seed: int, folder: Path) -> Path:
    """Write the recording to replay, unless it is there."""
    path = folder / f"throughput-{people}-{seed}.mcap"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        scenario = adjusted(load_scenario(SCENARIO), shoppers=8, people=people)
        arrivals, _ = session(scenario, STORE, seed=seed)
        with McapRecorder(path, store="nanostore") as recorder:
            for raw in arrivals:
                recorder.write(raw)
    return path


def measure(recording: Path) -> dict[str, float]:
    """Replay in this process; reading and decoding the file included, start-up not."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    summary = describe(recording)
    responder = responder_for(recording, STORE, summary)
    replay = Replay(load_store(STORE), responder)
    started, cpu_started = time.perf_counter(), time.process_time()
    receipts = sum(
        isinstance(event, ReceiptIssued)
        for raw in McapRecording(recording)
        for event in replay.feed(raw)
    )
    return {
        "store_s": summary.duration_s,
        "messages": summary.messages,
        "receipts": receipts,
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu_started,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    """Return this program's largest memory so far.

    Linux keeps a parent's peak in `ru_maxrss` over fork and exec, but not in `VmHWM`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if "VmHWM" in line]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run the benchmark and keep its results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help="keep the table in results/")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        sys.stdout.write(json.dumps(measure(options.measure)))
        return
    rows = [_run(people, options) for people in TARGETS]
    console = Console(record=True, width=110)
    console.print(_table(rows))
    if options.save:
        _save(console, rows, options)


def _run(people: str, options: argparse.Namespace) -> dict[str, Any]:
    recording = make(people, options.seed, Path("out"))
    command = [sys.executable, "-m", "benchmarks.throughput", "--measure", str(recording)]
    runs = [json.loads(subprocess.check_output(command)) for _ in range(options.runs)]
    times = [run["store_s"] / run["wall_s"] for run in runs]
    return {
        "people": people,
        "messages": runs[0]["messages"],
        "receipts": runs[0]["receipts"],
        "store_s": runs[0]["store_s"],
        "times_real_time": {
            "min": min(times),
            "median": statistics.median(times),
            "max": max(times),
        },
        "cpu_s": statistics.median(run["cpu_s"] for run in runs),
        "peak_mb": max(run["peak_mb"] for run in runs),
        "target": TARGETS[people],
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Replay, 8 shoppers, one core", header_style="bold")
    table.add_column("people from")
    for heading in (
        "store time",
        "messages",
        "times real time",
        "(min-max)",
        "target",
        "peak memory",
    ):
        table.add_column(heading, justify="right")
    for row in rows:
        speed = row["times_real_time"]
        table.add_row(
            row["people"],
            f"{row['store_s']:.0f} s",
            str(row["messages"]),
            f"{speed['median']:.0f}",
            f"{speed['min']:.0f}-{speed['max']:.0f}",
            f"{row['target']:.0f}",
            f"{row['peak_mb']:.0f} MB",
        )
    return table


def _save(console: Console, rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    command = f"python -m benchmarks.throughput --runs {options.runs} --seed {options.seed}"
    header = {"command": command, **machine()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "throughput.json").write_text(json.dumps({**header, "rows": rows}, indent=1) + "\n")
    text = "".join(f"{key}: {value}\n" for key, value in header.items())
    (RESULTS / "throughput.txt").write_text(f"{text}\n{console.export_text()}")


if __name__ == "__main__":
    main()
