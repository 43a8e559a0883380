"""`store-engine accounts keys`: what entry codes are signed with."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from store_engine.cli.front_office import DatabaseUrl, SettingsFile, front_office, moment
from store_engine.cli.shared import out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import RequestError
from store_engine.ports.accounts import Algorithm

app = typer.Typer(help="Keys that entry codes are signed with.", no_args_is_help=True)


@app.command()
@clearly
def rotate(
    algorithm: Annotated[str, typer.Option(help="EdDSA or ES256.")] = "EdDSA",
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Sign codes with a new key; the old one's codes stay good until they expire."""
    with front_office(settings, database) as office:
        key = office.registry.ring.rotate(algorithm=_algorithm(algorithm))
    out.print(f"codes are signed with {key.key} ({key.algorithm}) from now on", highlight=False)


@app.command()
@clearly
def trust(
    key: Annotated[str, typer.Argument(help="The key id that their codes name.")],
    file: Annotated[Path, typer.Argument(help="Their public key, PEM.", exists=True)],
    issuer: Annotated[str, typer.Option(help="What their codes say in iss.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Accept codes that somebody else signs: a retailer's own app."""
    with front_office(settings, database) as office:
        added = office.registry.ring.trust(key, file.read_bytes(), issuer=issuer)
    out.print(f"codes of {issuer} signed with {key} ({added.algorithm}) are accepted", markup=False)


@app.command()
@clearly
def retire(
    key: Annotated[str, typer.Argument(help="The key's id.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Accept no code that is signed with a key from now on."""
    with front_office(settings, database) as office:
        office.registry.ring.retire(key)
    out.print(f"key {key}: retired", markup=False)


@app.command("list")
@clearly
def list_keys(settings: SettingsFile = None, database: DatabaseUrl = None) -> None:
    """List the keys of entry codes."""
    table = Table("key", "algorithm", "issuer", "made", "retired", header_style="bold")
    with front_office(settings, database) as office:
        for one in office.registry.ring.all_keys():
            retired = "" if one.retired_us is None else moment(one.retired_us)
            table.add_row(one.key, one.algorithm, one.issuer, moment(one.created_us), retired)
    out.print(table)


def _algorithm(text: str) -> Algorithm:
    algorithms: tuple[Algorithm, ...] = ("EdDSA", "ES256")
    for algorithm in algorithms:
        if algorithm == text:
            return algorithm
    raise RequestError(f"algorithm {text!r}: {' or '.join(algorithms)}")
