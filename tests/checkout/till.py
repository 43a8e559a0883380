"""A till with three products, in any currency, and short ways to say what happens at it."""

from store_engine.catalog import Catalog, Product
from store_engine.events import VisitStarted
from store_engine.messages import PaymentResult
from store_engine.signals import CartBelief, LineBelief
from store_engine.store import Policy, Store
from store_engine.units import Gtin, MessageRef, VisitId
from tests.tiny_store import tiny_store

WATER, COLA, GUM = Gtin("071142008582"), Gtin("049000006346"), Gtin("012546011099")
PRICES = {WATER: 129, COLA: 199, GUM: 5}


def till_store(
    *, currency: str = "USD", exponent: int = 2, included: bool = False, rate_ppm: int = 82_500
) -> Store:
    """Water is food (not taxed), cola and gum are taxed at `rate_ppm`."""
    products = {
        gtin: Product(
            gtin=gtin,
            name={WATER: "Water", COLA: "Cola", GUM: "Gum"}[gtin],
            price=price,
            tax_class="food" if gtin == WATER else "soft",
            mass_g=100.0,
            mass_std_g=1.0,
        )
        for gtin, price in PRICES.items()
    }
    catalog = Catalog(
        products=products,
        tax_rates={"food": 0, "soft": rate_ppm},
        currency=currency,
        currency_exponent=exponent,
        prices_include_tax=included,
    )
    return Store(tiny_store().map, catalog, Policy(charge_above=0.8))


def started(visit: str = "door.0.1") -> VisitStarted:
    """Ann walked in."""
    return VisitStarted(
        event=f"tiny/{visit}/visit_started",
        time_us=1_000,
        causes=("door/0/1", "door/0/2"),
        visit=visit,
        account="Ann",
        gate="door",
        track="t1",
    )


def line(gtin: str, quantity: int, posterior: float = 0.99) -> LineBelief:
    """So many of a product, with evidence of its own."""
    return LineBelief(Gtin(gtin), quantity, posterior, (MessageRef(f"shelf/0/{gtin[-2:]}"),))


def belief(
    *lines: LineBelief,
    visit: str = "door.0.1",
    final: bool = True,
    doubts: tuple[LineBelief, ...] = (),
    time_us: int = 9_000,
) -> CartBelief:
    """What attribution believes."""
    return CartBelief(
        visit=VisitId(visit),
        time_us=time_us,
        kind="final" if final else "live",
        lines=lines,
        doubts=doubts,
    )


def charged(amount: int, *, visit: str = "door.0.1", provider_ref: str = "p-1") -> PaymentResult:
    """The provider moved money."""
    return PaymentResult(
        device="payments",
        sequence=7,
        time_us=0,
        request=f"tiny/{visit}/charge_requested",
        outcome="charged",
        amount=amount,
        provider_ref=provider_ref,
    )


def declined(*, visit: str = "door.0.1") -> PaymentResult:
    """The provider refused."""
    return PaymentResult(
        device="payments",
        sequence=8,
        time_us=0,
        request=f"tiny/{visit}/charge_requested",
        outcome="declined",
        amount=0,
        reason="insufficient funds",
    )


def released(question: str, *, visit: str = "door.0.1") -> PaymentResult:
    """Nothing is held or asked for."""
    return PaymentResult(
        device="payments",
        sequence=9,
        time_us=0,
        request=f"tiny/{visit}/{question}",
        outcome="released",
        amount=0,
        reason="staff never pay",
    )
