"""`store-engine run`: the service."""

from pathlib import Path
from typing import Annotated

import typer

from store_engine.app import configure_logging
from store_engine.app import run as run_service
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.settings import load_settings


@clearly
def run(
    settings: Annotated[
        Path | None,
        typer.Option(help="Settings file (TOML); STORE_ENGINE_... variables override it."),
    ] = None,
) -> None:
    """Run the engine against a broker until it is told to stop (SIGTERM, or Ctrl-C).

    State is in the data folder: kill it at any moment, start it again, and it goes on.
    """
    chosen = load_settings(settings)
    configure_logging(chosen.log_level)
    run_service(chosen)
