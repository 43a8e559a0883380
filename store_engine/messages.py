"""Words on the wire: everything a store hears and says, typed.

Heard messages are recorded raw and validated once, at the edge (`intake`). Every heard message
carries who sent it (`device`), which life of that device (`boot`: changes whenever its sequence
starts again), its place in that life (`sequence`, from 0, one by one), the device's own clock
(`time_us`) and the version of this schema (`version`). Devices may add fields: unknown ones are
ignored. JSON is the default encoding, MessagePack is accepted; the payload's first byte tells.

Said messages are what the engine publishes: live carts, receipts, alerts.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from store_engine.catalog import Catalog
from store_engine.promotions import Role, Shopper
from store_engine.units import MessageRef

SCHEMA_VERSION = 1

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^/+#\x00]+$")]
Probability = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Point3 = tuple[float, float, float]  # x, y, z in metres, store frame: z up, floor at z = 0
Point2 = tuple[float, float]  # x, y in metres on the floor, store frame
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels
Keypoint = tuple[float, float, float]  # x, y in pixels, score 0..1; COCO order, 17 of them


class Heard(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every heard message carries."""

    device: Name
    sequence: Annotated[int, msgspec.Meta(ge=0)]
    time_us: Annotated[int, msgspec.Meta(ge=0)]  # device clock, microseconds since the epoch
    boot: Annotated[int, msgspec.Meta(ge=0)] = 0
    version: int = SCHEMA_VERSION

    @property
    def ref(self) -> MessageRef:
        """The name of this message in every explanation."""
        return MessageRef(f"{self.device}/{self.boot}/{self.sequence}")


# ---- heard from gates ------------------------------------------------------------------------


class GateScan(Heard, frozen=True, tag="gate_scan"):
    """An entry credential was presented. Emitted by a gate; one scan admits one, or a group.

    Live, the credential becomes a handle as it comes in: nothing keeps it as it was read.
    """

    credential: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class GateCrossing(Heard, frozen=True, tag="gate_crossing"):
    """Somebody passed a gate. Emitted by a gate, one message per person."""

    direction: Literal["in", "out"]
    position: Point2 | None = None  # where they passed, when the gate can tell


# ---- heard from cameras ----------------------------------------------------------------------


class PersonDetection(msgspec.Struct, frozen=True, kw_only=True):
    """One person in one frame."""

    box: Box
    score: Probability
    keypoints: Annotated[tuple[Keypoint, ...], msgspec.Meta(max_length=17)] = ()
    appearance: Annotated[tuple[float, ...], msgspec.Meta(max_length=2048)] = ()
    in_hand: dict[str, Probability] = {}  # GTIN -> score that this person holds it


class CameraFrame(Heard, frozen=True, tag="camera_frame"):
    """Everyone one camera saw in one frame; `time_us` is the capture time."""

    people: Annotated[tuple[PersonDetection, ...], msgspec.Meta(max_length=256)]


# ---- heard from an upstream 3-D tracker ------------------------------------------------------


class Joint(msgspec.Struct, frozen=True, kw_only=True):
    """One body joint in store coordinates."""

    at: Point3
    score: Probability = 1.0


class TrackedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One person as an upstream tracker knows them; joints it lost are null."""

    track: Name
    head: Joint | None = None
    neck: Joint | None = None
    left_wrist: Joint | None = None
    right_wrist: Joint | None = None


class TrackedPeople(Heard, frozen=True, tag="tracked_people"):
    """Everyone an upstream 3-D tracker follows at one instant."""

    people: Annotated[tuple[TrackedPerson, ...], msgspec.Meta(max_length=512)]


# ---- heard from shelves ----------------------------------------------------------------------


class ShelfWeights(Heard, frozen=True, tag="shelf_weights"):
    """A batch of load-cell readings: `samples[i][j]` is cell j at `time_us + i / rate_hz`.

    Grams, not zeroed: only changes count. Cells come in the order the store map lists for this
    device; an absent cell is null (JSON) or nil (MessagePack), never NaN and never left out.
    """

    rate_hz: Annotated[float, msgspec.Meta(gt=0.0, le=10_000.0)]
    samples: Annotated[
        tuple[tuple[float | None, ...], ...], msgspec.Meta(min_length=1, max_length=4096)
    ]


# ---- heard from every device -----------------------------------------------------------------


class DeviceStatus(Heard, frozen=True, tag="device_status"):
    """Retained health of a device; `offline` is its last will.

    A last will is written when the device connects, so a status takes no number of its own: it
    repeats the device's latest sequence, and the edge's receiving time counts as its time.
    """

    state: Literal["online", "degraded", "offline"]
    detail: str = ""


# ---- heard from the engine's own edge (never accepted from the broker) -----------------------


class Tick(Heard, frozen=True, tag="tick"):
    """Quiet time: the edge had nothing more to hand over at `time_us`, its inbox was empty.

    Emitted by the edge (device "clock") about ten times a second while the broker is connected.
    """


class EntryDecision(Heard, frozen=True, tag="entry_decision"):
    """The answer to an `EntryRequested` event. Emitted by the edge (device "accounts")."""

    scan: str  # MessageRef of the scan it answers
    accepted: bool
    account: str = ""  # set when accepted
    reason: str = ""  # set when refused: "unknown credential", "credential expired", ...
    shopper: Shopper = Shopper()  # what prices and age checks of the visit depend on
    people: Annotated[int, msgspec.Meta(ge=1)] = 1  # how many come in on this one scan


class PricesChanged(Heard, frozen=True, tag="prices_changed"):
    """The prices of visits that start from now on. Emitted by the edge (device "catalog")."""

    book: Catalog


class AgeChecked(Heard, frozen=True, tag="age_checked"):
    """Somebody looked at the age of a visit's shopper. Emitted by the edge (device "office").

    Holds until the visit ends; the last look counts.
    """

    visit: Name
    by: Name  # who looked: staff, as the office knows them
    adult: bool  # old enough for everything the store sells


class PaymentResult(Heard, frozen=True, tag="payment_result"):
    """The answer to a `ChargeRequested` or `ReleaseRequested` event.

    Emitted by the edge (device "payments").
    """

    request: str  # EventId of the request, which is its idempotency key
    outcome: Literal["charged", "declined", "released"]  # released: nothing is held or asked for
    amount: int  # minor units that moved; when declined, the part that could be taken
    provider_ref: str = ""
    reason: str = ""


Message: TypeAlias = (
    GateScan
    | GateCrossing
    | CameraFrame
    | TrackedPeople
    | ShelfWeights
    | DeviceStatus
    | Tick
    | EntryDecision
    | PricesChanged
    | AgeChecked
    | PaymentResult
)


class Arrival(msgspec.Struct, frozen=True):
    """One heard message and when the edge received it: what the engine handles."""

    message: Message
    received_us: int  # edge clock, microseconds since the epoch


# ---- said ------------------------------------------------------------------------------------


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """One product in a cart: the leading explanation and how sure it is."""

    gtin: str
    name: str
    quantity: int
    posterior: Probability  # probability that exactly `quantity` is right
    causes: tuple[str, ...] = ()  # MessageRefs of the evidence


class LiveCart(msgspec.Struct, frozen=True, kw_only=True):
    """What one visit holds now. Published on every change, retained until the visit ends."""

    store: str
    visit: str
    time_us: int
    lines: tuple[CartLine, ...]
    total: int  # minor units, taxes included
    currency: str
    version: int = SCHEMA_VERSION


class Reduction(msgspec.Struct, frozen=True, kw_only=True):
    """What a promotion or voucher takes off one line."""

    kind: Literal["promotion", "member_price", "voucher"]
    id: str  # of the promotion or voucher
    name: str
    amount: int  # minor units, below 0


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a receipt. All money in minor units."""

    gtin: str
    name: str
    quantity: int
    unit_price: int  # per piece; per kg where `mass_g` is given
    amount: int  # at shelf prices: quantity * unit_price, or mass_g * unit_price / 1000
    tax_class: str
    tax: int  # tax on (or contained in) `amount` and its reductions
    posterior: Probability
    charged: bool  # False: not sure enough to charge, or held; shown, and nothing is owed for it
    causes: tuple[str, ...]  # MessageRefs of the evidence
    mass_g: int | None = None  # grams charged, of what is sold by weight
    reductions: tuple[Reduction, ...] = ()  # what promotions and vouchers take off `amount`
    tax_included: bool | None = None  # `amount` contains the tax; None: as `prices_include_tax`
    owed: int = 0  # amount and reductions, plus tax where it is not included; 0 if not charged
    held: bool = False  # not charged because the shopper's age was not known
    minimum_age: int = 0  # years one must be to buy this; 0: anybody may

    @property
    def reduced(self) -> int:
        """What promotions and vouchers leave of `amount`, in minor units."""
        return self.amount + sum(reduction.amount for reduction in self.reductions)


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What one visit owes, line by line; `total` is what is charged."""

    receipt: str
    store: str
    visit: str
    account: str
    entered_us: int
    left_us: int
    lines: tuple[ReceiptLine, ...]
    subtotal: int  # sum of `amount` over charged lines
    tax: int  # sum of `tax` over charged lines
    total: int  # sum of `owed` over the lines
    currency: str
    currency_exponent: int
    prices_include_tax: bool
    certainty: Probability = 1.0  # probability that all of `lines`, and nothing else, is right
    discount: int = 0  # sum of the reductions of charged lines, 0 or below
    redeemed: tuple[str, ...] = ()  # ids of the vouchers that this receipt used up
    price_book: str = ""  # version of the prices, those in force when the visit started
    role: Role = ""  # why nothing is charged: they are at work here; "" for a shopper
    version: int = SCHEMA_VERSION


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should know about."""

    alert: str
    store: str
    time_us: int
    kind: Name  # "tailgater", "device_offline", "clock_skew", "unsure_line", ...
    text: str
    about: str = ""  # visit, device, gate, plate or product it is about
    causes: tuple[str, ...] = ()
    version: int = SCHEMA_VERSION
