"""`store-engine bench`: the benchmarks of the repository, which are not part of the package."""

import importlib
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from store_engine.cli.shared import NANOSTORE, StoreFolder, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import StoreEngineError

FIRST_REPORTING_SEED = 1000  # benchmarks.suite.REPORTING_SEEDS
COMPARED = "ours,sequential,plain"
NOT_HERE = (
    "the benchmarks come with the source, not with the installed package: clone the repository, "
    "install it with `pip install --editable .`, and run this again"
)

Seed = Annotated[int, typer.Option(help="The same seed gives the same sessions.", min=0)]
Save = Annotated[bool, typer.Option("--save", help="Keep it in benchmarks/results.")]

app = typer.Typer(help="Benchmarks (in a clone of the repository).", no_args_is_help=True)


@app.callback()
def benchmarks() -> None:
    """Benchmarks (in a clone of the repository)."""


@app.command("accuracy")
@clearly
def accuracy(
    classes: Annotated[
        str, typer.Option(help="Names with commas, or all; mixed is extra.")
    ] = "all",
    difficulty: Annotated[str, typer.Option(help="With commas.")] = "easy,medium,hard",
    seeds: Annotated[int, typer.Option(help="Sessions of each class and difficulty.", min=1)] = 5,
    first_seed: Annotated[
        int, typer.Option(help="0-999 are for tuning, 1000-1999 for reporting.", min=0)
    ] = FIRST_REPORTING_SEED,
    noise: Annotated[float, typer.Option(help="Times the sensors' own.", min=0.1, max=5.0)] = 1.0,
    people: Annotated[str, typer.Option(help="tracker, cameras or both.")] = "tracker",
    contestants: Annotated[
        str | None,
        typer.Option(help=f"With commas, or all. {COMPARED} if not given; with --score, none."),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    to: Annotated[
        Path, typer.Option("--out", help="Folder for results.json and report.html.")
    ] = Path("out/accuracy"),
    save: Save = False,
    store: StoreFolder = NANOSTORE,
    export: Annotated[
        Path | None, typer.Option(help="Write the sessions here for other engines; play nothing.")
    ] = None,
    score: Annotated[
        Path | None, typer.Option(help="Score receipts.json beside each session exported here.")
    ] = None,
    name: Annotated[str, typer.Option(help="With --score: what to call that engine.")] = "theirs",
) -> None:
    """Play seeded sessions to engines and compare their receipts with the truth."""
    if export is not None and score is not None:
        raise StoreEngineError("--export writes sessions and --score reads them: one at a time")
    command = _benchmark("benchmarks.accuracy.command")
    sessions = _benchmark("benchmarks.accuracy.sessions")
    options = command.Options(
        classes=_names(classes),
        difficulties=_names(difficulty),
        seeds=range(first_seed, first_seed + seeds),
        contestants=_names(contestants or ("" if score else COMPARED)),
        setup=sessions.Setup(store=store, people=people, noise=noise),
        jobs=jobs,
        out=to,
        save=save,
        command=_typed(),
    )
    if export is not None:
        command.export_sessions(options, export, out)
    elif score is not None:
        command.score_answers(options, score, name, out)
    else:
        command.run_accuracy(options, out)


@app.command("scaling")
@clearly
def scaling(
    shoppers: Annotated[str, typer.Option(help="With commas.")] = "1,2,4,8,16,32",
    shelves: Annotated[str, typer.Option(help="With commas.")] = "10,30,100,300",
    seed: Seed = FIRST_REPORTING_SEED,
    runs: Annotated[int, typer.Option(help="Of each session.", min=1)] = 3,
    save: Save = False,
) -> None:
    """Measure what more shoppers and more shelves cost: about ten minutes."""
    counts = {"shoppers": _counts(shoppers), "shelves": _counts(shelves)}
    _run("scaling", **counts, seed=seed, runs=runs, save=save)


@app.command("endurance")
@clearly
def endurance(
    hours: Annotated[float, typer.Option(help="Of store time.", min=0.1)] = 12.0,
    piece_minutes: Annotated[float, typer.Option(help="Simulated at once.", min=4.0)] = 15.0,
    seed: Seed = FIRST_REPORTING_SEED,
    save: Save = False,
) -> None:
    """Keep one engine alive over a day and see whether its memory grows."""
    _run("endurance", hours=hours, piece_minutes=piece_minutes, seed=seed, save=save)


@app.command("confusion")
@clearly
def confusion(
    seeds: Annotated[int, typer.Option(help="Sessions of each crowd of the suite.", min=1)] = 10,
    crowd_seeds: Annotated[int, typer.Option(help="... of sixteen in one aisle.", min=1)] = 3,
    first_seed: Seed = FIRST_REPORTING_SEED,
    save: Save = False,
) -> None:
    """Let crowds confuse the engine: what it costs at worst, and what becomes of receipts."""
    _run("confusion", seeds=seeds, crowd_seeds=crowd_seeds, first_seed=first_seed, save=save)


def _run(benchmark: str, **chosen: Any) -> None:
    """Run a benchmark as chosen: its module has `Options` and one function that takes them."""
    command = _benchmark(f"benchmarks.{benchmark}.command")
    run = getattr(command, f"run_{benchmark}")
    run(command.Options(**chosen, command=_typed()), out)


def _typed() -> str:
    """Return the command as typed, for whoever wants to repeat it."""
    return shlex.join(["store-engine", *sys.argv[1:]])


def _names(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _counts(words: str) -> list[int]:
    counts = [int(word) if word.isdecimal() else 0 for word in _names(words)]
    if not counts or min(counts) < 1:
        raise StoreEngineError(f"{words!r}: whole numbers above 0 with commas between, as 1,2,4")
    return counts


def _benchmark(module: str) -> Any:
    """Return a module of the repository that no installed package has."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "benchmarks":
            raise
        raise StoreEngineError(NOT_HERE) from error
