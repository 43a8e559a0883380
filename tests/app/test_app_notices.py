"""An office on the simulated provider reads its board of notices."""

import time
from pathlib import Path

from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.app.office import PAYMENTS_FILE
from store_engine.app.web import open_web_office
from store_engine.settings import Settings

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
WAIT_S = 20.0  # on a busy machine


def test_a_simulated_bank_takes_money_back_and_the_office_hears_of_it(tmp_path):
    web = open_web_office(Settings(store=NANOSTORE, data=tmp_path, access={"hold": 0}))
    till = web.office.till
    web.office.front.registry.add("ada", methods=["tok_ada"])
    SqlBooks(web.database).bind(party="p1", account="ada", store="nanostore", time_us=1)
    till.charge(key="c1", account="p1", amount=500, currency="USD")
    bank = SimulatedProvider(SqliteLedger(tmp_path / PAYMENTS_FILE))  # another process
    bank.dispute(capture=till.payment("p1").captures[0].ref, amount=500, dispute="d1")
    web.rounds.start()
    give_up_s = time.monotonic() + WAIT_S
    while till.payment("p1").state != "disputed":
        assert time.monotonic() < give_up_s
        time.sleep(0.02)
    web.rounds.stop()
    web.database.close()
