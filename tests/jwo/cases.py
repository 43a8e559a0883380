"""The published test cases of the connectors, one by one, and what can be shown of each.

`fact` is the row of our notes on the public documentation that a case belongs to. The notes give
some cases as a range with their subjects; which number is about which subject is then our reading.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.jwo import showing as s
from tests.jwo.shop import a_line

SETTINGS = {  # cases that need a shop of their own
    "CP 1.10": {"associates_pay": True},
    "FB TC010": {"store_id": s.LONG_STORE},
}


class Case(NamedTuple):
    """One published case."""

    id: str
    fact: int
    title: str
    caller: str  # "engine" or "retailer"
    sent: str
    expected: str
    show: Callable[..., Any] | None = None
    why_not: str = ""


def engine(name, fact, title, sent, expected, show):
    return Case(name, fact, title, "engine", sent, expected, show)


def asks(name, fact, title, sent, expected, show):
    return Case(name, fact, title, "retailer", sent, expected, show)


def not_shown(name, fact, title, caller, why_not):
    return Case(name, fact, title, caller, "-", "-", None, why_not)


# ---- VerifyIdentityKeys --------------------------------------------------------------------------

OPENS = "200; the gate opens"
CLOSED = "400; the gate stays closed, asked once"


def bad_identity(number, fact, title, damage):
    return engine(
        f"VIK 3.{number}", fact, title, "a scan, damaged so", CLOSED, s.bad_identity(damage)
    )


IDENTITY = (
    engine("VIK 1.1", 1, "valid shopper key (also IV-001)", "a scan", OPENS, s.comes_in("ada")),
    engine(
        "VIK 1.2", 2, "valid associate key", "a scan", "200; at work", s.comes_in("mia", "staff")
    ),
    engine(
        "VIK 2",
        3,
        "unknown key",
        "a scan",
        "401; the gate stays closed, asked once",
        s.unknown_code,
    ),
    bad_identity(1, 4, "requestId missing", s.drop("requestId")),
    bad_identity(2, 4, "requestId malformed", s.put("requestId", "17")),
    bad_identity(3, 5, "identityKey missing", s.drop("identityKey")),
    engine(
        "VIK 3.4",
        5,
        "identityKey over 1,000 characters",
        "a code that would be longer: nothing; a scan, damaged so",
        CLOSED,
        s.too_long_a_code,
    ),
    bad_identity(5, 5, "identityKey not Base64", s.put("identityKey", "%%%")),
    bad_identity(6, 6, "storeId missing", s.drop("storeId")),
    bad_identity(7, 6, "storeId over 255 characters", s.put("storeId", s.LONG)),
    bad_identity(8, 6, "storeId invalid", s.put("storeId", "elsewhere")),
    bad_identity(9, 7, "authEvent missing", s.drop("authEvent")),
    bad_identity(10, 7, "authEvent.id missing", s.drop("authEvent.id")),
    bad_identity(11, 7, "authEvent.id malformed", s.put("authEvent.id", "17")),
    bad_identity(12, 7, "authEvent.timestamp missing", s.drop("authEvent.timestamp")),
    bad_identity(13, 7, "authEvent.timestamp malformed", s.put("authEvent.timestamp", "noon")),
    bad_identity(14, 7, "authEvent.location missing", s.drop("authEvent.location")),
    bad_identity(15, 7, "authEvent.location unknown", s.put("authEvent.location", "ROOF")),
    bad_identity(16, 8, "keyChannel unknown", s.put("keyChannel", "SMELL")),
    bad_identity(17, 8, "empty body", s.nothing),
    engine(
        "VIK 4",
        9,
        "rate limit",
        "a scan",
        "429; the gate stays closed, asked again (inferred)",
        s.gate_waits(429),
    ),
    engine(
        "VIK 5",
        9,
        "server error",
        "a scan",
        "500; the gate stays closed, asked again (inferred)",
        s.gate_waits(500),
    ),
    engine(
        "VIK 6",
        10,
        "idempotency",
        "the same scan again after a lost answer",
        "same authEvent, new requestId, one answer (inferred)",
        s.same_scan_again,
    ),
    engine(
        "VIK 7",
        10,
        "QR code",
        "a scan of a QR code",
        "its text in Base64 (inferred)",
        s.code_in_base64,
    ),
    engine(
        "VIK 8",
        10,
        "gate",
        "a known and an unknown code",
        "opens; stays closed",
        s.gate_opens_and_stays_closed,
    ),
    not_shown("VIK 9", 10, "performance", "engine", "no figure is public; it is the retailer's"),
)

SCAN_WHY = "codes are asked of identity keys; ResolveScan is another way to the same answer"
SCAN = (
    not_shown("RS 1.1", 11, "optical shopper scan", "engine", SCAN_WHY),
    not_shown("RS 2", 12, "input validation", "engine", SCAN_WHY + ", and its 400s are advisory"),
    not_shown("RS 3", 12, "input validation", "engine", SCAN_WHY + ", and its 400s are advisory"),
)

# ---- CreatePurchases -----------------------------------------------------------------------------

NOTED = "201; the trip is settled"
ONE, TWO = a_line(), a_line("5449000000996", 2)
LOOSE = a_line("2000001000007", 1, mass_g=350)
UPC = a_line("00036000291452")
TRIP = ("shoppingTrip", "authEvents")


def buys(number, fact, title, show, expected=NOTED):
    return engine(f"CP 1.{number}", fact, title, "a trip", expected, show)


def bad_purchase(number, fact, title, damage):
    return engine(
        f"CP 3.{number}",
        fact,
        title,
        "a trip, damaged so",
        "400; declined, sent once, the next trip goes on",
        s.bad_purchase(damage),
    )


PURCHASE = (
    buys(1, 13, "single item", s.bought(ONE)),
    buys(2, 13, "several items", s.bought(ONE, TWO)),
    buys(
        3,
        13,
        "weight",
        s.bought(LOOSE, check=s.has({"value": "0.350", "unit": "kg"}, "cartItems", "quantity")),
        NOTED + '; the unit is "kg" (inferred)',
    ),
    buys(4, 13, "SCANCODE", s.bought(ONE, check=s.has("SCANCODE", "cartItems", "type"))),
    buys(
        5,
        13,
        "external identifiers",
        s.bought(
            UPC,
            check=s.has({"id": "036000291452", "type": "UPC"}, "cartItems", "externalIdentifiers"),
        ),
    ),
    buys(6, 13, "lineItemId", s.bought(ONE, TWO, check=s.lines_numbered)),
    buys(7, 14, "empty cart", s.empty_cart, "201, empty purchaseId; the hold is let go of"),
    buys(
        8,
        15,
        "FINANCIAL",
        s.bought(ONE, by="tok_visa", check=s.has("FINANCIAL", *TRIP, "payloadType")),
    ),
    buys(9, 15, "SCAN_CODE", s.bought(ONE, check=s.has("SCAN_CODE", *TRIP, "payloadType"))),
    buys(
        10,
        16,
        "associate",
        s.bought(ONE, by="mia", check=s.has("ASSOCIATE", *TRIP, "scanResult", "type")),
        NOTED + " (with associates_pay; else they are at work and nothing is handed over)",
    ),
    not_shown("CP 1.11", 16, "cash", "engine", "no gate of ours takes cash"),
    not_shown("CP 1.12", 16, "loyalty", "engine", "only ResolveScan names loyalty, not called"),
    buys(13, 17, "group", s.group, NOTED + "; several authEvents"),
    not_shown(
        "CP 1.14", 17, "MANUAL_IN_STORE", "engine", "nobody is let in but through a gate: ENTRY"
    ),
    buys(15, 17, "optional fields left out", s.bought(ONE, by="tok_visa")),
    engine(
        "CP 2",
        18,
        "idempotency",
        "the same trip again after a lost answer",
        "same idempotentShoppingTripId, no second effect",
        s.told_twice,
    ),
    bad_purchase(1, 19, "requestId missing", s.drop("requestId")),
    bad_purchase(2, 19, "requestId malformed", s.put("requestId", "17")),
    bad_purchase(3, 19, "trip id missing", s.drop("idempotentShoppingTripId")),
    bad_purchase(4, 19, "storeId missing", s.drop("storeId")),
    bad_purchase(5, 19, "storeId over 255 characters", s.put("storeId", s.LONG)),
    bad_purchase(6, 20, "shoppingTrip missing", s.drop("shoppingTrip")),
    bad_purchase(7, 20, "startTime missing", s.drop("shoppingTrip.startTime")),
    bad_purchase(8, 20, "endTime missing", s.drop("shoppingTrip.endTime")),
    bad_purchase(9, 20, "time malformed", s.put("shoppingTrip.startTime", "noon")),
    bad_purchase(10, 20, "end before start", s.put("shoppingTrip.endTime", "2001-01-01T00:00:00Z")),
    bad_purchase(11, 21, "authEvents missing", s.drop("shoppingTrip.authEvents")),
    bad_purchase(12, 21, "authEvents.id missing", s.drop("shoppingTrip.authEvents.0.id")),
    bad_purchase(13, 21, "authEvents.id malformed", s.put("shoppingTrip.authEvents.0.id", "17")),
    bad_purchase(14, 21, "payloadType missing", s.drop("shoppingTrip.authEvents.0.payloadType")),
    bad_purchase(
        15, 21, "payloadType unknown", s.put("shoppingTrip.authEvents.0.payloadType", "SONG")
    ),
    bad_purchase(16, 21, "location missing", s.drop("shoppingTrip.authEvents.0.location")),
    bad_purchase(17, 21, "location unknown", s.put("shoppingTrip.authEvents.0.location", "ROOF")),
    bad_purchase(18, 22, "cartItems missing", s.drop("cartItems")),
    bad_purchase(19, 22, "cartItems.id missing", s.drop("cartItems.0.id")),
    bad_purchase(20, 22, "cartItems.id over 255 characters", s.put("cartItems.0.id", s.LONG)),
    bad_purchase(21, 22, "cartItems.type missing", s.drop("cartItems.0.type")),
    bad_purchase(22, 22, "quantity missing", s.drop("cartItems.0.quantity")),
    bad_purchase(23, 22, "quantity.value missing", s.drop("cartItems.0.quantity.value")),
    bad_purchase(
        24,
        22,
        "quantity.value over 10 characters",
        s.put("cartItems.0.quantity.value", "1.000000000"),
    ),
    bad_purchase(25, 22, "quantity.value not decimal", s.put("cartItems.0.quantity.value", "one")),
    bad_purchase(26, 22, "quantity.unit missing", s.drop("cartItems.0.quantity.unit")),
    bad_purchase(27, 23, "cartItems.type unknown", s.put("cartItems.0.type", "SONG")),
    bad_purchase(
        28,
        23,
        "scanResult.type unknown",
        s.put("shoppingTrip.authEvents.0.scanResult", {"id": "a", "type": "GHOST"}),
    ),
    bad_purchase(
        29,
        23,
        "scanResult.id over 255 characters",
        s.put("shoppingTrip.authEvents.0.scanResult", {"id": s.LONG, "type": "SHOPPER"}),
    ),
    bad_purchase(
        30,
        23,
        "external identifier over 255 characters",
        s.put("cartItems.0.externalIdentifiers", [{"id": s.LONG, "type": "UPC"}]),
    ),
    bad_purchase(31, 23, "lineItemId over 255 characters", s.put("cartItems.0.lineItemId", s.LONG)),
    bad_purchase(
        32, 23, "shopperIdentity.id over 255 characters", s.put("shopperIdentity.id", s.LONG)
    ),
    bad_purchase(33, 23, "shopperDeviceId over 255 characters", s.put("shopperDeviceId", s.LONG)),
    bad_purchase(34, 24, "lineItemId twice", s.put("cartItems.1.lineItemId", "1")),
    bad_purchase(35, 24, "empty body", s.nothing),
)

# ---- Shopper Authorization -----------------------------------------------------------------------


def card(number, fact, title, expected, show):
    return engine(f"7a.{number}", fact, title, "a tap of a card", expected, show)


HELD, OUT = "a hold as we proposed; the gate opens", "no hold; the gate stays closed"
ADJUSTED = "a hold as the retailer says; the gate opens"
AUTHORIZATION = (
    card(1, 25, "low risk", HELD, s.card_comes_in(s.AUTHORISED, s.HOLD)),
    card(2, 25, "high risk", OUT, s.card_stays_out(s.DENIED)),
    card(3, 25, "reduced pre-authorisation", ADJUSTED, s.card_comes_in(s.ADJUSTED, 750)),
    card(4, 26, "invalid card", OUT + " (inferred)", s.card_stays_out(s.INVALID)),
    not_shown("7a.5", 26, "expired card", "engine", "the terminal refuses it first"),
    not_shown("7a.6", 26, "all risks", "engine", "we name no risks"),
    not_shown("7a.7", 26, "all event types", "engine", "our gates have one: a tap"),
    card(8, 27, "override: accept", HELD, s.card_comes_in(s.AUTHORISED, s.HOLD)),
    card(9, 27, "override: deny", OUT, s.card_stays_out(s.DENIED)),
    card(10, 27, "override: adjust", ADJUSTED, s.card_comes_in(s.ADJUSTED, 750)),
    card(11, 28, "outstanding balance", OUT, s.card_stays_out(s.IN_DEBT)),
    card(
        12, 29, "missing field", "400; stays closed", s.bad_authorization(s.drop("shopperIdentity"))
    ),
    card(13, 29, "bad store", "400; stays closed", s.bad_authorization(s.put("storeId", "x"))),
    card(14, 29, "no connector", "404; we decide: " + HELD, s.no_connector),
    card(15, 30, "server error", "500, 503; closed, asked again", s.card_waits(500, 503)),
    card(16, 30, "fraud system down", "503; closed, asked again (inferred)", s.card_waits(503)),
)

# ---- refunds -------------------------------------------------------------------------------------

BAD = "BadRequestException"


def refund(name, fact, title, expected, show):
    return asks(name, fact, title, "POST refund", expected, show)


def bad_refund(number, title, **changed):
    show = s.bad_refund(400, BAD, **changed)
    return refund(f"Refund {number}", 33, title, f"400 {BAD}; nothing given back", show)


REFUND = (
    refund("Refund 1", 31, "success (also App 7.6)", "200; given back", s.refunded),
    refund(
        "Refund 2",
        32,
        "unknown trip (also App 7.10)",
        "400 UnknownShoppingTrip",
        s.bad_refund(400, "UnknownShoppingTrip", shoppingTripId="nobody-s"),
    ),
    refund(
        "Refund 3",
        33,
        "another store",
        "400 UnknownShoppingTrip (which of the two errors: inferred)",
        s.bad_refund(400, "UnknownShoppingTrip", storeId="elsewhere"),
    ),
    bad_refund(4, "storeId missing", storeId=...),
    bad_refund(5, "amount missing", amount=...),
    bad_refund(6, "amount below 0", amount={"amount": -1.25, "code": "USD"}),
    bad_refund(7, "currency malformed", amount={"amount": 1.25, "code": "usd"}),
    bad_refund(8, "refundRequestId malformed", refundRequestId="17"),
    bad_refund(9, "refundReasonCode unknown", refundReasonCode="BORED"),
    bad_refund(10, "shoppingTripId malformed", shoppingTripId="no spaces"),
    bad_refund(11, "storeId over 255 characters", storeId=s.LONG),
    refund(
        "Refund 12", 34, "rate limit (also App 7.11)", "429 with Retry-After", s.refund_too_often
    ),
    refund(
        "Refund 13",
        34,
        "server error (also App 7.12)",
        "500; again: 200",
        s.broken_office(s.BROKEN, 500),
    ),
    refund(
        "Refund 14",
        34,
        "not available (also App 7.12)",
        "503; again: 200",
        s.broken_office(s.RECORDS_DOWN, 503),
    ),
    refund("App 7.7", 35, "every reason code", "200 (inferred)", s.every_reason),
    refund("App 7.8", 36, "same refundRequestId", "200; given back once", s.same_refund_twice),
    refund("App 7.9", 37, "past 30 days", "400 (inferred); nothing", s.refund_too_late),
    asks(
        "App 7.13",
        38,
        "declined adjustment",
        "POST adjust/charge, then capture/charge",
        "200 DECLINED, 0; what is held is taken, the rest is a debt",
        s.declined_adjustment,
    ),
    asks(
        "App 7.14",
        39,
        "pre-authorisation expired",
        "POST capture/charge a day later, card declined",
        "200; a debt (inferred)",
        s.expired_hold,
    ),
    not_shown(
        "App 7.15", 40, "repeat offender", "retailer", "flagging people is the retailer's business"
    ),
    not_shown("App 7.16", 40, "reporting", "retailer", "nothing about it is public"),
)

# ---- feedback ------------------------------------------------------------------------------------


def told(name, fact, title, said, show):
    return asks(name, fact, title, "POST feedback/payment-status", f"200 {said}", show)


def missing(case, field, status=f"400 {BAD}"):
    show = s.bad_news(BAD, s.drop(field))
    return asks(case, 45, f"{field} missing", "POST feedback/payment-status", status, show)


ACCEPTED, REJECTED = "Accepted", "Rejected"
FEEDBACK = (
    told("7b.1", 41, "full settlement", ACCEPTED, s.news(5.5, 5.5, ACCEPTED)),
    told("7b.2", 41, "partial settlement", ACCEPTED, s.news(5.5, 2.25, ACCEPTED)),
    told("7b.3", 41, "zero settlement", ACCEPTED, s.news(5.5, 0, ACCEPTED)),
    asks(
        "7b.4",
        42,
        "unknown trip",
        "POST feedback/payment-status",
        "400 UnknownShoppingTrip",
        s.bad_news("UnknownShoppingTrip", s.put("shoppingTripId", "nobody-s")),
    ),
    asks(
        "7b.5",
        42,
        "missing field",
        "POST feedback/payment-status",
        f"400 {BAD}",
        s.bad_news(BAD, s.drop("totalAmount.code")),
    ),
    asks(
        "7b.6",
        42,
        "server error",
        "POST feedback/payment-status",
        "500; again: 200",
        s.broken_office(s.BROKEN, 500, "feedback/payment-status", s.status_body),
    ),
    told("FB TC001", 43, "paid", ACCEPTED, s.news(5.5, 5.5, ACCEPTED)),
    told(
        "FB TC002",
        43,
        "rejected",
        f"{REJECTED} (when: inferred; here, settled above total)",
        s.news(5.5, 6.5, REJECTED),
    ),
    told("FB TC003", 43, "partial", ACCEPTED, s.news(5.5, 2.25, ACCEPTED)),
    told("FB TC004", 43, "zero", ACCEPTED, s.news(5.5, 0, ACCEPTED)),
    told(
        "FB TC005",
        43,
        "currencies",
        f"{ACCEPTED} in the store's; {REJECTED} in another (inferred)",
        s.both(s.news(5.5, 5.5, ACCEPTED), s.news(5.5, 5.5, REJECTED, code="EUR")),
    ),
    told("FB TC006", 44, "whole numbers", ACCEPTED, s.news(5, 5, ACCEPTED)),
    told(
        "FB TC007",
        44,
        "time left out",
        ACCEPTED,
        s.news(5.5, 5.5, ACCEPTED, damage=s.drop("paymentStatusTime")),
    ),
    told(
        "FB TC008",
        44,
        "precision",
        f"{ACCEPTED} with 2 decimals; {REJECTED} with more (inferred)",
        s.both(s.news(5.55, 5.5, ACCEPTED), s.news(5.505, 5.5, REJECTED)),
    ),
    told(
        "FB TC009",
        44,
        "unknown attributes",
        ACCEPTED,
        s.news(5.5, 5.5, ACCEPTED, damage=s.put("more", "than we know")),
    ),
    told("FB TC010", 44, "storeId of 255 characters", ACCEPTED, s.news_of_long_name),
    missing("FB TC011", "storeId"),
    missing("FB TC012", "shoppingTripId"),
    missing("FB TC013", "totalAmount"),
    missing("FB TC014", "settledAmount", f"400 {BAD} (inferred)"),
)

CASES = (*IDENTITY, *SCAN, *PURCHASE, *AUTHORIZATION, *REFUND, *FEEDBACK)
