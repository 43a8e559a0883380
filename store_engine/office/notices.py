"""What a provider says of its own accord: news that the till takes in, however often it comes.

Most notices repeat an answer that we have or wait for: then the open question is asked about, as
the worker would. Only what nobody here asked for changes a payment: disputes, refunds that came
back, holds that the provider let go of by itself.
"""

from store_engine.office.till import Till
from store_engine.office_ports import Books, ProviderNotice
from store_engine.payments import No


def heed(notice: ProviderNotice, *, till: Till, books: Books) -> str:
    """Take a notice in; return what it came to, in words for a log.

    Raises:
        UnreachableError: an outcome is not known yet; the worker goes on.
    """
    payment = books.payment_of(notice.ref) or _asked_by(notice.operation, books)
    if payment is None:
        return f"{notice.kind} {notice.ref}: no payment here has it"
    match notice.kind:
        case "dispute_opened":
            done = till.dispute(payment, dispute=notice.dispute, amount=notice.amount)
        case "dispute_closed":
            done = till.close_dispute(
                payment, dispute=notice.dispute, amount=notice.amount, won=notice.won
            )
        case "refund_failed" if till.was_done(payment, notice.operation):
            done = till.refund_failed(
                payment,
                operation=notice.operation,
                capture=notice.ref,
                amount=notice.amount,
                reason=notice.reason,
            )
        case _:
            done = till.pay_again(payment)
    return done.reason if isinstance(done, No) else f"payment {payment} is {done.state}"


def _asked_by(operation: str, books: Books) -> str | None:
    """Return the payment that an operation is named after: its answer may not be kept yet."""
    name = operation.rsplit("/", maxsplit=2)[0]
    return name if books.payment(name) else None
