"""What the office does by itself, again and again."""

import threading

from store_engine.errors import RecordsError
from store_engine.events import ReceiptIssued, ReviewRequested, VisitEnded
from store_engine.office.rounds import Reviews, Rounds
from store_engine.ports.webhooks import Note
from tests.paper_receipt import line, receipt


class Feed:
    def __init__(self, *happened):
        self.notes = [Note(n, one.event, "shop", one) for n, one in enumerate(happened, start=1)]

    def after(self, position, limit):
        return [note for note in self.notes if note.position > position][:limit]


class Counter:
    def __init__(self):
        self.reviews, self.held = [], []

    def review(self, asked):
        self.reviews.append(asked.receipt)

    def hold(self, receipt):
        self.held.append(receipt.receipt)


def review(receipt):
    return ReviewRequested(
        event=f"{receipt}/review",
        time_us=0,
        visit="v",
        account="a",
        receipt=receipt,
        certainty=0.5,
        about=(),
    )


def test_a_receipt_that_the_engine_is_not_sure_of_comes_into_the_queue_once():
    counter = Counter()
    ended = VisitEnded(event="v/ended", time_us=0, visit="v")
    reviews = Reviews(Feed(review("r1"), ended, review("r2")), counter)
    assert (reviews.look(), reviews.look()) == (3, 0)
    assert counter.reviews == ["r1", "r2"]


def test_every_receipt_is_looked_at_for_lines_that_are_held():
    counter = Counter()
    issued = ReceiptIssued(event="v/issued", time_us=0, receipt=receipt(line()))
    Reviews(Feed(issued), counter).look()
    assert counter.held == ["shop.door.0.1"]


def test_a_job_that_fails_is_tried_again_and_holds_up_no_other():
    calls, other = [], threading.Event()

    def fails():
        calls.append(1)
        if len(calls) < 3:
            raise RecordsError("away")
        other.wait(5)
        return 0

    def works():
        if len(calls) >= 3:
            other.set()
        return 0

    rounds = Rounds({"fails": fails, "works": works}, every_s=0.01)
    rounds.start()
    assert other.wait(5)
    rounds.stop()
