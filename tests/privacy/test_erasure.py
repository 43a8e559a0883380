import base64
import logging
import sqlite3
from contextlib import closing

import pytest
import structlog

from store_engine.adapters.database.books_reading import told_payments
from store_engine.errors import RequestError
from store_engine.office.inspection import inspect
from store_engine.ports.privacy import ERASED
from tests.office.desk_world import STORE
from tests.privacy.byte_search import found_in, kept_in
from tests.privacy.privacy_world import (
    ADA,
    CARD,
    HOLDER,
    NAME,
    PRINTED,
    TEXT,
    TOKEN,
    PrivacyWorld,
)

KEPT_OPENLY = [ADA, NAME, TOKEN, TEXT, HOLDER]  # until they are erased
NEVER_KEPT = [CARD, PRINTED]  # from the very first moment on


@pytest.fixture
def world(tmp_path):
    log = (tmp_path / "engine.log").open("w")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(log),
    )
    world = PrivacyWorld(tmp_path)
    world.open_accounts()
    yield world
    world.close()
    structlog.reset_defaults()
    log.close()


def audited_on(world):
    with closing(sqlite3.connect(world.path)) as file:
        return [on for (on,) in file.execute('SELECT "on" FROM audit ORDER BY position')]


def test_before_an_erasure_the_search_finds_everything_that_is_kept_openly(world, tmp_path):
    world.visits_of_ada()
    world.settle_down()
    assert found_in(tmp_path, KEPT_OPENLY + NEVER_KEPT).keys() == set(KEPT_OPENLY)


def test_after_an_erasure_no_byte_of_any_file_has_them(world, tmp_path):
    code = world.visits_of_ada()
    subject = world.accounts.account(ADA).subject
    world.settle_down()
    assert world.privacy.erase(ADA).left == []
    assert {"office.sqlite", "engine.log"} <= kept_in(tmp_path).keys()
    assert any(name.endswith(".mcap") for name in kept_in(tmp_path))
    signature = code.rpartition(".")[2]
    assert found_in(tmp_path, [*KEPT_OPENLY, *NEVER_KEPT, subject, signature]) == {}


def test_no_handle_of_theirs_is_left_in_the_store_of_record(world, tmp_path):
    world.visits_of_ada()
    handles = [world.vault.handle(text) for text in (CARD, PRINTED)]
    world.settle_down()
    world.privacy.erase(ADA)
    found = found_in(tmp_path, handles)
    assert all(name.endswith(".mcap") for names in found.values() for name in names)


def test_the_erased_person_is_a_stranger_at_the_gate(world):
    world.visits_of_ada()
    world.settle_down()
    world.privacy.erase(ADA)
    assert world.tap(PRINTED).reason == "unknown credential"
    with pytest.raises(RequestError, match="not known"):
        world.privacy.export(ADA)


def test_receipts_and_payments_stay_and_their_figures_still_agree(world):
    world.visits_of_ada()
    before = world.reading.receipts(), [row for row, _ in told_payments(world.database)]
    world.settle_down()
    world.privacy.erase(ADA)
    after = world.reading.receipts(), [row for row, _ in told_payments(world.database)]
    assert after == before
    assert len(before[0]) == 4
    assert inspect(told_payments(world.database))[1] == []


def test_what_they_wrote_goes_and_what_was_refunded_stays(world):
    world.visits_of_ada()
    world.settle_down()
    world.privacy.erase(ADA)
    (case,) = world.casebook.cases()
    assert (case.amount, case.state) == (100, "closed")
    assert world.casebook.load(case.case)[0].reason == ERASED


def test_others_lose_nothing(world):
    world.visits_of_ada()
    world.settle_down()
    before = world.persons.everything("bob")
    world.privacy.erase(ADA)
    assert world.persons.everything("bob") == before
    assert world.tap("qr-bob", entry=f"{STORE}/door.9.9/entry_requested").accepted


def test_the_audit_log_says_that_something_was_done_but_not_on_whom(world):
    world.visits_of_ada()
    world.settle_down()
    world.privacy.erase(ADA)
    on = audited_on(world)
    assert on[0] == f"store=tiny account={ERASED}"
    assert on[1] == "account=acc-lovelace"  # somebody else


def test_an_account_whose_id_begins_like_theirs_stays_in_the_audit_log(world):
    world.registry.add("acc")
    world.use_the_api("r")
    world.privacy.erase("acc")
    assert audited_on(world)[:2] == [f"store=tiny account={ADA}", "account=acc-lovelace"]


@pytest.mark.parametrize("text", KEPT_OPENLY)
@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(b"x" + text.encode() + b"y"),
        lambda text: base64.urlsafe_b64encode(b"xy" + text.encode()),
    ],
)
def test_the_search_finds_texts_however_they_are_spelled(tmp_path, text, spelled):
    (tmp_path / "file").write_bytes(b"\0\0" + spelled(text) + b"\0\0")
    assert found_in(tmp_path, [text]) == {text: ["file"]}
