"""A process: the real service around a store without shelves, with a provider in trouble.

    python -m benchmarks.money.shop FOLDER --broker 127.0.0.1:1883 [--database URL] [--life 3] ...

Settings come as arguments so that a campaign can start every life of it in another kind of trouble.
"""

import argparse
import signal
import time
from pathlib import Path

from benchmarks.money.door import Door
from store_engine.adapters.database import Database, open_database
from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.app import assemble, configure_logging, database_url
from store_engine.app.office import PAYMENTS_FILE, Office, open_office
from store_engine.settings import AccessSettings, BrokerSettings, Settings
from store_engine.store import Store
from store_engine.store_files import load_store

STORE = Path("configs/nanostore")
HOLD = 500  # minor units: less than most baskets, so that holds are raised (guess)


def settings_of(folder: Path, *, broker: str, database: str) -> Settings:
    """Return the settings of a shop whose data is in `folder`."""
    host, _, port = broker.partition(":")
    named = {"database": database} if database else {}
    return Settings(
        store=STORE,
        data=folder,
        broker=BrokerSettings(host=host, port=int(port)),
        access=AccessSettings(hold=HOLD, unknown_cards="guest"),
        snapshot_every_s=2.0,
        log_level="error",
        **named,
    )


def office_of(settings: Settings, store: Store, database: Database, trouble: Trouble) -> Office:
    """Return an office whose provider is in `trouble`."""
    ledger = SqliteLedger(settings.data / PAYMENTS_FILE)
    provider = SimulatedProvider(ledger, trouble=trouble, now_us=lambda: time.time_ns() // 1_000)
    return open_office(settings, store, database, provider=provider)


def let_clock_jump(by_s: float, *, after_s: float) -> None:
    """Make this machine's clock jump, `after_s` from now, as a clock does that is set by hand."""
    true_ns, jumps_ns = time.time_ns, time.time_ns() + round(after_s * 1e9)

    def jumping_ns() -> int:
        now_ns = true_ns()
        return now_ns + round(by_s * 1e9) if now_ns >= jumps_ns else now_ns

    time.time_ns = jumping_ns


def main() -> None:
    """Run until SIGTERM, or until somebody pulls the plug."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--database", default="")
    parser.add_argument("--life", type=int, default=0, help="seeds the provider's trouble")
    parser.add_argument("--lost", type=float, default=0.0, help="share of calls, and of answers")
    parser.add_argument("--slow-s", type=float, default=0.0)
    parser.add_argument("--jump-s", type=float, default=0.0, help="the clock jumps after a second")
    parser.add_argument("--worker-only", action="store_true", help="no engine: the office's worker")
    told = parser.parse_args()
    settings = settings_of(told.folder, broker=told.broker, database=told.database)
    configure_logging(settings.log_level)
    if told.jump_s:
        let_clock_jump(told.jump_s, after_s=1.0)
    store, database = load_store(settings.store), open_database(database_url(settings))
    trouble = Trouble(
        lost_before=told.lost, lost_after=told.lost, slow_s=told.slow_s, seed=told.life
    )
    office = office_of(settings, store, database, trouble)
    if told.worker_only:
        signal.signal(signal.SIGTERM, lambda *_: office.worker.stop())
        office.worker.run()
        return
    service = assemble(settings, store, database, office, Door(store))
    signal.signal(signal.SIGTERM, lambda *_: service.stop())
    service.start()
    service.run()
    service.close()


if __name__ == "__main__":
    main()
