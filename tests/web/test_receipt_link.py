"""A shopper opens the page of a receipt, says that a line is wrong, and has the money back."""

import pytest

from tests.web.office_world import BREAD, CHEESE, MILK


@pytest.fixture
def paper(office):
    return office.shop()


@pytest.fixture
def said(office, paper):
    """Sends the form of a line and shows the page that follows."""

    def say(**form):
        answer = office.client.post(f"{office.link(paper)}/wrong", data=form)
        if answer.status_code != 303:
            return answer
        return office.client.get(answer.headers["location"].partition("#")[0])

    return say


def test_the_page_has_every_line_with_how_sure_we_are(office, paper):
    page = office.client.get(office.link(paper))
    assert page.status_code == 200
    for words in ("Milk", "We are sure", "Fairly sure", "Not charged: we were not sure", "Paid"):
        assert words in page.text
    assert page.text.count("This is wrong") == 3  # nothing to say against what was not charged


def test_a_small_claim_is_refunded_while_the_shopper_waits(office, paper, said):
    before = office.taken()
    page = said(gtin=MILK, claim="not_taken")
    assert "Refunded: 1.29 EUR" in page.text
    assert "Paid, and refunded in part" in page.text
    assert before - office.taken() == 129


def test_fewer_gives_back_the_share_that_was_paid(office, said):
    page = said(gtin=BREAD, claim="fewer", quantity="1")
    assert "Refunded: 2.00 EUR" in page.text  # half of 2 for 4.00


def test_a_large_claim_waits_for_a_person(office, paper, said):
    before = office.taken()
    assert "Somebody will look at it." in said(gtin=CHEESE, claim="not_taken").text
    assert office.taken() == before


def test_the_same_line_is_refunded_once_whatever_is_sent(office, said):
    before = office.taken()
    for claim in ("not_taken", "not_taken", "wrong_price", "fewer"):
        said(gtin=MILK, claim=claim)
    assert before - office.taken() == 129


def test_who_was_not_charged_for_something_says_what_and_how_many(office, paper, said):
    page = said(claim="not_charged", product="soap", quantity="2")
    assert "Somebody will look at it." in page.text
    (row,) = office.shops["shop"].casebook.cases(states=["waiting"])
    assert (row.claim, row.amount) == ("not_charged", 198)


def test_a_product_that_nobody_knows_is_for_a_person_to_price(office, said):
    assert "umbrella" in said(claim="not_charged", product="umbrella", quantity="1").text


@pytest.mark.parametrize(
    "form",
    [
        {"claim": "unsure"},
        {"claim": "refund me"},
        {"claim": "fewer", "gtin": MILK, "quantity": "-1"},
        {"claim": "other", "reason": "x" * 501},
        {"claim": "fewer", "gtin": MILK, "quantity": "99"},
        {"claim": "not_taken", "gtin": "1"},
    ],
)
def test_a_form_that_makes_no_sense_says_so_and_moves_nothing(office, paper, said, form):
    before = office.taken()
    answer = said(**form)
    assert answer.status_code in (409, 422)
    assert 'role="alert"' in answer.text
    assert office.taken() == before


def test_a_receipt_takes_only_so_many_cases(office, said):
    answers = [said(claim="other", reason=f"reason {n}") for n in range(21)]
    assert (answers[19].status_code, answers[20].status_code) == (200, 409)


def test_a_link_opens_one_receipt_and_nothing_else(office, paper):
    other = office.shop("bob")
    key = office.link(paper).rpartition("/")[2]
    assert office.client.get(f"/r/shop/{other.receipt}/{key}").status_code == 404
    assert office.client.get(f"/r/kiosk/{paper.receipt}/{key}").status_code == 404


def test_the_page_is_kept_by_no_cache_and_tells_no_other_site(office, paper):
    headers = office.client.get(office.link(paper)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe-inline" not in headers["content-security-policy"]


def test_the_page_has_no_inline_script_or_style(office, paper):
    text = office.client.get(office.link(paper)).text
    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text


def test_the_receipt_is_there_as_json_and_pdf_and_its_address_as_qr(office, paper):
    link = office.link(paper)
    assert office.client.get(f"{link}/json").json()["total"] == paper.total
    assert office.client.get(f"{link}/pdf").content.startswith(b"%PDF-")
    assert office.client.get(f"{link}/qr.svg").headers["content-type"] == "image/svg+xml"
