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
    save: Annotated[bool, typer.Option("--save", help="Keep it in benchmarks/results.")] = False,
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
        command=shlex.join(["store-engine", *sys.argv[1:]]),
    )
    if export is not None:
        command.export_sessions(options, export, out)
    elif score is not None:
        command.score_answers(options, score, name, out)
    else:
        command.run_accuracy(options, out)


def _names(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _benchmark(module: str) -> Any:
    """Return a module of the repository that no installed package has."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "benchmarks":
            raise
        raise StoreEngineError(NOT_HERE) from error
