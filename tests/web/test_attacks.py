"""None of the attempts in `attacks.py` gets through, and none changes anything."""

import pytest
import sqlalchemy as sa

from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.tables import metadata
from tests.web.attacks import CARD, attacks, described
from tests.web.office_world import MILK, OfficeWorld

UNMOVED = ("accounts", "cases", "credentials", "payment_events", "payment_methods", "price_books",
           "subscriptions", "receipts", "events")  # fmt: skip


def counts(database):
    with database.reading() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[name]))
            for name in UNMOVED
        }


class Campaign:
    """Every attempt, made once."""

    def __init__(self, folder):
        database = open_database(sqlite_url(folder / "office.sqlite"))
        office = OfficeWorld(database)
        tried = list(attacks(office))
        self.before = counts(database)
        with office.client:  # one event loop for all of them: twice as fast
            self.through = [described(one) for one in tried if not self.refused(office, one)]
        self.after = counts(database)
        self.tried = len(tried)
        self.tokens = {token for one in tried if len(token := token_of(one)) > 40}
        database.close()
        self.kept = b"".join(path.read_bytes() for path in folder.iterdir())

    def refused(self, office, attack):
        answer = office.client.request(attack.method, attack.path, **attack.how)
        kind = answer.headers["content-type"]
        said = kind.startswith(("application/problem+json", "text/html"))
        return said and answer.status_code in attack.refused_by


def token_of(attack):
    return attack.how.get("headers", {}).get("Authorization", "").partition(" ")[2]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    return Campaign(tmp_path_factory.mktemp("campaign"))


def test_no_attempt_gets_through(campaign):
    print(f"{campaign.tried} attempts, {len(campaign.through)} through")  # noqa: T201
    assert campaign.through == []
    assert campaign.tried > 1_000


def test_no_attempt_changes_anything(campaign):
    assert campaign.after == campaign.before


def test_no_byte_of_the_database_is_a_card_number_or_a_token(campaign):
    assert CARD.encode() not in campaign.kept
    assert [text for text in campaign.tokens if text.encode() in campaign.kept] == []


def test_what_a_shopper_writes_cannot_inject_markup(office):
    paper = office.shop()
    evil = '"><script>alert(1)</script>'
    for form in ({"claim": "other"}, {"claim": "wrong_price", "gtin": MILK}):
        office.client.post(f"{office.link(paper)}/wrong", data={**form, "reason": evil})
    page = office.client.get(office.link(paper)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_host_header_changes_no_link(office):
    paper = office.shop()
    path = f"/v1/stores/shop/receipts/{paper.receipt}/link"
    headers = {**office.token(), "Host": "mallory.example", "X-Forwarded-Host": "mallory.example"}
    assert (
        office.client.get(path, headers=headers).json()["url"].startswith("https://shop.example/")
    )


def test_a_refund_that_is_sent_again_moves_money_once(office):
    paper, headers = office.shop(), office.token("support")
    before = office.taken()
    body = {"receipt": paper.receipt, "refund": "r1", "amount": 100, "reason": "spoilt"}
    answers = [
        office.client.post("/v1/stores/shop/refunds", json=body, headers=headers) for _ in range(3)
    ]
    assert [answer.json()["outcome"] for answer in answers] == ["done"] * 3
    assert before - office.taken() == 100
