"""The page says what the receipt says, to a person."""

from html.parser import HTMLParser

import msgspec
import pytest

from store_engine.certainty import certainty
from store_engine.checkout import Checkout
from store_engine.messages import Receipt, Reduction
from store_engine.web.receipt_page import render_receipt
from store_engine.web.receipt_papers import WORDS
from tests.checkout.till import COLA, WATER, belief, line, started, till_store


@pytest.fixture
def receipt() -> Receipt:
    """Two waters for sure, and a cola that is not charged."""
    checkout = Checkout(till_store())
    checkout.start(started())
    return checkout.settle(belief(line(WATER, 2), line(COLA, 1, 0.6)))[0].receipt


class Page(HTMLParser):
    """Reads a page: its visible text, its links, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.fetched: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def test_every_line_has_its_price_and_how_sure_we_are(receipt: Receipt):
    text = Page(render_receipt(receipt, paid="charged")).text
    assert "Water 2.58 2 × 1.29 · We are sure" in text  # noqa: RUF001
    assert "Cola 1.99 1 × 1.99 · Not charged: we were not sure" in text  # noqa: RUF001
    assert "Total 2.58 USD" in text


def test_reductions_stand_beside_their_line_and_in_the_totals(receipt: Receipt):
    cut = Reduction(kind="promotion", id="p", name="2 for <2.00>", amount=-58)
    row = msgspec.structs.replace(receipt.lines[0], reductions=(cut,), owed=200)
    paper = msgspec.structs.replace(receipt, lines=(row,), discount=-58, total=200)
    text = Page(render_receipt(paper, paid="charged")).text
    assert "Water 2.58 2 for <2.00> -0.58 2 × 1.29 · We are sure" in text  # noqa: RUF001
    assert "Goods 2.58 Reductions -0.58 Tax 0.00 Total 2.00 USD" in text


def test_what_is_sold_by_weight_says_its_grams_and_the_price_of_a_kilogram(receipt: Receipt):
    row = msgspec.structs.replace(receipt.lines[0], mass_g=312, unit_price=1_199, amount=374)
    paper = msgspec.structs.replace(receipt, lines=(row,))
    assert "312 g × 11.99 per kg" in Page(render_receipt(paper, paid="charged")).text  # noqa: RUF001


def test_a_held_line_says_why_it_is_not_charged(receipt: Receipt):
    row = msgspec.structs.replace(receipt.lines[1], held=True, minimum_age=18)
    page = render_receipt(msgspec.structs.replace(receipt, lines=(row,)), paid="nothing owed")
    assert "Not charged: from 18 years, and we do not know your age" in Page(page).text
    assert "We were not sure enough" not in page


def test_a_class_whose_prices_contain_the_tax_says_so(receipt: Receipt):
    row = msgspec.structs.replace(receipt.lines[0], tax_included=True, tax=17)
    paper = msgspec.structs.replace(receipt, lines=(row,))
    assert "Included tax, food 0.17" in Page(render_receipt(paper, paid="charged")).text


def test_an_uncharged_line_pays_no_tax(receipt: Receipt):
    assert "Goods 2.58 Tax 0.00 Total" in Page(render_receipt(receipt, paid="charged")).text


@pytest.mark.parametrize(
    ("posterior", "words"),
    [(1.0, "We are sure"), (0.96, "Fairly sure"), (0.9, "Probably")],
)
def test_certainty_reads_in_words(receipt: Receipt, posterior: float, words: str):
    row = msgspec.structs.replace(receipt.lines[0], posterior=posterior)
    assert certainty(row) == words


def test_no_page_claims_to_be_certain(receipt: Receipt):
    row = msgspec.structs.replace(receipt.lines[0], posterior=1.0)
    page = render_receipt(msgspec.structs.replace(receipt, lines=(row,)), paid="charged")
    assert "over 99.9% certain" in Page(page).text


@pytest.mark.parametrize("paid", WORDS)
def test_a_page_is_whole_and_fetches_nothing(receipt: Receipt, paid):
    page = Page(render_receipt(receipt, paid=paid))
    assert (page.open, page.fetched) == ([], [])


def test_names_cannot_inject_markup(receipt: Receipt):
    row = msgspec.structs.replace(receipt.lines[0], name="<script>x</script>", causes=("<b>",))
    evil = msgspec.structs.replace(receipt, lines=(row,), account='"><img src=x>', store="<i>")
    page = Page(render_receipt(evil, paid="charged"))
    assert page.fetched == []
    assert "<script>x</script>" in page.text
    assert '"><img src=x>' in page.text


def test_times_are_utc(receipt: Receipt):
    stay = msgspec.structs.replace(
        receipt, entered_us=1_763_769_590_000_000, left_us=1_763_769_724_900_000
    )
    text = Page(render_receipt(stay, paid="charged")).text
    assert "21 November 2025, 23:59:50 to 22 November 2025, 00:02:04 UTC (2 min 14 s)" in text


def test_leaving_with_nothing_is_said_kindly(receipt: Receipt):
    empty = msgspec.structs.replace(receipt, lines=(), subtotal=0, tax=0, total=0)
    text = Page(render_receipt(empty, paid="nothing owed")).text
    assert "Nothing to pay" in text
    assert "You left with nothing" in text


def test_yen_are_written_without_a_point(receipt: Receipt):
    yen = msgspec.structs.replace(receipt, currency="JPY", currency_exponent=0)
    assert "Total 258 JPY" in Page(render_receipt(yen, paid="charged")).text
