"""A till over books in memory and a provider that does as it is told; power cuts anywhere."""

from store_engine.adapters.memory_books import MemoryBooks
from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.office.till import Terms, Till
from store_engine.office.worker import Worker
from store_engine.payments import balance
from store_engine.ports.office import PaymentMethod
from store_engine.units import to_us

USD = Terms(store="shop", currency="USD", exponent=2, hold=5_000)
JPY = Terms(store="shop", currency="JPY", exponent=0, hold=3_000)
START_US = 1_700_000_000_000_000
HOURS, DAYS = 3_600.0, 86_400.0


class PowerCutError(BaseException):
    """Nothing that happens in the office may catch this."""


class Wires:
    """Between the office and what it works with: the power may be cut before or after any call."""

    def __init__(self, world, behind):
        self._world, self._behind = world, behind

    def __getattr__(self, name):
        method = getattr(self._behind, name)

        def call(*args, **named):
            self._world.live()
            result = method(*args, **named)
            self._world.live()
            return result

        return call


class World:
    """Everything that outlives an office: its books, the provider, the time."""

    def __init__(self, *, terms=USD, **methods):
        self.terms = terms
        self.now_us = START_US
        tokens = methods or {"ada": ["tok_ada"]}
        self.books = MemoryBooks(
            {
                account: [PaymentMethod(f"{account}-{place}", t) for place, t in enumerate(known)]
                for account, known in tokens.items()
            }
        )
        self.trouble = Trouble(sleep=lambda _: None)
        self.provider = SimulatedProvider(trouble=self.trouble, now_us=self.now)
        self.calls_left = None  # until the power is cut, None: never
        self.reading = Till(self.books, self.provider, terms=terms, now_us=self.now)
        self.start()

    def start(self):
        """Have a new office: the one before may be dead."""
        self.calls_left = None
        wires = Wires(self, self.books), Wires(self, self.provider)
        self.till = Till(*wires, terms=self.terms, now_us=self.now)
        self.worker = Worker(*wires, now_us=self.now)

    def now(self):
        return self.now_us

    def live(self):
        if self.calls_left is not None:
            if self.calls_left == 0:
                raise PowerCutError
            self.calls_left -= 1

    def pass_time(self, seconds):
        self.now_us += to_us(seconds)

    def settle(self, *, looks=20, every_s=20 * 60.0):
        """Let the worker look until nothing is due in the next hours."""
        for _ in range(looks):
            self.pass_time(every_s)
            self.worker.look()

    # ---- what happens at the shop ----------------------------------------------------------------

    def come_in(self, account="ada", *, entry="e1", **how):
        party = self.books.bind(
            party=f"party-{entry}", account=account, store="shop", time_us=self.now_us
        )
        said = {"store": "shop", "entry": entry, "time_us": self.now_us} | how
        return party, self.till.open(party=party, **said)

    def charge(self, amount, party="party-e1", *, key="c1", receipt="r1"):
        return self.till.charge(
            key=key,
            account=party,
            amount=amount,
            currency=self.terms.currency,
            receipt=receipt,
        )

    def add_method(self, token, account="ada"):
        known = self.books.account_methods[account]
        known.append(PaymentMethod(f"{account}-{len(known)}", token))

    def release(self, party="party-e1", *, key="c1"):
        return self.till.release(key=key, account=party)

    # ---- what came of it -------------------------------------------------------------------------

    def state(self, name="party-e1"):
        return self.reading.payment(name).state

    def pay_the_provider(self, amount, *, name):
        """Have somebody pay on the provider's own page; return its reference."""
        currency = self.terms.currency
        held = self.provider.authorise(
            key=f"{name}/hold", method="tok_page", amount=amount, currency=currency
        )
        return self.provider.capture(key=name, hold=held.ref, amount=amount).ref

    def words(self):
        """Every word in the books."""
        return [word for name in self.books._rows for word in self.books.load(name)]

    def balance(self):
        return balance(self.words())

    def open_holds(self):
        return [hold for hold in self.provider.ledger.holds() if hold.state == "open"]

    def taken(self):
        """What the provider took and did not give back."""
        holds = self.provider.ledger.holds()
        return sum(hold.captured - hold.refunded - hold.disputed for hold in holds)
