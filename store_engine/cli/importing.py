"""`store-engine import`: other recordings into ours."""

from pathlib import Path
from typing import Annotated

import typer

from store_engine.adapters.aifi import AIFI_NOTES, read_aifi
from store_engine.adapters.recordings import McapRecorder
from store_engine.cli.shared import NANOSTORE, StoreFolder, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.store_files import load_store

app = typer.Typer(help="Convert other recordings into ours.", no_args_is_help=True)


@app.callback()
def formats() -> None:
    """Convert other recordings into ours."""


@app.command("aifi")
@clearly
def aifi(
    folder: Annotated[Path, typer.Argument(help="Folder with plate_data.json and targets.")],
    to: Annotated[Path, typer.Option(help="Recording to write.")] = Path("out/aifi.mcap"),
    store: StoreFolder = NANOSTORE,
) -> None:
    """Convert a session in the AutoCheckout competition's export format (CPS-IoT Week 2020)."""
    loaded = load_store(store)
    to.parent.mkdir(parents=True, exist_ok=True)
    notes = {f"note-{number}": note for number, note in enumerate(AIFI_NOTES, start=1)}
    with McapRecorder(to, store=loaded.map.store, notes=notes) as recorder:
        for raw in read_aifi(folder, loaded.map):
            recorder.write(raw)
    out.print(f"{to}: {recorder.written} messages", soft_wrap=True)
    for note in AIFI_NOTES:
        out.print(f"- {note}", highlight=False, soft_wrap=True)
