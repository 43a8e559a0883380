"""What is known of a shopper at the door goes with them."""

import pytest

from store_engine.events import VisitStarted
from store_engine.messages import EntryDecision, GateScan
from store_engine.promotions import Shopper, Voucher
from store_engine.store import Policy
from store_engine.visits.book import Book
from store_engine.visits.doorkeeper import Doorkeeper, Tap

KNOWN = Shopper(member=True, adult=True, vouchers=(Voucher(voucher="v", name="V", amount=100),))


def scan(sequence: int) -> GateScan:
    return GateScan(device="door", sequence=sequence, time_us=0, credential="ann")


def admitted(keeper: Doorkeeper, *, taps: int) -> Tap:
    """Ann taps her card so often before she is answered, and goes in on the last tap."""
    scans = [scan(sequence) for sequence in range(taps)]
    for one in scans:
        keeper.ask(one, 0)
    decision = EntryDecision(
        device="accounts", sequence=0, time_us=0, scan=scans[0].ref, accepted=True,
        account="Ann", shopper=KNOWN,
    )  # fmt: skip
    keeper.answer(decision, 0)
    claimed = [keeper.claim("door", 0) for _ in range(taps)]
    assert claimed[-1] is not None
    return claimed[-1]


BEHIND = Shopper(member=True, adult=True)  # vouchers are for the first tap's visit alone


@pytest.mark.parametrize(("taps", "known"), [(1, KNOWN), (2, BEHIND)])
def test_a_visit_starts_with_what_accounts_know_of_its_shopper(taps: int, known: Shopper):
    keeper, book = Doorkeeper("tiny", Policy()), Book("tiny")
    words = book.admit(
        admitted(keeper, taps=taps), "door/0/9", (0, 0.0, 0.0), gate="door", walker=None
    )
    (started,) = (word for word in words if isinstance(word, VisitStarted))
    assert started.shopper == known


def test_a_tap_repeated_after_the_answer_brings_no_vouchers_a_second_time():
    keeper = Doorkeeper("tiny", Policy())
    keeper.ask(scan(0), 0)
    decision = EntryDecision(
        device="accounts", sequence=0, time_us=0, scan=scan(0).ref, accepted=True,
        account="Ann", shopper=KNOWN,
    )  # fmt: skip
    keeper.answer(decision, 0)
    keeper.ask(scan(1), 0)
    brought = [keeper.claim("door", 0).shopper for _ in range(2)]
    assert brought == [KNOWN, BEHIND]


def test_what_is_known_survives_a_restart():
    keeper, other = Doorkeeper("tiny", Policy()), Doorkeeper("tiny", Policy())
    keeper.ask(scan(0), 0)
    decision = EntryDecision(
        device="accounts", sequence=0, time_us=0, scan=scan(0).ref, accepted=True,
        account="Ann", shopper=KNOWN,
    )  # fmt: skip
    keeper.answer(decision, 0)
    other.restore(keeper.snapshot())
    tap = other.claim("door", 0)
    assert tap is not None
    assert tap.shopper == KNOWN
