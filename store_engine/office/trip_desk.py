"""The desk of a shop whose retailer decides who comes in (port `Accounts`).

    code ─▶ pattern ─▶ retailer: who is it? ───────────────────────────▶ party
    card ─▶ our own list of cards ─▶ retailer: may they? ─▶ till: hold ─▶ party

A code is a person of the retailer's: nothing is held here, the retailer charges them. A card pays
through the till, when the retailer says so. Like `Desk`, every step may be taken again by the same
entry, and the answer to an entry is kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from store_engine.access import Admitted, Facts, Refused, decide
from store_engine.access.refusals import CARD_NUMBER, LOST, TOO_LATE, UNKNOWN
from store_engine.errors import ConflictError
from store_engine.office.desk import (
    ANSWERS_KEPT_S,
    PARTIES_TRIED,
    TIDY_EVERY_S,
    WAIT_S,
    Entry,
    Parties,
    party_of,
)
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
from store_engine.ports.trips import (
    Authorised,
    Presentation,
    Retailer,
    TripBook,
    TripEntry,
    TurnedAway,
    Visitor,
    VisitorKind,
)
from store_engine.promotions import Shopper
from store_engine.units import seconds_between, to_us

VISITOR = "visitor-"  # begins the account of somebody whom only the retailer knows
BUSY = Refused("the visit before is being settled; please try again")
FOREIGN_CODE = Refused("not a code of this retailer")


class Holds(Protocol):
    """The till, as this desk sees it."""

    def open(self, *, party: str, store: str, entry: str, time_us: int, hold: int) -> Entry:
        """Open the payment of a party and hold money. Raises `UnreachableError`."""
        ...


@dataclass(frozen=True, kw_only=True)
class TripDeskRules:
    """What the shopkeeper decides about entries."""

    store: str
    hold: int  # minor units held on a card, unless the retailer says otherwise
    code_pattern: str = ""  # a regular expression for whole codes; others are never passed on
    authorise_cards: bool = True  # ask the retailer; else every card comes in that can be held on
    associates_pay: bool = False  # the retailer's people shop like others; else they are at work


class TripDesk:
    """Answers entries. Any number of threads may ask at once."""

    def __init__(
        self,
        *,
        rules: TripDeskRules,
        retailer: Retailer,
        trips: TripBook,
        accounts: AccountBook,
        gates: GateBook,
        parties: Parties,
        till: Holds,
        vault: Vault,
        now_us: Callable[[], int],
    ) -> None:
        self._rules = rules
        self._pattern = re.compile(rules.code_pattern or ".*", re.DOTALL)
        self._retailer = retailer
        self._trips = trips
        self._accounts = accounts
        self._gates = gates
        self._parties = parties
        self._till = till
        self._vault = vault
        self._now_us = now_us
        self._tidied_us = 0

    def admit(self, credential: str, *, time_us: int, entry: str) -> Admission:
        """Return who comes in on a credential (its handle), or why nobody does.

        Raises:
            UnreachableError: the retailer or the provider cannot be asked; ask again with the same
                entry, until nobody waits any more.
            RecordsError: the store of record fails; likewise.
        """
        known = self._gates.answer(entry)
        if known is not None:
            return known
        handle = credential if is_handle(credential) else self._vault.take(credential)
        judged = self._judge(handle, Presentation(entry, "", time_us))
        answer = _refused(judged.reason) if isinstance(judged, Refused) else judged
        answer = self._gates.keep_answer(entry, answer, time_us=time_us)
        if kind_of_handle(handle) == "card":  # a code is kept a while: a group shows it in turn,
            self._vault.throw_away(handle)  # and each time the retailer is asked
        self._tidy()
        return answer

    def _judge(self, handle: str, at: Presentation) -> Admission | Refused:
        if seconds_between(at.time_us, self._now_us()) > WAIT_S:
            return TOO_LATE
        match kind_of_handle(handle):
            case "card number":
                return CARD_NUMBER
            case "card":
                return self._judge_card(handle, at)
            case _:
                return self._judge_code(handle, at)

    # ---- by code ------------------------------------------------------------------------------

    def _judge_code(self, handle: str, at: Presentation) -> Admission | Refused:
        code = self._vault.reveal(handle)
        if code is None:
            return LOST
        if not self._pattern.fullmatch(code):
            return FOREIGN_CODE
        visitor = self._retailer.identify(code, at)
        if isinstance(visitor, TurnedAway):
            return Refused(visitor.reason)
        party = self._bind(f"{VISITOR}{visitor.visitor}", at)
        self._note(party, at, visitor.kind)
        return Admission(True, party, "", self._shopper(visitor))

    def _shopper(self, visitor: Visitor) -> Shopper:
        at_work = visitor.kind == "associate" and not self._rules.associates_pay
        return Shopper(role="staff" if at_work else "")

    # ---- by card ------------------------------------------------------------------------------

    def _judge_card(self, handle: str, at: Presentation) -> Admission | Refused:
        credential = self._accounts.credential(handle) or self._make_guest(handle, at)
        if credential is None:
            return UNKNOWN
        account = self._accounts.account(credential.account)
        verdict = decide(Facts(account, credential), entry=at.entry, time_us=at.time_us)
        if isinstance(verdict, Refused):
            return verdict
        for _ in range(PARTIES_TRIED):
            party = self._bind(verdict.account.account, at)
            opened = self._hold(handle, at._replace(party=party))
            if isinstance(opened, Refused):
                self._let_go(party, at)
                return opened
            if opened.accepted:
                self._note(party, at, "shopper", by_card=True)
                return self._admission(verdict, party)
            if not opened.closed:
                return Refused(opened.reason)
        return BUSY

    def _hold(self, handle: str, at: Presentation) -> Entry | Refused:
        """Have the retailer authorise this tap, each one of a party, and hold what it says."""
        hold = self._rules.hold
        if self._rules.authorise_cards:
            decided = self._retailer.authorise(handle, at, hold=hold)
            if not isinstance(decided, Authorised):
                return Refused(decided.reason)
            hold = decided.hold
        return self._till.open(
            party=at.party,
            store=self._rules.store,
            entry=at.entry,
            time_us=at.time_us,
            hold=hold,
        )

    def _make_guest(self, handle: str, at: Presentation) -> CredentialRow | None:
        """Open an account for a card that nobody has: it pays, and is all that is known."""
        token = self._vault.reveal(handle)
        if token is None:
            return None
        name = handle.rpartition(":")[2]
        guest = AccountRow(account=f"guest-{name}", subject=f"guest-{name}", created_us=at.time_us)
        card = CredentialRow(handle=handle, account=guest.account, kind="card")
        try:
            self._accounts.add(Newcomer(guest, [card], [PaymentMethod(f"m-{name}", token)]))
        except ConflictError:  # the same card at another gate was a moment faster
            return self._accounts.credential(handle)
        return card

    def _admission(self, admitted: Admitted, party: str) -> Admission:
        account = admitted.account
        shopper = Shopper(member=account.member, adult=account.adult, role=account.role)
        return Admission(True, party, "", shopper, admitted.people)

    # ---- both ---------------------------------------------------------------------------------

    def _bind(self, account: str, at: Presentation) -> str:
        return self._parties.bind(
            party=party_of(at.entry), account=account, store=self._rules.store, time_us=at.time_us
        )

    def _let_go(self, party: str, at: Presentation) -> None:
        if party == party_of(at.entry):  # else somebody else is inside on it
            self._parties.part(party=party)

    def _note(
        self, party: str, at: Presentation, visitor: VisitorKind, *, by_card: bool = False
    ) -> None:
        entry = TripEntry(
            entry=at.entry,
            party=party,
            presented="card" if by_card else "code",
            visitor=visitor,
            time_us=at.time_us,
        )
        self._trips.note_entry(entry)

    def _tidy(self) -> None:
        now_us = self._now_us()
        if seconds_between(self._tidied_us, now_us) < TIDY_EVERY_S:
            return
        self._tidied_us = now_us
        answers_us = now_us - to_us(ANSWERS_KEPT_S)
        self._gates.forget(
            vault_us=self._vault.oldest_us(), answers_us=answers_us, codes_us=now_us - to_us(WAIT_S)
        )


def _refused(reason: str) -> Admission:
    return Admission(accepted=False, account="", reason=reason)
