"""A desk with its books on disk, a till and a provider that lives here; time stands still."""

import threading

from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.gate import SqlGateBook
from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.office.desk import Desk, DeskRules
from store_engine.office.registry import Registry
from store_engine.office.till import Terms, Till
from store_engine.office.vault import Vault
from store_engine.units import to_us

STORE = "shop"
START_US = to_us(1_764_000_000)
TERMS = Terms(store=STORE, currency="USD", exponent=2, hold=5_000)


class DeskWorld:
    """Everything that outlives a desk, and a desk."""

    def __init__(self, folder, *, url=None, **rules):
        self.now_us = START_US
        self.path = folder / "office.sqlite"
        self.url = url or sqlite_url(self.path)
        self.trouble = Trouble(sleep=lambda _: None)
        self.provider = SimulatedProvider(trouble=self.trouble, now_us=self.now)
        self.rules = DeskRules(store=STORE, **rules)
        self.entries = 0
        self.start()

    def now(self):
        return self.now_us

    def pass_s(self, seconds):
        self.now_us += to_us(seconds)

    def start(self):
        """Have a new desk over the same books: nothing is in memory."""
        self.database = open_database(self.url)
        self.accounts = SqlAccountBook(self.database)
        self.gates = SqlGateBook(self.database)
        self.books = SqlBooks(self.database)
        secret = self.gates.secret(b"s" * 32)
        self.vault = Vault(
            self.gates, secret=secret, now_us=self.now, card_prefixes=("tok_", "card_")
        )
        self.registry = Registry(self.accounts, self.gates, self.vault, now_us=self.now)
        self.till = Till(self.books, self.provider, terms=TERMS, now_us=self.now)
        self.desk = Desk(
            rules=self.rules,
            accounts=self.accounts,
            gates=self.gates,
            parties=self.books,
            till=self.till,
            vault=self.vault,
            now_us=self.now,
        )

    def close(self):
        self.database.close()

    def entry(self):
        """The name of an entry that nobody asked for yet."""
        self.entries += 1
        return f"{STORE}/door.0.{self.entries}/entry_requested"

    def tap(self, credential, *, entry=None):
        """Present a credential, as the service would hand it on."""
        handle = self.vault.take(credential)
        return self.desk.admit(handle, time_us=self.now_us, entry=entry or self.entry())

    def taps(self, *credentials):
        """Present credentials at many gates at the same moment."""
        answers = [None] * len(credentials)
        together = threading.Barrier(len(credentials))
        entries = [self.entry() for _ in credentials]

        def tap(place):
            together.wait(5)
            answers[place] = self.tap(credentials[place], entry=entries[place])

        threads = [threading.Thread(target=tap, args=(n,)) for n in range(len(credentials))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def code(self, account="ada", *, store=STORE, **order):
        """A fresh code, as a phone shows it."""
        if not self.gates.code_keys():
            self.registry.ring.rotate()
        return self.registry.issue_code(account, store=store, **order)

    def holds(self):
        """What the provider holds, in order: references."""
        return [one.ref for one in self.provider.notices() if one.kind == "held"]
