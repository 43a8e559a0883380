"""What `--save` keeps of a run: figures as JSON, tables as text, plots as SVG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from sim.json_files import write_json

RESULTS = Path(__file__).parent / "results"
WIDTH = 120  # of kept tables, characters


def keep(
    name: str,
    *,
    header: Mapping[str, str],
    figures: Any,
    shown: RenderableType,
    plots: Mapping[str, str],
    folder: Path = RESULTS,
) -> None:
    """Write NAME.json and NAME.txt, and a file for each plot.

    header: command, seed, machine, date: what a reader needs to judge or repeat it.
    figures: anything msgspec can encode. plots: name without suffix -> stand-alone SVG.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / f"{name}.json", {**header, "figures": figures})
    with (folder / f"{name}.txt").open("w") as file:
        file.writelines(f"{key}: {value}\n" for key, value in header.items())
        file.write("\n")
        Console(file=file, width=WIDTH).print(shown)
    for plot, svg in plots.items():
        (folder / f"{plot}.svg").write_text(svg)
