"""The decision at the gate, once everything is known that it needs."""

from typing import NamedTuple

from store_engine.access.codes import Code
from store_engine.access.refusals import EXPIRED, REVOKED, UNKNOWN, USED_CODE, Refused, blocked
from store_engine.ports.accounts import AccountRow, CredentialRow


class Facts(NamedTuple):
    """What is known about somebody at the gate."""

    account: AccountRow | None
    credential: CredentialRow | None = None  # what they presented, unless a code
    code: Code | None = None  # the code they presented, found to be good
    used_for: str = ""  # entry that used the code up, "" when none did


class Admitted(NamedTuple):
    """Yes: who, and how many people on this credential."""

    account: AccountRow
    people: int

    @property
    def free(self) -> bool:
        """Whether they are at work: nothing is ever charged to them."""
        return bool(self.account.role)


def decide(facts: Facts, *, entry: str, time_us: int) -> Admitted | Refused:
    """Return whether somebody may come in. `entry` is what asks: its own code is no replay."""
    credential, account = facts.credential, facts.account
    if facts.used_for not in ("", entry):
        return USED_CODE
    if account is None or (credential is None and facts.code is None):
        return UNKNOWN
    if credential is not None and credential.revoked:
        return REVOKED
    if credential is not None and _is_over(credential, time_us):
        return EXPIRED
    if account.blocked:
        return blocked(account.blocked)
    return Admitted(account, facts.code.people if facts.code else _people(credential))


def _is_over(credential: CredentialRow, time_us: int) -> bool:
    return credential.expires_us is not None and time_us >= credential.expires_us


def _people(credential: CredentialRow | None) -> int:
    return 1 if credential is None else credential.people
