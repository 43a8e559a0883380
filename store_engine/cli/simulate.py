"""`store-engine simulate`: a scenario to a recording, or live to a broker."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.device_link import Broker
from sim.publish import publish_live
from sim.scenarios import Scenario, load_scenario
from sim.scene import Truth
from sim.truth import write_truth
from store_engine.adapters.broker_security.client_files import client_tls
from store_engine.adapters.recordings import McapRecorder
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out, progress
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.clock import clock_ns
from store_engine.errors import ConfigError
from store_engine.ports import RawArrival
from store_engine.store_files import load_accounts, load_store
from store_engine.units import US_PER_S


@clearly
def simulate(
    scenario: Annotated[Path, typer.Argument(help="A scenario file (configs/scenarios).")],
    store: StoreFolder = NANOSTORE,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    shoppers: Annotated[int | None, typer.Option(help="Instead of the scenario's number.")] = None,
    people: Annotated[
        str | None, typer.Option(help="Who sees people: cameras, tracker or both.")
    ] = None,
    to: Annotated[Path, typer.Option(help="Recording to write.")] = Path("out/session.mcap"),
    truth: Annotated[
        Path | None, typer.Option(help="Truth file; beside the recording if not given.")
    ] = None,
    live: Annotated[
        str | None, typer.Option(help="Publish to this broker (host:port) instead of recording.")
    ] = None,
    certificates: Annotated[
        Path | None,
        typer.Option(help="With --live: folder of the devices' certificates (secure/clients)."),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            help="With --live: store seconds per second; the engine needs the same clock_speed.",
            min=0.01,
        ),
    ] = 1.0,
) -> None:
    """Simulate the hardware of a store: shoppers, shelves, cameras, gates and their faults.

    The truth goes to a file of its own; the engine never reads it.
    """
    chosen = adjusted(load_scenario(scenario), shoppers=shoppers, people=people)
    arrivals, answer_key = session(chosen, store, seed=seed)
    to.parent.mkdir(parents=True, exist_ok=True)
    truth = truth or to.with_suffix(".truth.json")
    write_truth(answer_key, truth)
    if live is None:
        _record(arrivals, to, store_id=answer_key.store, scenario=chosen.name, seed=seed)
    else:
        broker = _over_tls(broker_at(live), certificates)
        _publish(arrivals, broker, speed=speed)
    people_count = sum(len(visit.people) for visit in answer_key.visits)
    out.print(f"{people_count} shoppers, {len(answer_key.visits)} visits; truth in {truth}")


def adjusted(scenario: Scenario, *, shoppers: int | None, people: str | None) -> Scenario:
    """Return the scenario with another number of shoppers or other people sensors."""
    if shoppers is not None:
        scenario = scenario.with_shoppers(shoppers)
    if people is not None:
        if people not in ("cameras", "tracker", "both"):
            raise ConfigError(f"--people {people}: cameras, tracker or both")
        scenario = scenario.model_copy(update={"people_from": people})
    return scenario


def session(scenario: Scenario, store: Path, *, seed: int) -> tuple[Iterator[RawArrival], Truth]:
    """Return what the edge hears, and the truth. Every shopper who may enter takes their turn."""
    loaded = load_store(store)
    directory = load_accounts(store)
    credentials = [
        (account.credentials[0], str(account.account))
        for account in directory.shoppers
        if directory.admit(account.credentials[0], time_us=scenario.start_us).accepted
    ]
    from sim.session import simulate as play  # noqa: PLC0415 - 0.7 s of every command's start

    return play(scenario, loaded, seed=seed, credentials=credentials)


def _record(
    arrivals: Iterator[RawArrival], to: Path, *, store_id: str, scenario: str, seed: int
) -> None:
    notes = {"scenario": scenario, "seed": str(seed), "simulated": "yes"}
    with McapRecorder(to, store=store_id, notes=notes) as recorder, progress() as bar:
        task = bar.add_task(f"simulating {scenario}", total=None)
        first_us = 0
        for raw in arrivals:
            first_us = first_us or raw.received_us
            recorder.write(raw)
            if recorder.written % 500 == 0:
                seconds = (raw.received_us - first_us) / US_PER_S
                bar.update(task, description=f"simulating {scenario}: {seconds:.0f} s")
    out.print(f"{to}: {recorder.written} messages")


def _publish(arrivals: Iterator[RawArrival], broker: Broker, *, speed: float) -> None:
    published = publish_live(
        arrivals,
        broker=broker,
        speed=speed,
        rebase_to_us=clock_ns(speed)() // 1_000,
    )
    console.print(f"{published.acknowledged} messages acknowledged by {broker.host}:{broker.port}")


def _over_tls(broker: Broker, certificates: Path | None) -> Broker:
    """Return the broker as devices with certificates meet it."""
    if certificates is None:
        return broker
    return broker._replace(tls=partial(client_tls, certificates))


def broker_at(address: str) -> Broker:
    """Return the broker named by host:port."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ConfigError(f"broker {address!r}: write it as host:port, for example 127.0.0.1:1883")
    return Broker(host=host, port=int(port))
