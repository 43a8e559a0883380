"""The desk: may they come in, and whom does the engine know them as (port `Accounts`).

Finds out what the decision in `access` needs, and acts on it: binds the account to a party, the
pseudonym that everything else knows, and has the till open the party's payment. Every step may be
cut short and is then taken again by the same entry, with the same result: a code is used by an
entry, a party is named after it, a payment is opened under it, and its answer is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import msgspec
import structlog

from store_engine.access import Admitted, Facts, Refused, decide, read_code
from store_engine.access.refusals import CARD_NUMBER, LOST, NO_PAYMENTS, TOO_LATE, UNKNOWN
from store_engine.errors import ConflictError, UnreachableError
from store_engine.office.handles import is_handle, kind_of_handle
from store_engine.office.vault import Vault
from store_engine.ports import Admission
from store_engine.ports.accounts import (
    AccountBook,
    AccountRow,
    CredentialRow,
    GateBook,
    Newcomer,
)
from store_engine.ports.office import PaymentMethod
from store_engine.promotions import Shopper, Voucher
from store_engine.units import seconds_between, to_us

WAIT_S = 60.0  # nobody stands at a gate for longer; the door stops waiting after 20 s (guess)
ANSWERS_KEPT_S = 86_400.0  # an entry is asked again within seconds of a restart (guess: a day)
TIDY_EVERY_S = 60.0  # forgetting what is over (guess)
PARTIES_TRIED = 3  # each one closed in the very moment of joining it: once is rare (guess)

_log = structlog.get_logger(__name__)


class Entry(Protocol):
    """What the till says about an opened payment."""

    @property
    def accepted(self) -> bool:
        """Whether they may come in."""
        ...

    @property
    def closed(self) -> bool:
        """The party's visit is being settled: the account needs a new party."""
        ...

    @property
    def reason(self) -> str:
        """Why they may not."""
        ...


class OpensPayments(Protocol):
    """The till, as the desk sees it."""

    def open(self, *, party: str, store: str, entry: str, time_us: int, free: bool) -> Entry:
        """Open the payment of a party and hold money, unless it is open or `free`.

        Raises:
            UnreachableError: it is not known yet if something is held.
        """
        ...

    def give_up(self, party: str, *, entry: str) -> None:
        """Let go of what is held, or will be: nobody comes in."""
        ...


class Parties(Protocol):
    """Whom the engine knows as what (part of the port `Books`)."""

    def bind(self, *, party: str, account: str, store: str, time_us: int) -> str:
        """Return the open party of an account in a store: an earlier one, or `party`."""
        ...

    def part(self, *, party: str) -> None:
        """Close a party."""
        ...


class Vouchers(Protocol):
    """What people bring, beside themselves."""

    def present(self, account: str, *, entry: str, time_us: int) -> tuple[Voucher, ...]:
        """Keep what an account may redeem for the visit of an entry, and return it."""
        ...

    def tidy(self) -> int:
        """Let go of what was kept for entries that led to no visit; return how many."""
        ...


class _OnTrust(NamedTuple):
    """They may come in although nobody knows if anything is held."""

    accepted: bool = True
    closed: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class DeskRules:
    """What the shopkeeper decides about entries."""

    store: str
    unknown_cards: Literal["refuse", "guest"] = "refuse"  # guest: the card pays, no account needed
    unreachable_provider: Literal["refuse", "admit"] = "refuse"  # admit: without a hold


class Desk:
    """Answers entries. Any number of threads may ask at once."""

    def __init__(
        self,
        *,
        rules: DeskRules,
        accounts: AccountBook,
        gates: GateBook,
        parties: Parties,
        till: OpensPayments,
        vault: Vault,
        now_us: Callable[[], int],
        vouchers: Vouchers | None = None,  # None: a shop without any
    ) -> None:
        self._rules = rules
        self._accounts = accounts
        self._gates = gates
        self._parties = parties
        self._till = till
        self._vault = vault
        self._now_us = now_us
        self._vouchers = vouchers
        self._tidied_us = 0

    def admit(self, credential: str, *, time_us: int, entry: str) -> Admission:
        """Return who comes in on a credential (its handle), or why nobody does.

        Raises:
            RecordsError: the store of record fails; ask again with the same entry.
        """
        known = self._gates.answer(entry)
        if known is not None:
            return known
        handle = credential if is_handle(credential) else self._vault.take(credential)
        verdict = self._judge(handle, entry, time_us)
        if isinstance(verdict, Admitted):
            answer = self._let_in(verdict, entry, time_us)
        else:
            answer = _refused(verdict.reason)
        answer = self._gates.keep_answer(entry, answer, time_us=time_us)
        self._vault.throw_away(handle)
        self._tidy()
        return answer

    # ---- who is it ----------------------------------------------------------------------------

    def _judge(self, handle: str, entry: str, time_us: int) -> Admitted | Refused:
        if seconds_between(time_us, self._now_us()) > WAIT_S:
            return TOO_LATE
        match kind_of_handle(handle):
            case "card number":
                return CARD_NUMBER
            case "code":
                return self._judge_code(handle, entry, time_us)
            case _:
                return self._judge_credential(handle, entry, time_us)

    def _judge_code(self, handle: str, entry: str, time_us: int) -> Admitted | Refused:
        text = self._vault.reveal(handle)
        if text is None:
            return LOST
        code = read_code(text, self._gates.code_keys(), store=self._rules.store, time_us=time_us)
        if isinstance(code, Refused):
            return code
        account = self._accounts.account_of_subject(code.subject)
        verdict = decide(Facts(account, code=code), entry=entry, time_us=time_us)
        if isinstance(verdict, Refused):
            return verdict  # and the code stays good for when they may come in
        used_for = self._gates.use_code(code.code, entry=entry, expires_us=code.expires_us)
        return decide(Facts(account, code=code, used_for=used_for), entry=entry, time_us=time_us)

    def _judge_credential(self, handle: str, entry: str, time_us: int) -> Admitted | Refused:
        credential = self._accounts.credential(handle)
        if credential is None and self._rules.unknown_cards == "guest":
            credential = self._make_guest(handle, time_us)
        if credential is None:
            return UNKNOWN
        account = self._accounts.account(credential.account)
        return decide(Facts(account, credential), entry=entry, time_us=time_us)

    def _make_guest(self, handle: str, time_us: int) -> CredentialRow | None:
        """Open an account for a card that nobody has: it pays, and is all that is known."""
        token = self._vault.reveal(handle) if kind_of_handle(handle) == "card" else None
        if token is None:
            return None
        name = handle.rpartition(":")[2]
        guest = AccountRow(account=f"guest-{name}", subject=f"guest-{name}", created_us=time_us)
        card = CredentialRow(handle=handle, account=guest.account, kind="card")
        method = PaymentMethod(f"m-{name}", token)
        try:
            self._accounts.add(Newcomer(guest, [card], [method]))
        except ConflictError:  # the same card at another gate was a moment faster
            return self._accounts.credential(handle)
        return card

    # ---- let them in --------------------------------------------------------------------------

    def _let_in(self, admitted: Admitted, entry: str, time_us: int) -> Admission:
        account, store = admitted.account, self._rules.store
        for _ in range(PARTIES_TRIED):
            party = self._parties.bind(
                party=party_of(entry), account=account.account, store=store, time_us=time_us
            )
            opened = self._open(party, entry, time_us, free=admitted.free)
            if isinstance(opened, Refused):
                return _refused(opened.reason)
            if opened.accepted:
                shopper = self._shopper(admitted, entry, time_us)
                return Admission(True, party, "", shopper, admitted.people)
            if not opened.closed:
                return _refused(opened.reason)
        return _refused(opened.reason)

    def _shopper(self, admitted: Admitted, entry: str, time_us: int) -> Shopper:
        account = admitted.account
        shopper = Shopper(member=account.member, adult=account.adult, role=account.role)
        if self._vouchers is None or admitted.free:
            return shopper
        brought = self._vouchers.present(account.account, entry=entry, time_us=time_us)
        return msgspec.structs.replace(shopper, vouchers=brought)

    def _open(self, party: str, entry: str, time_us: int, *, free: bool) -> Entry | Refused:
        store = self._rules.store
        try:
            return self._till.open(
                party=party, store=store, entry=entry, time_us=time_us, free=free
            )
        except UnreachableError as error:
            _log.warning("no hold at entry", entry=entry, error=str(error))
        if self._rules.unreachable_provider == "admit":
            return _OnTrust()
        if party == party_of(entry):  # else somebody else is waiting for this very hold
            self._till.give_up(party, entry=entry)
            self._parties.part(party=party)
        return NO_PAYMENTS

    def _tidy(self) -> None:
        now_us = self._now_us()
        if seconds_between(self._tidied_us, now_us) < TIDY_EVERY_S:
            return
        self._tidied_us = now_us
        answers_us = now_us - to_us(ANSWERS_KEPT_S)
        self._gates.forget(
            vault_us=self._vault.oldest_us(), answers_us=answers_us, codes_us=now_us - to_us(WAIT_S)
        )
        if self._vouchers is not None:
            self._vouchers.tidy()


def party_of(entry: str) -> str:
    """Return the party that an entry begins: "shop/door-1.0.4/..." -> "shop.door-1.0.4".

    The visit that this entry would start is in its name, so a party is found by its visit.
    """
    return entry.removesuffix("/entry_requested").replace("/", ".")


def _refused(reason: str) -> Admission:
    return Admission(accepted=False, account="", reason=reason)
