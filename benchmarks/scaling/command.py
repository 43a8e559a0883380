"""What `store-engine bench scaling` does, once its options are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console

from benchmarks.kept import keep
from benchmarks.machine import machine
from benchmarks.scaling.fits import exponent, local_exponents
from benchmarks.scaling.measure import point
from benchmarks.scaling.plots import cost_plot
from benchmarks.scaling.stores import NANOSTORE, store_of
from benchmarks.scaling.table import tables
from benchmarks.scaling.words import Point, Series
from store_engine.errors import ConfigError
from store_engine.store import Store
from store_engine.store_files import load_store

ROOMY_SHELVES = 96  # of the store that holds 32 people: 90 square metres of floor
SHELF_SHOPPERS = 4  # in every store of the shelves series
HELD = 0.9  # of those asked for must be inside on average, or the floor does not hold them


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command."""

    shoppers: Sequence[int]
    shelves: Sequence[int]
    seed: int
    runs: int
    save: bool
    command: str  # as typed, for whoever wants to repeat it


def run_scaling(options: Options, console: Console) -> list[Series]:
    """Simulate, measure, show, and keep what was found."""
    found = []
    for one in _all(options):
        console.print(tables([one]))
        found.append(one)
    if options.save:
        _keep(found, options)
    return found


def _all(options: Options) -> Iterator[Series]:
    nanostore, roomy = load_store(NANOSTORE), store_of(ROOMY_SHELVES)
    title = f"{ROOMY_SHELVES} shelves, room for all"
    yield _shoppers("shoppers", title, roomy, options)
    yield _shoppers("crowding", "nanostore: 30 shelves in 13 square metres", nanostore, options)
    points = [
        point(store_of(shelves), SHELF_SHOPPERS, seed=options.seed, runs=options.runs, by="shelves")
        for shelves in options.shelves
    ]
    yield fitted("shelves", f"{SHELF_SHOPPERS} shoppers", "shelves", points)


def _shoppers(name: str, title: str, store: Store, options: Options) -> Series:
    """Return the series of one store, as far as its floor holds the people."""
    empty = point(store, 0, seed=options.seed, runs=options.runs, by="shoppers")
    points: list[Point] = []
    refused = ""
    for shoppers in options.shoppers:
        try:
            found = point(store, shoppers, seed=options.seed, runs=options.runs, by="shoppers")
        except ConfigError as error:
            refused = f"{shoppers} shoppers: {error}"
            break
        if found.inside < HELD * shoppers:
            refused = (
                f"{shoppers} shoppers: but {found.inside:.1f} are inside at once at best; "
                "who finds no room at a shelf gives up and leaves"
            )
            break
        points.append(found)
    return fitted(name, title, "shoppers", points, empty_s=empty.cpu_s, refused=refused)


def fitted(
    name: str,
    title: str,
    unit: str,
    points: Sequence[Point],
    *,
    empty_s: float = 0.0,
    refused: str = "",
) -> Series:
    """Return a series with its slopes."""
    return Series(
        name=name,
        title=title,
        unit=unit,
        points=tuple(points),
        empty_s=empty_s,
        exponent=exponent(points),
        added_exponent=exponent(points, above=empty_s),
        local=tuple(local_exponents(points)),
        refused=refused,
    )


def _keep(found: Sequence[Series], options: Options) -> None:
    by_name = {one.name: one for one in found}
    shoppers = [by_name["shoppers"], by_name["crowding"]]
    keep(
        "scaling",
        header={"command": options.command, "seed": str(options.seed), **machine()},
        figures=found,
        shown=tables(found),
        plots={
            "scaling-shoppers": cost_plot(
                shoppers, title="Cost against shoppers", axis="people inside at once"
            ),
            "scaling-shelves": cost_plot(
                [by_name["shelves"]], title="Cost against shelves", axis="shelves in the store"
            ),
        },
    )
