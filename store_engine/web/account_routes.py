"""`/v1/accounts`: who may shop. Accounts belong to all stores, so only such tokens come here."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from store_engine.ports.accounts import PEOPLE_MAX, AccountRow
from store_engine.web.access import PLAIN, Behind, Name, needs_everywhere
from store_engine.web.doors import Doors
from store_engine.web.problems import ProblemError, not_found
from store_engine.web.words import AccountSaid, CodeSaid, Page, Words, account_said, says

CODE_S = 60  # an entry code from here is good for this long (guess: a walk to the gate)
Token = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=PLAIN)]

SEES = [Depends(needs_everywhere("accounts:read"))]
CHANGES = [Depends(needs_everywhere("accounts:write"))]

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])


class AccountBody(BaseModel):
    """Somebody new. Card numbers are refused wherever they stand."""

    model_config = ConfigDict(extra="forbid")

    account: Name
    name: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    role: Literal["", "staff", "picker", "restocker", "tester"] = ""
    member: bool = False
    adult: bool = False
    credentials: Annotated[list[Token], Field(max_length=20)] = []
    methods: Annotated[list[Token], Field(max_length=20)] = []  # the provider's tokens


class BlockBody(BaseModel):
    """Why somebody may not come in; empty: they may."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class MethodBody(BaseModel):
    """One more way to pay."""

    model_config = ConfigDict(extra="forbid")

    token: Token  # the payment provider's


class CodeBody(BaseModel):
    """What an entry code is for."""

    model_config = ConfigDict(extra="forbid")

    store: Name
    people: Annotated[int, Field(ge=1, le=PEOPLE_MAX, strict=True)] = 1


@router.get("", responses=says(Page[AccountSaid]), response_class=Words, dependencies=SEES)
def accounts(
    doors: Behind,
    after: Annotated[Name | None, Query(description="the last account of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List accounts by name."""
    rows = doors.accounts.accounts(after=after or "", limit=limit)
    return Words(Page(items=[_said(doors, row) for row in rows]))


@router.post(
    "",
    status_code=201,
    responses=says(AccountSaid, 201),
    response_class=Words,
    dependencies=CHANGES,
)
def add(body: AccountBody, doors: Behind) -> Response:
    """Open an account."""
    row = doors.registry.add(
        body.account,
        name=body.name,
        role=body.role,
        member=body.member,
        adult=body.adult,
        credentials=body.credentials,
        methods=body.methods,
    )
    return Words(_said(doors, row), 201)


@router.get("/{account}", responses=says(AccountSaid), response_class=Words, dependencies=SEES)
def account(account: Name, doors: Behind) -> Response:
    """Show an account."""
    return Words(_said(doors, _known(doors, account)))


@router.post(
    "/{account}/block", responses=says(AccountSaid), response_class=Words, dependencies=CHANGES
)
def block(account: Name, body: BlockBody, doors: Behind) -> Response:
    """Let an account in no more, or again."""
    _known(doors, account)
    doors.registry.block(account, body.why)
    return Words(_said(doors, _known(doors, account)))


@router.post(
    "/{account}/methods", responses=says(AccountSaid), response_class=Words, dependencies=CHANGES
)
def add_method(account: Name, body: MethodBody, doors: Behind) -> Response:
    """Let an account pay in one more way, by the provider's token."""
    _known(doors, account)
    doors.registry.add_method(account, body.token)
    return Words(_said(doors, _known(doors, account)))


@router.delete(
    "/{account}/methods/{method}",
    responses=says(AccountSaid),
    response_class=Words,
    dependencies=CHANGES,
)
def remove_method(account: Name, method: Name, doors: Behind) -> Response:
    """Forget a way to pay."""
    _known(doors, account)
    doors.accounts.remove_method(account, method)
    return Words(_said(doors, _known(doors, account)))


@router.post(
    "/{account}/codes",
    status_code=201,
    responses=says(CodeSaid, 201),
    response_class=Words,
    dependencies=CHANGES,
)
def issue_code(account: Name, body: CodeBody, doors: Behind) -> Response:
    """Make an entry code: short-lived, good once, for one store."""
    _known(doors, account)
    if body.store not in doors.shops:
        raise ProblemError(422, "store: not one of those behind this door")
    code = doors.registry.issue_code(
        account, store=body.store, people=body.people, lifetime_s=CODE_S
    )
    return Words(CodeSaid(code=code, lifetime_s=CODE_S), 201)


def _known(doors: Doors, account: str) -> AccountRow:
    row = doors.accounts.account(account)
    if row is None:
        raise not_found("account")
    return row


def _said(doors: Doors, row: AccountRow) -> AccountSaid:
    methods = (method.method for method in doors.accounts.methods_of(row.account))
    return account_said(row, methods, len(doors.accounts.credentials_of(row.account)))
