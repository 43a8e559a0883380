"""The counter: a claim is taken in once, decided, and the money follows once."""

import msgspec
import pytest

from store_engine.complaints import Policy, Refused, Said
from store_engine.errors import ConflictError, EffectError, UnreachableError
from store_engine.events import ReviewRequested
from store_engine.office.counter import Counter, Paid
from tests.paper_receipt import MILK, line, receipt

RECEIPT = receipt(line())
BEER = "4101080123458"


class Cases:
    """A casebook in memory."""

    def __init__(self):
        self.words, self.rows, self.conflicts = {}, {}, 0

    def load(self, case):
        return list(self.words.get(case, []))

    def append(self, row, events, *, after):
        if self.conflicts:
            self.conflicts -= 1
            raise ConflictError("somebody else")
        if len(self.load(row.case)) != after:
            raise ConflictError("somebody else")
        self.words.setdefault(row.case, []).extend(events)
        self.rows[row.case] = row

    def cases(self, *, receipt="", states=(), limit=100):
        rows = [r for r in self.rows.values() if receipt in ("", r.receipt)]
        return [row for row in rows if not states or row.state in states][:limit]

    def refunds_at_once(self, *, payment, since_us):
        return sum(row.at_once for row in self.rows.values())


class Receipts:
    def __init__(self, paper=RECEIPT):
        self.paper = paper

    def receipt(self, receipt):
        return self.paper if receipt == self.paper.receipt else None


class Till:
    """A till that gives back and takes, each name once."""

    def __init__(self):
        self.moved, self.away, self.refuses = {}, False, ""

    def paid(self, receipt):
        return Paid(500, sum(a for k, a in self.moved.items() if k[0] == "back"))

    def give_back(self, receipt, *, name, amount, reason, lines):
        return self._move("back", name, amount)

    def take(self, receipt, *, name, amount):
        return self._move("take", name, amount)

    def _move(self, way, name, amount):
        if self.away:
            raise UnreachableError("the provider is away")
        if self.refuses:
            raise EffectError(self.refuses)
        self.moved.setdefault((way, name), amount)
        return self.moved[way, name]


class Desk:
    """A counter with its world."""

    def __init__(self, paper=RECEIPT):
        self.cases, self.till = Cases(), Till()
        self.counter = Counter(
            casebook=self.cases,
            receipts=Receipts(paper),
            money=self.till,
            policy=Policy(),
            now_us=lambda: 120_000_000,
        )

    def contest(self, claim="not_taken", request="r1", **said):
        return self.counter.contest(RECEIPT.receipt, Said(claim, MILK, **said), request=request)


@pytest.fixture
def desk():
    return Desk()


def test_a_small_claim_is_refunded_while_the_shopper_waits(desk):
    case = desk.contest()
    assert (case.state, case.moved) == ("closed", 500)
    assert desk.till.moved == {("back", "shop.door.0.1/r1"): 500}


def test_the_same_claim_sent_twice_moves_money_once(desk):
    assert desk.contest() == desk.contest()
    assert len(desk.till.moved) == 1


def test_a_refund_that_cannot_be_asked_for_is_finished_later(desk):
    desk.till.away = True
    assert desk.contest().state == "to refund"
    desk.till.away = False
    assert desk.counter.finish_all() == 1
    assert desk.cases.rows["shop.door.0.1/r1"].state == "closed"


def test_a_refund_that_the_provider_refuses_is_told(desk):
    desk.till.refuses = "refund of 500: the bank says no"
    case = desk.contest()
    assert (case.state, case.moved, case.note) == ("closed", 0, "refund of 500: the bank says no")


def test_a_person_answers_what_waits(desk):
    waiting = desk.contest("other", reason="it was spoilt")
    assert waiting.state == "waiting"
    case = desk.counter.answer(waiting.opened.case, decision="refund", amount=250, by="eva")
    assert (case.state, case.moved, case.decided_by) == ("closed", 250, "eva")


def test_an_answer_given_twice_moves_money_once(desk):
    name = desk.contest("other").opened.case
    first = desk.counter.answer(name, decision="refund", amount=250, by="eva")
    assert desk.counter.answer(name, decision="refund", amount=250, by="eva") == first


def test_who_was_not_charged_can_pay(desk):
    waiting = desk.contest("not_charged", quantity=1, price=199)
    case = desk.counter.answer(waiting.opened.case, decision="charge", amount=199, by="eva")
    assert desk.till.moved == {("take", waiting.opened.case): 199}
    assert case.state == "closed"


def test_the_engines_doubt_stands_in_the_same_queue(desk):
    asked = ReviewRequested(
        event="e",
        time_us=0,
        visit="door.0.1",
        account="shop.door.0.1",
        receipt=RECEIPT.receipt,
        certainty=0.6,
        about=(MILK,),
    )
    case = desk.counter.review(asked)
    assert case.opened.reason == f"60% sure of the whole receipt; least sure of {MILK}"
    assert [row.state for row in desk.cases.cases(states=["waiting"])] == ["waiting"]


HELD = msgspec.structs.replace(line(BEER, charged=False, tax=40), held=True)


def test_a_held_line_waits_for_a_person_once_and_nothing_else_does():
    desk = Desk(receipt(line(), HELD))
    (case,) = desk.counter.hold(receipt(line(), HELD))
    assert desk.counter.hold(receipt(line(), HELD)) == [case]
    assert (case.state, case.opened.gtin, case.opened.amount) == ("waiting", BEER, 540)
    assert desk.till.moved == {}


@pytest.mark.parametrize(
    ("decision", "amount", "moved"),
    [
        ("charge", 540, {("take", f"shop.door.0.1/held/{BEER}"): 540}),
        ("close", 0, {}),
    ],
)
def test_a_held_line_is_charged_only_if_a_person_says_so_and_once(decision, amount, moved):
    desk = Desk(receipt(HELD))
    (waiting,) = desk.counter.hold(receipt(HELD))
    for _ in range(2):
        name = waiting.opened.case
        case = desk.counter.answer(name, decision=decision, amount=amount, by="eva")
        assert (case.state, case.decided_by) == ("closed", "eva")
    assert desk.till.moved == moved
    assert desk.counter.hold(receipt(HELD)) == [case]


def test_somebody_else_may_write_meanwhile(desk):
    name = desk.contest("other").opened.case
    desk.cases.conflicts = 2
    assert desk.counter.answer(name, decision="close", amount=0, by="eva").state == "closed"


def test_an_unknown_receipt_is_refused_by_name(desk):
    assert desk.counter.contest("nope", Said("other"), request="r") == Refused(
        "receipt nope: unknown"
    )
    assert desk.counter.answer("nope/r", decision="close", amount=0, by="eva") == Refused(
        "case nope/r: unknown"
    )
