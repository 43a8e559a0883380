"""A voucher is redeemed once, whatever people do at the gate and whenever the power goes."""

import pytest

from store_engine.errors import RecordsError
from tests.office.voucher_world import VoucherWorld, water

DAY_S = 86_400


@pytest.fixture
def world(tmp_path):
    world = VoucherWorld(tmp_path)
    world.open()
    yield world
    world.close()


def brought(visit):
    return [voucher.voucher for voucher in visit.shopper.vouchers]


# ---- one visit


def test_an_accounts_voucher_comes_in_with_it_and_is_used_by_the_receipt(world):
    voucher = world.issue()
    visit = world.come_in()
    assert (brought(visit), world.state(voucher)) == ([voucher], "kept")
    receipt = world.shop(visit, water(2))
    assert (receipt.total, receipt.redeemed) == (158, (voucher,))
    assert world.state(voucher) == "used"
    assert world.till.payment(visit.account).captured == 158


def test_the_next_visit_does_not_have_it_any_more(world):
    world.issue()
    world.shop(world.come_in(), water())
    assert brought(world.come_in()) == []


def test_one_larger_than_the_basket_gives_no_change_and_is_used(world):
    voucher = world.issue(amount=5_000)
    receipt = world.shop(world.come_in(), water())
    assert (receipt.total, receipt.redeemed) == (0, (voucher,))
    assert world.state(voucher) == "used"
    assert brought(world.come_in()) == []


def test_a_visit_that_takes_nothing_uses_nothing(world):
    voucher = world.issue()
    assert world.shop(world.come_in()).redeemed == ()
    assert world.state(voucher) == "good"
    assert brought(world.come_in()) == [voucher]


def test_what_a_receipt_did_not_need_is_let_go_of(world):
    whole, spare = world.issue(rate_ppm=1_000_000), world.issue()
    assert world.shop(world.come_in(), water()).redeemed == (whole,)
    assert (world.state(whole), world.state(spare)) == ("used", "good")


def test_an_expired_voucher_stays_outside(world):
    voucher = world.issue(until_us=world.now_us + 1)
    world.pass_s(1)
    assert brought(world.come_in()) == []
    assert world.state(voucher) == "expired"


def test_one_that_runs_out_during_the_visit_is_good_for_it(world):
    world.issue(until_us=world.now_us + 60_000_000)
    visit = world.come_in()
    world.pass_s(3_600)
    assert world.shop(visit, water(2)).total == 158


def test_one_of_another_currency_stays_outside(world):
    world.issue(currency="EUR")
    assert brought(world.come_in()) == []


def test_one_that_was_claimed_by_its_code_counts_like_any_other(world):
    code = world.vouchers.issue(amount=100, currency="USD").voucher
    assert brought(world.come_in()) == []
    world.vouchers.claim(code, account="ada")
    assert brought(world.come_in("qr-phone")) == [code]


def test_who_works_here_needs_none(world):
    world.registry.add("rob", role="staff")
    world.vouchers.issue(account="rob", amount=100, currency="USD")
    badge = world.registry.add_badge("rob")
    assert world.tap(badge).shopper.vouchers == ()


# ---- several taps and visits of one account


def test_of_several_taps_at_one_moment_one_brings_it(world):
    voucher = world.issue()
    answers = world.taps(*["qr-ada", "qr-phone"] * 3)
    found = [one.voucher for answer in answers for one in answer.shopper.vouchers]
    assert found == [voucher]


def test_an_account_in_two_shops_at_once_brings_it_into_one(world, tmp_path):
    voucher = world.issue()
    here, there = (
        world.redemption.present("ada", entry=f"{store}/door.0.9/entry_requested", time_us=1)
        for store in ("shop", "kiosk")
    )
    assert ([one.voucher for one in here], there) == ([voucher], ())


def test_who_comes_back_while_being_charged_does_not_redeem_it_twice(world):
    """The same party, two visits: the second tap is answered before the first is charged."""
    voucher = world.issue()
    first = world.come_in()
    receipt, request = world.settle(first, water(2))
    second = world.come_in()
    assert (second.account, brought(second)) == (first.account, [])
    world.perform(request)
    assert world.shop(second, water(2)).redeemed == ()
    assert (receipt.redeemed, world.state(voucher)) == ((voucher,), "used")


def test_an_unused_tap_of_a_party_lets_go_of_nothing_that_its_visit_has(world):
    voucher = world.issue()
    visit = world.come_in()
    world.tap("qr-phone")  # nobody comes in on it
    world.payments.release(key="shop/door.0.2/release_requested", account=visit.account)
    assert world.state(voucher) == "kept"
    assert world.shop(visit, water(2)).redeemed == (voucher,)


# ---- nobody comes in


def test_a_tap_that_nobody_used_lets_go_of_it(world):
    voucher = world.issue()
    party = world.tap("qr-ada").account
    world.payments.release(key="shop/door.0.1/release_requested", account=party)
    assert world.state(voucher) == "good"
    assert brought(world.come_in()) == [voucher]


def test_what_was_forgotten_for_a_day_is_let_go_of_at_the_next_tap(world):
    voucher = world.issue()
    world.tap("qr-ada")
    world.pass_s(DAY_S + 1)
    world.tap("qr-nobody")
    assert world.state(voucher) == "good"


def test_a_visit_that_began_keeps_it_however_long_it_lasts(world):
    voucher = world.issue()
    visit = world.come_in()
    world.pass_s(DAY_S + 1)
    world.redemption.tidy()
    assert world.state(voucher) == "kept"
    assert world.shop(visit, water(2)).redeemed == (voucher,)


def test_a_receipt_that_nobody_asked_money_for_is_settled_by_then(world):
    voucher = world.issue()
    world.settle(world.come_in(), water())
    world.pass_s(DAY_S + 1)
    assert world.redemption.tidy() == 1
    assert world.state(voucher) == "used"


# ---- the power goes


class PowerCutError(Exception):
    pass


def cut(monkeypatch, owner, step, when):
    whole = getattr(owner, step)

    def until_then(*args, **named):
        if when == "after":
            whole(*args, **named)
        raise PowerCutError

    monkeypatch.setattr(owner, step, until_then)


@pytest.mark.parametrize("step", ["marking", "charge"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_power_may_go_between_marking_and_charging(world, monkeypatch, step, when):
    voucher = world.issue()
    visit = world.come_in()
    _, request = world.settle(visit, water(2))
    owner, name = {"marking": (world.book, "settle"), "charge": (world.till, "charge")}[step]
    cut(monkeypatch, owner, name, when)
    with pytest.raises(PowerCutError):
        world.perform(request)
    world.start()
    assert world.perform(request).amount == 158
    assert world.state(voucher) == "used"
    assert world.till.payment(visit.account).captured == 158


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_power_may_go_while_it_is_handed_out(world, monkeypatch, when):
    voucher, entry = world.issue(), world.entry()
    cut(monkeypatch, world.book, "keep", when)
    with pytest.raises(PowerCutError):
        world.tap("qr-ada", entry=entry)
    world.start()
    again = world.tap("qr-ada", entry=entry)
    assert [one.voucher for one in again.shopper.vouchers] == [voucher]


def test_while_vouchers_cannot_be_marked_nobody_is_charged_yet(world, monkeypatch):
    world.issue()
    visit = world.come_in()
    _, request = world.settle(visit, water(2))

    def fails(*args, **named):
        raise RecordsError("the disk is full")

    monkeypatch.setattr(world.book, "settle", fails)
    with pytest.raises(RecordsError):
        world.perform(request)
    assert world.till.payment(visit.account).captured == 0
