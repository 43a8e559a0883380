import threading

import msgspec
import pytest

from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.gate import SqlGateBook
from store_engine.errors import ConflictError
from store_engine.ports import Admission
from store_engine.ports.accounts import AccountRow, CodeKey, CredentialRow, Newcomer, VaultItem
from store_engine.ports.office import PaymentMethod
from store_engine.promotions import Shopper

ADA = AccountRow(account="ada", subject="s-ada", name="Ada", created_us=7)
ROB = AccountRow(account="rob", subject="s-rob", role="restocker", member=True, adult=True)
TOKEN = CredentialRow(handle="h:token:x", account="ada", kind="token", people=4, expires_us=9)
KEY = CodeKey(key="k", algorithm="ES256", issuer="us", public_pem="public", private_pem="private")
ANSWER = Admission(True, "shop.door-1.0.4", "", Shopper(adult=True, role="staff"), 3)


@pytest.fixture
def book(database):
    return SqlAccountBook(database)


@pytest.fixture
def gates(database):
    return SqlGateBook(database)


def test_an_account_comes_back_as_it_was_kept(book):
    book.add(Newcomer(ADA), Newcomer(ROB))
    assert [book.account("ada"), book.account_of_subject("s-rob")] == [ADA, ROB]


def test_who_is_not_there_is_nobody(book):
    assert [book.account("x"), book.account_of_subject("x"), book.credential("x")] == [None] * 3


def test_accounts_are_listed_page_by_page(book):
    for name in ("cem", "ada", "bea"):
        book.add(Newcomer(AccountRow(account=name, subject=name)))
    assert [one.account for one in book.accounts(limit=2)] == ["ada", "bea"]
    assert [one.account for one in book.accounts(after="bea")] == ["cem"]


def test_an_account_is_kept_whole_or_not_at_all(book):
    book.add(Newcomer(ADA, [TOKEN]))
    taken = msgspec.structs.replace(TOKEN, account="rob")
    with pytest.raises(ConflictError):
        book.add(Newcomer(ROB, [taken]))
    assert book.account("rob") is None


def test_many_accounts_are_kept_together_or_not_at_all(book):
    with pytest.raises(ConflictError):
        book.add(Newcomer(ROB), Newcomer(ADA), Newcomer(ADA))
    assert book.accounts() == []


def test_a_change_replaces_what_was_there(book):
    book.add(Newcomer(ADA))
    book.change(msgspec.structs.replace(ADA, blocked="unpaid"))
    assert book.account("ada").blocked == "unpaid"


def test_methods_keep_their_order_and_can_be_forgotten(book):
    book.add(Newcomer(ADA, (), [PaymentMethod("m1", "tok_1"), PaymentMethod("m2", "tok_2")]))
    book.add_method("ada", PaymentMethod("m3", "tok_3"))
    book.remove_method("ada", "m2")
    assert book.methods_of("ada") == [PaymentMethod("m1", "tok_1"), PaymentMethod("m3", "tok_3")]


def test_nobody_can_remove_what_is_somebody_elses(book):
    book.add(Newcomer(ADA, (), [PaymentMethod("m1", "tok_1")]))
    book.remove_method("rob", "m1")
    assert book.methods_of("ada") == [PaymentMethod("m1", "tok_1")]


def test_a_credential_is_found_by_its_handle_and_can_be_revoked(book):
    book.add(Newcomer(ADA))
    book.add_credential(TOKEN)
    assert book.credential(TOKEN.handle) == TOKEN
    book.revoke(TOKEN.handle)
    assert [one.revoked for one in book.credentials_of("ada")] == [True]


def test_a_credential_belongs_to_one_account(book):
    book.add(Newcomer(ADA, [TOKEN]))
    with pytest.raises(ConflictError):
        book.add_credential(TOKEN)


def test_parties_can_be_told_apart_as_long_as_they_are_known(book, database):
    SqlBooks(database).bind(party="p1", account="ada", store="shop", time_us=0)
    assert book.who_are(["p1", "p2"]) == {"p1": "ada"}


# ---- gates


def test_the_first_secret_stays(gates):
    assert gates.secret(b"first") == b"first"
    assert gates.secret(b"second") == b"first"


def test_a_key_can_be_retired(gates):
    gates.put_key(KEY)
    retired = msgspec.structs.replace(KEY, private_pem="", retired_us=5)
    gates.put_key(retired)
    assert gates.code_keys() == {"k": retired}


def test_a_code_belongs_to_the_entry_that_used_it_first(gates):
    assert gates.use_code("k/1", entry="one", expires_us=9) == "one"
    assert gates.use_code("k/1", entry="two", expires_us=9) == "one"
    assert gates.use_code("k/1", entry="one", expires_us=9) == "one"


def test_of_many_gates_at_one_moment_one_has_the_code(gates):
    answers = []

    def use(entry):
        answers.append((entry, gates.use_code("k/1", entry=entry, expires_us=9)))

    threads = [threading.Thread(target=use, args=(f"entry-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len({has_it for _, has_it in answers}) == 1


def test_the_first_answer_to_an_entry_stays(gates):
    assert gates.answer("entry") is None
    assert gates.keep_answer("entry", ANSWER, time_us=1) == ANSWER
    refused = Admission(accepted=False, account="", reason="late")
    assert gates.keep_answer("entry", refused, time_us=2) == ANSWER
    assert gates.answer("entry") == ANSWER


def test_what_is_put_away_can_be_looked_up_until_it_is_thrown_away(gates):
    item = VaultItem("h:code:x", "eyJ...", 5)
    gates.put_away(item)
    gates.put_away(item._replace(kept_us=6))
    assert gates.look_up("h:code:x") == item._replace(kept_us=6)
    gates.throw_away("h:code:x")
    assert gates.look_up("h:code:x") is None


def test_what_is_over_is_forgotten(gates):
    gates.put_away(VaultItem("old", "c", 1))
    gates.put_away(VaultItem("new", "c", 2))
    gates.keep_answer("old", ANSWER, time_us=1)
    gates.use_code("old", entry="e", expires_us=1)
    gates.forget(vault_us=2, answers_us=2, codes_us=2)
    assert (gates.look_up("old"), gates.answer("old")) == (None, None)
    assert gates.look_up("new") is not None
    assert gates.use_code("old", entry="another", expires_us=9) == "another"
