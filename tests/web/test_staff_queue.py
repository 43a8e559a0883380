"""People answer what waits, on a page that only their token opens."""

import pytest

from tests.web.office_world import CHEESE


@pytest.fixture
def paper(office):
    paper = office.shop()
    form = {"claim": "not_taken", "gtin": CHEESE, "reason": "<b>never</b>"}
    office.client.post(f"{office.link(paper)}/wrong", data=form)
    return paper


@pytest.fixture
def staff(office):
    """A browser that has logged in, for one store."""
    text = office.token("reviewer", stores=["shop"])["Authorization"].partition(" ")[2]
    answer = office.client.post("/staff", data={"token": text})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    office.client.cookies.set("office", text)
    return office.client


def test_the_queue_shows_the_claim_and_its_evidence(staff, paper):
    page = staff.get("/staff/shop").text
    assert "I did not take this: 1 of 1 x Cheese" in page
    assert "shelf-1/0/17" in page
    assert "&lt;b&gt;never&lt;/b&gt;" in page


def test_an_answer_moves_the_money_and_empties_the_queue(office, staff, paper):
    before = office.taken()
    case = f"{paper.receipt}/{CHEESE}"
    form = {"case": case, "decision": "refund", "amount": "1899"}
    assert staff.post("/staff/shop/answer", data=form).status_code == 303
    assert "0 cases wait" in staff.get("/staff/shop").text
    assert before - office.taken() == 1_899


def test_an_answer_that_cannot_be_says_why(office, staff, paper):
    case = f"{paper.receipt}/{CHEESE}"
    form = {"case": case, "decision": "refund", "amount": "999999"}
    answer = staff.post("/staff/shop/answer", data=form)
    assert answer.status_code == 409
    assert "a refund is from 1 to 2428" in answer.text


def test_another_store_is_not_found(staff, paper):
    assert staff.get("/staff/kiosk").status_code == 404
    form = {"case": f"{paper.receipt}/{CHEESE}", "decision": "close"}
    assert staff.post("/staff/kiosk/answer", data=form).status_code == 404


@pytest.mark.parametrize("role", ["back_end", "device_manager"])
def test_a_token_that_cannot_answer_opens_nothing(office, paper, role):
    text = office.token(role)["Authorization"].partition(" ")[2]
    assert office.client.post("/staff", data={"token": text}).status_code == 401
    office.client.cookies.set("office", text)
    assert office.client.get("/staff/shop").status_code == 401


def test_without_a_token_there_is_only_the_question_for_one(office, paper):
    assert "Your token" in office.client.get("/staff").text
    assert office.client.get("/staff/shop").status_code == 401
    assert office.client.post("/staff/shop/answer", data={}).status_code == 401
