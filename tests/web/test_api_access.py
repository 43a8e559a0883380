"""Who may ask for what; what is noted; how often one may ask."""

import pytest

from store_engine.errors import RequestError
from tests.web.office_world import MILK, OfficeWorld, Rates


def test_a_token_is_shown_once_and_kept_as_a_hash(office):
    token, text = office.tokens.create("eva", role="support", stores=["shop"])
    assert text not in str(office.tokens.tokens())
    assert office.tokens.check(text) == token


def test_an_expired_or_revoked_token_is_none(office):
    _, text = office.tokens.create("eva", role="support", stores=["shop"], lifetime_s=60.0)
    office.pass_s(59)
    assert office.tokens.check(text) is not None
    office.pass_s(1)
    assert office.tokens.check(text) is None
    other, text = office.tokens.create("eva", role="support", stores=["shop"])
    office.tokens.revoke(other.token)
    assert office.tokens.check(text) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"stores": []},
        {"stores": ["*", "shop"]},
        {"account": "ada"},
        {"role": "shopper"},
        {"scopes": ["accounts:write"]},
        {"lifetime_s": 367 * 86_400.0},
        {"holder": ""},
    ],
)
def test_a_token_that_makes_no_sense_is_refused(office, wrong):
    usual = {"holder": "eva", "role": "reviewer", "stores": ["shop"]}
    named = {**usual, **wrong}
    with pytest.raises(RequestError, match="token"):
        office.tokens.create(named.pop("holder"), **named)


def test_a_shopper_sees_their_own_receipts_visits_and_cart(office):
    ours = office.shop("ada")
    office.shop("bob")
    inside, _ = office.come_in("ada")
    headers = office.token("shopper", account="ada")
    base = "/v1/stores/shop"

    def items(what, key):
        said = office.client.get(f"{base}/{what}", headers=headers).json()["items"]
        return [item[key] for item in said]

    assert items("receipts", "receipt") == [ours.receipt]
    assert items("visits", "visit") == [inside, ours.visit]
    assert items("carts", "visit") == [inside]


def test_a_list_goes_on_where_the_page_before_ended(office):
    papers = [office.shop("ada") for _ in range(3)]
    headers, path = office.token(), "/v1/stores/shop/receipts?limit=2"
    first = office.client.get(path, headers=headers).json()
    rest = office.client.get(f"{path}&before={first['next']}", headers=headers).json()
    got = [item["receipt"] for item in (*first["items"], *rest["items"])]
    assert got == [paper.receipt for paper in reversed(papers)]


def test_a_reviewer_answers_the_queue_and_the_shopper_reads_it(office):
    paper = office.shop()
    form = {"claim": "other", "reason": "it was spoilt"}
    office.client.post(f"{office.link(paper)}/wrong", data=form)
    headers = office.token("reviewer", stores=["shop"])
    path = "/v1/stores/shop/cases"
    (row,) = office.client.get(f"{path}?state=waiting", headers=headers).json()["items"]
    answer = {"decision": "refund", "amount": 500}
    done = office.client.post(f"{path}/{row['case']}/answer", json=answer, headers=headers)
    assert (done.json()["state"], done.json()["moved"]) == ("closed", 500)
    assert "Refunded: 5.00 EUR" in office.client.get(office.link(paper)).text


def test_an_evidence_of_a_case_are_the_recorded_messages_behind_the_line(office):
    paper, headers = office.shop(), office.token()
    path = f"/v1/stores/shop/receipts/{paper.receipt}/cases"
    said = office.client.post(path, json={"claim": "not_taken", "gtin": MILK}, headers=headers)
    assert said.json()["opened"]["evidence"] == ["shelf-1/0/17", "tracker/0/410"]


def test_who_did_what_is_noted_without_bodies_and_keys(office):
    paper = office.shop()
    token, text = office.tokens.create("eva", role="admin", stores=["*"])
    body = {"receipt": paper.receipt, "refund": "r1", "amount": 1, "reason": "a secret reason"}
    headers = {"Authorization": f"Bearer {text}"}
    office.client.post("/v1/stores/shop/refunds", json=body, headers=headers)
    office.client.post(f"{office.link(paper)}/wrong", data={"claim": "other"})
    office.client.get("/v1/stores", headers={"Authorization": "Bearer set_forged"})
    forged, contest, refund = office.audit.entries()
    assert (refund.who, refund.outcome) == (token.token, 200)
    assert (refund.what, refund.on) == ("POST /v1/stores/{store}/refunds", "store=shop")
    assert (contest.who, contest.outcome) == ("receipt link", 303)
    assert contest.on == f"store=shop receipt={paper.receipt}"
    assert (forged.who, forged.outcome) == ("nobody known", 401)


def test_whoever_asks_too_often_is_told_when_to_come_back(office):
    slow = OfficeWorld(office.database, rates=Rates(per_token_s=0.5, token_burst=3.0))
    headers = slow.token()
    answers = [slow.client.get("/v1/stores", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["retry-after"]) in (1, 2)


def test_guessing_tokens_soon_ends(office):
    slow = OfficeWorld(office.database, rates=Rates(per_address_s=1.0, address_burst=50.0))
    forged = {"Authorization": "Bearer set_forged"}
    statuses = [slow.client.get("/v1/stores", headers=forged).status_code for _ in range(10)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert statuses.count(401) <= 5


def test_a_database_that_fails_is_said_to_be_away_for_now(office):
    headers = office.token()
    with office.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE receipts")
    answer = office.client.get("/v1/stores/shop/receipts", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "receipts" not in answer.text
