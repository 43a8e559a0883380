"""What each table holds about a person, how long, and what erasing that person does to it.

A test compares this with the tables: a column that is not here fails it. docs/privacy.md tells the
same to people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from store_engine.ports.privacy import Kind

Holds: TypeAlias = Literal[
    "nothing",  # about a person
    "account",  # an account's id, or what leads to it and nothing else
    "about them",  # a name, a role, a mark
    "token",  # a provider's token
    "handle",  # a keyed hash of a credential
    "credential",  # as it was read
    "party",  # a pseudonym, or what is named after one: a visit, a receipt, a payment, a case
    "purchases",  # under a pseudonym
    "text",  # what a person wrote
    "staff",  # who at the shop did it, by the name of a token
    "any",  # bytes of a device
]
Erasing: TypeAlias = Literal[
    "deletes",  # the rows
    "clears",  # what leads to the person; the row stays
    "keeps",  # nothing in it leads to the person once the rest is gone
    "waits",  # is refused while the engine still needs it; then there is nothing to do
]
Until: TypeAlias = Literal[
    "erased",  # or unused for as long as links are kept
    "replaced",  # by what is newer
    "for good",
]


@dataclass(frozen=True, kw_only=True)
class Held:
    """One table."""

    columns: Mapping[str, Holds]
    kept: Kind | Until
    erasing: Erasing


_NOTHING: Holds = "nothing"


def _held(kept: Kind | Until, erasing: Erasing, /, *nothing: str, **columns: Holds) -> Held:
    """Return one table: columns that hold nothing about a person, and the others."""
    return Held(columns=dict.fromkeys(nothing, _NOTHING) | columns, kept=kept, erasing=erasing)


REGISTER: Mapping[str, Held] = {
    # ---- who somebody is
    "accounts": _held(
        "erased", "deletes", "created_us", account="account", subject="account", name="about them",
        role="about them", member="about them", adult="about them", blocked="text",
    ),
    "credentials": _held(
        "erased", "deletes", "kind", "people", "expires_us", "revoked",
        handle="handle", account="account",
    ),
    "payment_methods": _held(
        "erased", "deletes", "rank", method="account", account="account", token="token",  # noqa: S106 - a column
    ),
    "parties": _held(
        "links", "deletes", "store", "opened_us", "open", party="party", account="account",
    ),
    "api_tokens": _held(
        "tokens", "deletes", "digest", "role", "scopes", "stores", "created_us", "expires_us",
        "revoked_us", token="account", holder="about them", account="account",  # noqa: S106 - a column
    ),
    # ---- gates
    "vault": _held("vault", "deletes", "kept_us", handle="handle", credential="credential"),
    "entry_answers": _held("answers", "deletes", "time_us", entry="party", payload="party"),
    "used_codes": _held("answers", "keeps", "code", "expires_us", entry="party"),
    "code_keys": _held(
        "for good", "keeps", "key", "algorithm", "issuer", "public_pem", "private_pem",
        "created_us", "retired_us",
    ),
    "handle_secrets": _held("for good", "keeps", "name", "secret"),
    # ---- what engines keep
    "facts": _held("for good", "keeps", "store", "name", "value"),
    "journal": _held(
        "replaced", "waits", "position", "store", "received_us", "topic", payload="any",
    ),
    "snapshots": _held("replaced", "waits", "store", state="handle"),
    "events": _held(
        "events", "clears", "position", "store", "type", "time_us",
        event="party", visit="party", payload="handle",
    ),
    "outbox": _held("events", "keeps", "store", "state", event="party"),
    "dead_letters": _held(
        "refused payloads", "deletes", "position", "store", "received_us", "topic",
        payload="any", reason="any",
    ),
    # ---- money
    "receipts": _held(
        "money", "keeps", "store", "left_us", "total", "currency",
        receipt="party", visit="party", account="party", payload="purchases",
    ),
    "payments": _held(
        "money", "keeps", "store", "state", "currency", "exponent", "held", "owed", "captured",
        "refunded", "updated_us", "try_at_us", "events", payment="party", waiting="party",
    ),
    "payment_events": _held(
        "money", "clears", "position", "type", "time_us",
        payment="party", ref="party", payload="text",
    ),
    "cases": _held(
        "money", "keeps", "store", "claim", "state", "amount", "at_once", "opened_us",
        "updated_us", "events", case="party", receipt="party", payment="party",
    ),
    "case_events": _held("money", "clears", "position", "type", "time_us", case="party",
                         payload="text"),
    "vouchers": _held(  # one that is used is nobody's: only its receipt says whose it was
        "money", "deletes", "voucher", "name", "amount", "rate_ppm", "currency", "exponent",
        "until_us", "issued_us", "void_us", "store", "kept_us", "used_us",
        account="account", receipt="party",
    ),
    "trip_entries": _held(
        "money", "keeps", "store", "presented", "visitor", "time_us", entry="party", party="party",
    ),
    "trip_places": _held("for good", "keeps", "store", "position"),
    "trips": _held(
        "money", "clears", "store", "position", "entered_us", "left_us", "items", "role", "state",
        trip="party", party="party", receipt="party", purchase="party", reason="text",
    ),
    "trip_orders": _held("money", "keeps", "total", "digest", "time_us", trip="party",
                         order="party"),
    "trip_refunds": _held(
        "money", "clears", "amount", "time_us", refund="party", trip="party", reason="text",
    ),
    "trip_settlements": _held("money", "keeps", "total", "settled", "time_us", trip="party"),
    # ---- who is told, who did what
    "notes": _held("notes", "clears", "position", "store", "written_by", name="party",
                   payload="text"),
    "subscriptions": _held("for good", "keeps", "subscription", "url", "secret", "types"),
    "subscription_places": _held(
        "for good", "keeps", "subscription", "feed", "position", "failing_since_us", "failures",
        "try_at_us", "stopped",
    ),
    "audit": _held("audit", "clears", "position", "time_us", "what", "outcome",
                   who="staff", on="account"),
    "api_secrets": _held("for good", "keeps", "name", "secret"),
    "price_books": _held(
        "for good", "keeps", "position", "store", "version", "put_us", "payload", by="staff",
    ),
}  # fmt: skip
