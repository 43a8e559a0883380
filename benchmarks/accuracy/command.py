"""What `store-engine bench accuracy` does, once its options are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.accuracy import exchange, results
from benchmarks.accuracy.contestants import CONTESTANTS, chosen
from benchmarks.accuracy.report import Report, report
from benchmarks.accuracy.report_page import render
from benchmarks.accuracy.running import Source, run
from benchmarks.accuracy.scores import Judged, judge
from benchmarks.accuracy.sessions import ROOT, Setup, Trial, purpose, simulated, trials
from benchmarks.accuracy.table import tables
from benchmarks.machine import machine

KEPT = ROOT / "benchmarks" / "results"
WIDTH = 130  # of kept tables, characters


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command."""

    classes: Sequence[str]
    difficulties: Sequence[str]
    seeds: Sequence[int]
    contestants: Sequence[str]
    setup: Setup
    jobs: int
    out: Path
    save: bool
    command: str  # as typed, for whoever wants to repeat it


def run_accuracy(options: Options, console: Console) -> Report:
    """Simulate, play, score, and write table, page and results."""
    asked = trials(classes=options.classes, difficulties=options.difficulties, seeds=options.seeds)
    source = partial(simulated, setup=options.setup)
    names = chosen(options.contestants)
    judged = _played(asked, source, names, options)
    header = {
        "command": options.command,
        "people from": options.setup.people,
        "noise": f"{options.setup.noise:g} times the sensors' own",
        **_about(asked),
    }
    return _finish(
        judged, header, {name: CONTESTANTS[name].title for name in names}, options, console
    )


def export_sessions(options: Options, folder: Path, console: Console) -> None:
    """Write sessions as folders for other engines."""
    asked = trials(classes=options.classes, difficulties=options.difficulties, seeds=options.seeds)
    exchange.begin_export(folder, options.setup.store)
    for trial in track(asked, "exporting", console=Console(stderr=True), transient=True):
        exchange.export(simulated(trial, options.setup), folder)
    console.print(f"{len(asked)} sessions in {folder}; README.txt there says how to answer them")


def score_answers(options: Options, folder: Path, name: str, console: Console) -> Report:
    """Score receipts.json beside each exported session, next to contestants that play it too."""
    asked = exchange.exported_trials(folder)
    source = partial(exchange.exported, folder=folder)
    theirs = [
        judge(session, name, exchange.answer(session, folder)) for session in map(source, asked)
    ]
    others = chosen(options.contestants) if options.contestants else []
    judged = [*theirs, *(_played(asked, source, others, options) if others else [])]
    titles = {name: f"answers in {folder}", **{one: CONTESTANTS[one].title for one in others}}
    header = {"command": options.command, **_about(asked)}
    return _finish(judged, header, titles, options, console)


def _played(
    asked: Sequence[Trial], source: Source, names: Sequence[str], options: Options
) -> list[Judged]:
    sessions = track(
        run(asked, source, contestants=names, jobs=options.jobs),
        "sessions",
        total=len(asked),
        console=Console(stderr=True),
        transient=True,
    )
    return [one for session in sessions for one in session]


def _about(asked: Sequence[Trial]) -> dict[str, str]:
    seeds = sorted({trial.seed for trial in asked})
    contiguous = seeds == list(range(seeds[0], seeds[-1] + 1))
    return {
        "sessions": str(len(asked)),
        "seeds": f"{seeds[0]}-{seeds[-1]}" if contiguous else ", ".join(map(str, seeds)),
        "seeds are for": purpose(seeds),
        **machine(),
    }


def _finish(
    judged: Sequence[Judged],
    header: Mapping[str, str],
    titles: Mapping[str, str],
    options: Options,
    console: Console,
) -> Report:
    found = report(judged, header=header, contestants=titles)
    console.print(tables(found))
    options.out.mkdir(parents=True, exist_ok=True)
    results.write_results(options.out / "results.json", found, judged)
    (options.out / "report.html").write_text(render(found))
    console.print(f"results.json and report.html in {options.out}", soft_wrap=True)
    if options.save:
        _keep(found, options)
    return found


def _keep(found: Report, options: Options) -> None:
    """Keep table and figures in the repository, with command, seeds and machine."""
    what = "suite" if list(options.classes) == ["all"] else "-".join(options.classes)
    noise = "" if options.setup.noise == 1.0 else f"-noise{options.setup.noise:g}"
    name = f"accuracy-{what}-{options.setup.people}{noise}"
    KEPT.mkdir(exist_ok=True)
    results.write_results(KEPT / f"{name}.json", found)
    with (KEPT / f"{name}.txt").open("w") as file:
        Console(file=file, width=WIDTH).print(tables(found))
