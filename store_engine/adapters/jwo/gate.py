"""Asks the retailer at the gate: who holds this code, may the holder of this card come in.

What is not a documented answer is no answer: the gate stays closed and the question is asked again
until nobody can be waiting any more.
"""

import msgspec

from store_engine.adapters.jwo.back_end import Answer, BackEnd
from store_engine.adapters.jwo.words import (
    IDENTITY_KEY_MAX,
    NAME_MAX,
    Amount,
    AuthEvent,
    Authorization,
    GateEvent,
    Identity,
    IdentityKeys,
    Interaction,
    Recommendation,
    RetailerTerms,
    ShopperIdentity,
    event_uuid,
    fresh_request_id,
    identity_key,
    instrument_uuid,
    timestamp,
    trip_id,
)
from store_engine.errors import UnreachableError
from store_engine.ports.trips import (
    Authorised,
    Presentation,
    TurnedAway,
    Visitor,
    major_units,
    minor_units,
)

IDENTITY_KEYS = "identity/identity-keys"
AUTHORIZATION = "fraudandabuse/shopperauthorization"

LONG_CODE = TurnedAway(f"code too long: {IDENTITY_KEY_MAX} characters in Base64 at most")
UNKNOWN_CODE = TurnedAway("unknown to the retailer")
BAD_QUESTION = TurnedAway("the retailer cannot read what was presented")
DENIED = TurnedAway("not authorised by the retailer")
WRONG_AMOUNT = TurnedAway("the retailer asked for a hold that cannot be made")

_identity = msgspec.json.Decoder(Identity).decode
_recommendation = msgspec.json.Decoder(Recommendation).decode


def ask_identity(
    back_end: BackEnd, terms: RetailerTerms, code: str, at: Presentation
) -> Visitor | TurnedAway:
    """Ask who the holder of a code is.

    Raises:
        UnreachableError: there is no answer, or none that is documented.
    """
    key = identity_key(code)
    if len(key) > IDENTITY_KEY_MAX:
        return LONG_CODE
    event = AuthEvent(id=event_uuid(at.entry), timestamp=timestamp(at.time_us), location="ENTRY")
    question = IdentityKeys(
        request_id=fresh_request_id(),
        identity_key=key,
        store_id=terms.store_id,
        auth_event=event,
        key_channel="OPTICAL",
    )
    answer = back_end.call(IDENTITY_KEYS, question)
    match answer.status:
        case 200:
            return _visitor(answer)
        case 401:
            return UNKNOWN_CODE
        case 400:
            return BAD_QUESTION
    raise _undocumented(IDENTITY_KEYS, answer)


def _visitor(answer: Answer) -> Visitor:
    try:
        who = _identity(answer.body).visitor_details
    except msgspec.DecodeError as error:
        raise UnreachableError(f"{IDENTITY_KEYS}: {error}") from error
    if not 0 < len(who.id) <= NAME_MAX or not who.id.isprintable():
        raise UnreachableError(f"{IDENTITY_KEYS}: a visitor has 1 to {NAME_MAX} printable letters")
    return Visitor(who.id, "associate" if who.type == "ASSOCIATE" else "shopper")


def ask_authorization(
    back_end: BackEnd, terms: RetailerTerms, card: str, at: Presentation, *, hold: int
) -> Authorised | TurnedAway:
    """Ask whether the holder of a card may come in, on a hold of `hold` minor units.

    A retailer without this connector (404) leaves it to us. The shape of the answer is not public;
    read here is that of the recommendation that is sent (inferred).

    Raises:
        UnreachableError: there is no answer, or none that is documented.
    """
    answer = back_end.call(AUTHORIZATION, _authorization(terms, card, at, hold))
    match answer.status:
        case 200:
            return _decision(answer, terms, hold)
        case 404:
            return Authorised(hold)
        case 400:
            return BAD_QUESTION
    raise _undocumented(AUTHORIZATION, answer)


def _authorization(terms: RetailerTerms, card: str, at: Presentation, hold: int) -> Authorization:
    event = GateEvent(
        id=event_uuid(at.entry),
        type="CREDIT_CARD",
        interaction_type="TAP",
        timestamp=timestamp(at.time_us),
        location="ENTRY",
    )
    return Authorization(
        store_id=terms.store_id,
        shopper_identity=ShopperIdentity(id=instrument_uuid(card)),
        authorized_amount=Amount(
            value=major_units(hold, terms.exponent), currency_code=terms.currency
        ),
        shopper_interaction=Interaction(
            shopping_trip_id=trip_id(at.party),
            gate_authentication_event=event,
            # We see no risks: what is known of a card is the provider's and the retailer's to say.
            recommendation=Recommendation(shopper_authorized=True),
        ),
    )


def _decision(answer: Answer, terms: RetailerTerms, hold: int) -> Authorised | TurnedAway:
    try:
        decided = _recommendation(answer.body)
    except msgspec.DecodeError as error:
        raise UnreachableError(f"{AUTHORIZATION}: {error}") from error
    if not decided.shopper_authorized:
        return DENIED
    for condition in decided.authorization_conditions:
        try:
            hold = minor_units(condition.amount.value, terms.exponent)
        except ValueError:
            return WRONG_AMOUNT
        if hold < 0 or condition.amount.currency_code != terms.currency:
            return WRONG_AMOUNT
    return Authorised(hold)


def _undocumented(path: str, answer: Answer) -> UnreachableError:
    return UnreachableError(f"{path}: the back end answered {answer.status}")
