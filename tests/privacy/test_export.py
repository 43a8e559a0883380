import msgspec
import pytest
import sqlalchemy as sa

from store_engine.errors import RequestError
from tests.privacy.privacy_world import ADA, CARD, NAME, PRINTED, TEXT, TOKEN


@pytest.fixture
def told(shop):
    """The export of a person with three visits, and how to count rows."""
    shop.visits_of_ada()
    document = msgspec.json.decode(shop.privacy.export(ADA))

    def rows(table, where="1 = 1"):
        query = f'SELECT count(*) FROM "{table}" WHERE {where}'
        with shop.database.reading() as connection:
            return connection.execute(sa.text(query)).scalar_one()

    return document, rows


def test_it_says_who_they_are_how_they_pay_and_what_they_wrote(told):
    document, _ = told
    assert document["account"][0]["name"] == NAME
    assert document["payment_methods"][0]["token"] == TOKEN
    assert document["case_events"][0]["reason"] == TEXT


@pytest.mark.parametrize(
    ("section", "table", "where"),
    [
        ("visits", "parties", f"account = '{ADA}'"),
        ("credentials", "credentials", f"account = '{ADA}'"),
        (
            "receipts",
            "receipts",
            f"account IN (SELECT party FROM parties WHERE account = '{ADA}')",
        ),
    ],
)
def test_every_row_of_theirs_is_there(told, section, table, where):
    document, rows = told
    assert len(document[section]) == rows(table, where) > 0


def test_everything_that_is_not_bobs_is_there(told):
    document, rows = told
    bobs = "shop.door.0.3"
    for section, column in (("payments", "payment"), ("payment_events", "payment")):
        assert len(document[section]) == rows(section, f"{column} <> '{bobs}'") > 0
    assert len(document["case_events"]) == rows("case_events")
    assert len(document["visit_events"]) == rows("events", "visit NOT IN ('', 'door.0.3')") > 0
    assert "door.0.3" not in str(document)


def test_what_was_done_about_them_is_there(told):
    document, _ = told
    assert [entry["on"] for entry in document["audit"]] == [
        f"store=tiny account={ADA}",
        "receipt=door.0.0",
    ]


def test_no_hash_and_no_credential_is_there(shop):
    shop.visits_of_ada()
    document = shop.privacy.export(ADA).decode()
    for text in (CARD, PRINTED, shop.vault.handle(CARD), shop.vault.handle(PRINTED), '"digest"'):
        assert text not in document


def test_it_is_the_same_byte_for_byte_every_time(shop):
    shop.visits_of_ada()
    assert shop.privacy.export(ADA) == shop.privacy.export(ADA)


def test_a_stranger_has_none(shop):
    with pytest.raises(RequestError, match="account eve: not known here"):
        shop.privacy.export("eve")


@pytest.mark.parametrize(
    "text", [ADA, "augusta", TOKEN, PRINTED, "shop.door.0.0", "door.0.0"], ids=str
)
def test_a_person_is_found_by_what_leads_to_them(shop, text):
    shop.visits_of_ada()
    assert shop.privacy.find(text) == [ADA]


@pytest.mark.parametrize("text", ["", "%", "_", "qr-nobody", "' OR 1=1 --"])
def test_nobody_is_found_by_anything_else(shop, text):
    shop.visits_of_ada()
    assert shop.privacy.find(text) == []
