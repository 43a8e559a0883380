"""What a retailer's back end sends, as published; attributes that are not known are ignored."""

import hashlib
import json
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from store_engine.errors import RequestError
from store_engine.office.trip_carts import Money, PricedCart, Totals

LINES_MAX = 1_000  # lines of a cart (guess)


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - as pydantic wants it
    return value


StoreId = Annotated[str, Field(max_length=255, pattern=r"^[0-9a-zA-Z_-]*$")]
TripId = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[0-9a-zA-Z_-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Rounded = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$")]
RequestUuid = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Reason = Literal["DAMAGED_ITEM", "EXPIRED_ITEM", "UNWANTED_ITEM", "JWO_TECH_ERROR", "OTHER"]


class Body(BaseModel):
    """What every body is."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, allow_inf_nan=False
    )


# ---- the payment service -----------------------------------------------------------------------


class Amount(Body):
    """Money of the payment service: a number."""

    amount: Number
    code: Currency

    @property
    def money(self) -> Money:
        """As the office knows it."""
        return Money(self.amount, self.code)


class Cancel(Body):
    """A trip whose cart is empty."""

    store_id: StoreId
    shopping_trip_id: TripId


class Charge(Cancel):
    """A trip, and how much of it is to be held or taken."""

    amount: Amount


class Refund(Charge):
    """How much of a trip is to be given back."""

    refund_request_id: RequestUuid
    refund_reason_code: Reason


class PaymentStatus(Cancel):
    """What became of a trip's money."""

    total_amount: Amount
    settled_amount: Amount
    payment_status_time: Number | None = None


# ---- checkout/carts ----------------------------------------------------------------------------


class CartMoney(Body):
    """Money of the checkout service: a string."""

    amount: Rounded
    currency_code: Currency

    @property
    def money(self) -> Money:
        """As the office knows it."""
        return Money(Decimal(self.amount), self.currency_code)


class Quantity(Body):
    """How many, as decimal text or as a number (both are published)."""

    value: Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$")] | Number
    unit: Name


class Promotion(Body):
    """Something off a line."""

    promotion_amount: CartMoney


class Fee(Body):
    """Something on top of a line."""

    deposit_and_fee_amount: CartMoney
    sales_tax: CartMoney | None = None


class UnitPrice(Body):
    """What one line costs."""

    total_price: CartMoney
    price: CartMoney | None = None
    sales_tax: CartMoney | None = None
    deposits_and_fees: tuple[Fee, ...] = ()
    promotions: tuple[Promotion, ...] = ()


class LineItem(Body):
    """One line."""

    product_id: Name
    type: Name | None = None
    quantity: Quantity
    unit_price: UnitPrice


class OrderTotals(Body):
    """What a cart comes to."""

    price_total: CartMoney
    sub_total: CartMoney
    promotions_total: CartMoney | None = None
    sales_tax_total: CartMoney | None = None


class Cart(Body):
    """A trip's cart with its prices."""

    idempotent_shopping_trip_id: TripId
    store_id: StoreId
    line_items: Annotated[tuple[LineItem, ...], Field(min_length=1, max_length=LINES_MAX)]
    order_totals: OrderTotals

    @property
    def priced(self) -> PricedCart:
        """As the office knows it."""
        totals = self.order_totals
        nothing = Money(Decimal(0), totals.price_total.currency_code)
        promotions, tax = totals.promotions_total, totals.sales_tax_total
        return PricedCart(
            trip=self.idempotent_shopping_trip_id,
            totals=Totals(
                totals.price_total.money,
                totals.sub_total.money,
                promotions.money if promotions else nothing,
                tax.money if tax else nothing,
            ),
            amounts=[
                (f"lineItems.{number}", money.money)
                for number, line in enumerate(self.line_items)
                for money in _amounts(line.unit_price)
            ],
            digest=hashlib.sha256(self.model_dump_json().encode()).hexdigest(),
        )


def _amounts(price: UnitPrice) -> list[CartMoney]:
    perhaps = [price.total_price, price.price, price.sales_tax]
    perhaps += [promotion.promotion_amount for promotion in price.promotions]
    for fee in price.deposits_and_fees:
        perhaps += [fee.deposit_and_fee_amount, fee.sales_tax]
    return [money for money in perhaps if money is not None]


# ---- reading -----------------------------------------------------------------------------------

AnyBody = TypeVar("AnyBody", bound=Body)


def read(kind: type[AnyBody], body: bytes) -> AnyBody:
    """Return a body; numbers are read exactly.

    Raises:
        RequestError: names what is missing or wrong, and repeats nothing of it.
    """
    try:
        return kind.model_validate(_fields(body))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        lines = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong)
        raise RequestError("; ".join(lines)) from error


def _fields(body: bytes) -> Any:
    def no_constant(name: str) -> None:
        raise ValueError(name)

    try:
        return json.loads(body, parse_float=Decimal, parse_constant=no_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise RequestError("body: not JSON") from error
