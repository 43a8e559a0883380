"""What the API answers with. Most of it are the engine's own words, as they are kept."""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from fastapi.responses import JSONResponse

from store_engine.case_events import CaseOpened, Decision
from store_engine.catalog import Catalog
from store_engine.messages import LiveCart, Receipt
from store_engine.office.counter import Case
from store_engine.ports.accounts import AccountRow
from store_engine.ports.api import AuditEntry, DeviceState, Visit
from store_engine.ports.office import CaseRow
from store_engine.web.problems import CONTENT_TYPE, PROBLEM_SCHEMA

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Some of a list; `next` asks for those behind them, null when there are none."""

    items: list[T]
    next: int | None = None


class AccountSaid(msgspec.Struct, frozen=True, kw_only=True):
    """An account, without anything that opens a gate or pays."""

    account: str
    name: str
    role: str
    member: bool
    adult: bool
    blocked: str  # why, "" when they may come in
    created_us: int
    methods: list[str]  # names of payment methods, favourite first; tokens are never told
    credentials: int  # how many there are


class CaseSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case stands, with the evidence it was opened on."""

    case: str
    state: str
    opened: CaseOpened
    why: str  # it waits for a person
    decision: Decision | None
    decided_by: str
    amount: int  # minor units decided
    moved: int  # minor units that moved
    note: str  # what the shopper is told


class PaymentSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Where one payment of a receipt's party stands; all money in minor units."""

    payment: str
    state: str
    receipt: str
    currency: str
    exponent: int
    held: int
    owed: int
    captured: int
    refunded: int


class RefundSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a refund."""

    refund: str
    outcome: str
    amount: int  # minor units given back
    reason: str


class LinkSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Where a receipt's page is. Whoever has the address may read and contest it."""

    url: str


class PricesSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Prices that were put."""

    version: str
    from_: str = msgspec.field(name="from", default="visits that start from now on")


class CodeSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A code that opens a gate, once, for a short time."""

    code: str
    lifetime_s: int


class SubscriptionSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook subscription; its secret is told when it is made, and not again."""

    subscription: str
    url: str
    types: list[str]
    secret: str | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The front door is open."""

    status: str = "ok"


SAID: tuple[Any, ...] = (
    AccountSaid,
    CaseSaid,
    Catalog,
    CodeSaid,
    Health,
    LinkSaid,
    PaymentSaid,
    PricesSaid,
    Receipt,
    RefundSaid,
    SubscriptionSaid,
    Page[AccountSaid],
    Page[AuditEntry],
    Page[CaseRow],
    Page[DeviceState],
    Page[LiveCart],
    Page[PaymentSaid],
    Page[Receipt],
    Page[SubscriptionSaid],
    Page[Visit],
    Page[str],
)


class Words(JSONResponse):
    """JSON of the engine's words."""

    def render(self, content: Any) -> bytes:
        """Return a word as bytes."""
        return msgspec.json.encode(content)


def says(word: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a path that answers with `word`, or with a problem."""
    schema = msgspec.json.schema_components([word], ref_template=REFERENCE)[0][0]
    return {
        status: {
            "description": "as asked for",
            "content": {"application/json": {"schema": schema}},
        },
        **PROBLEMS,
    }


REFERENCE = "#/components/schemas/{name}"

PROBLEMS: Mapping[int | str, dict[str, Any]] = {
    "default": {
        "description": "refused: what, and the limit",
        "content": {CONTENT_TYPE: {"schema": dict(PROBLEM_SCHEMA)}},
    }
}


def schemas() -> dict[str, Any]:
    """Return the JSON schema of every word, by name."""
    return msgspec.json.schema_components(SAID, ref_template=REFERENCE)[1]


def case_said(case: Case) -> CaseSaid:
    """Return a case as it is told."""
    return CaseSaid(
        case=case.opened.case,
        state=case.state,
        opened=case.opened,
        why=case.why,
        decision=case.decision,
        decided_by=case.decided_by,
        amount=case.amount,
        moved=case.moved,
        note=case.note,
    )


def account_said(account: AccountRow, methods: Iterable[str], credentials: int) -> AccountSaid:
    """Return an account as it is told."""
    return AccountSaid(
        account=account.account,
        name=account.name,
        role=account.role,
        member=account.member,
        adult=account.adult,
        blocked=account.blocked,
        created_us=account.created_us,
        methods=list(methods),
        credentials=credentials,
    )
