"""A receipt as a page people can read, print and keep: one file, no scripts, nothing fetched."""

from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Literal, TypeAlias

from store_engine.messages import Receipt, ReceiptLine, Reduction
from store_engine.units import US_PER_S, format_money

PaymentState: TypeAlias = Literal["charged", "declined", "pending", "nothing owed"]

# How a posterior reads (guess: the words people choose for such odds in everyday English).
SURE_ABOVE = 0.99
ALMOST_SURE_ABOVE = 0.95
VERY_LIKELY_ABOVE = 0.85

_PAYMENT_WORDS: dict[PaymentState, tuple[str, str]] = {
    "charged": ("good", "Paid"),
    "declined": ("bad", "Card declined: payment still open"),
    "pending": ("wait", "Payment under way"),
    "nothing owed": ("good", "Nothing to pay"),
}


def render_receipt(receipt: Receipt, *, paid: PaymentState) -> str:
    """Return a self-contained HTML page.

    Everything that came from outside is escaped. Times are UTC; certainty is said in words.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Receipt {escape(receipt.receipt)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{_head(receipt, paid)}
{_lines(receipt)}
{_totals(receipt)}
{_foot(receipt)}
</main>
</body>
</html>
"""


def certainty(line: ReceiptLine) -> str:
    """Return how sure we are of a line, in words."""
    if line.held:
        return f"not charged: from {line.minimum_age} years, and we do not know your age"
    if not line.charged:
        return "not charged: we were not sure"
    if line.posterior >= SURE_ABOVE:
        return "sure"
    if line.posterior >= ALMOST_SURE_ABOVE:
        return "almost sure"
    return "very likely" if line.posterior >= VERY_LIKELY_ABOVE else "likely"


def _head(receipt: Receipt, paid: PaymentState) -> str:
    tone, words = _PAYMENT_WORDS[paid]
    total = format_money(
        receipt.total, currency=receipt.currency, exponent=receipt.currency_exponent
    )
    return f"""<header>
<p class="store">{escape(receipt.store)}</p>
<h1>{escape(total)}</h1>
<p class="state {tone}">{escape(words)}</p>
<p class="quiet">{_stay(receipt)}</p>
</header>"""


def _stay(receipt: Receipt) -> str:
    entered, left = _utc(receipt.entered_us), _utc(receipt.left_us)
    minutes, seconds = divmod((receipt.left_us - receipt.entered_us) // US_PER_S, 60)
    until = f"{left:%H:%M:%S}" if entered.date() == left.date() else f"{left:%d %B %Y, %H:%M:%S}"
    return (
        f"{entered:%d %B %Y, %H:%M:%S} to {until} UTC "
        f'<span class="nowrap">({minutes} min {seconds} s)</span>'
    )


def _utc(time_us: int) -> datetime:
    return datetime.fromtimestamp(time_us // US_PER_S, tz=UTC)


def _lines(receipt: Receipt) -> str:
    if not receipt.lines:
        return '<p class="empty">You left with nothing. Thank you for your visit.</p>'
    rows = "\n".join(_line(line, receipt) for line in receipt.lines)
    return f'<ul class="lines">\n{rows}\n</ul>'


def _line(line: ReceiptLine, receipt: Receipt) -> str:
    kind = "line" if line.charged else "line free"
    cuts = "".join(_cut(reduction, receipt) for reduction in line.reductions)
    return f"""<li class="{kind}">
<span class="name">{escape(line.name)}</span>
<span class="amount">{_amount(line.amount, receipt)}</span>
{cuts}<span class="quiet">{_count(line, receipt)} · {escape(certainty(line))}</span>
{_why(line)}
</li>"""


def _count(line: ReceiptLine, receipt: Receipt) -> str:
    each = _amount(line.unit_price, receipt)
    if line.mass_g is not None:
        return f"{line.mass_g} g × {each} per kg"  # noqa: RUF001  a multiplication sign is meant
    return f"{line.quantity} × {each}"  # noqa: RUF001  as above


def _cut(reduction: Reduction, receipt: Receipt) -> str:
    return (
        f'<span class="quiet">{escape(reduction.name)}</span>'
        f'<span class="amount quiet">{_amount(reduction.amount, receipt)}</span>\n'
    )


def _why(line: ReceiptLine) -> str:
    causes = "".join(f"<li><code>{escape(cause)}</code></li>" for cause in line.causes)
    return f"""<details class="why">
<summary>why?</summary>
<p>GTIN {escape(line.gtin)}, {_per_cent(line.posterior)} certain of exactly {line.quantity}.
Seen in these recorded messages:</p>
<ul>{causes or "<li>none recorded</li>"}</ul>
</details>"""


def _per_cent(posterior: float) -> str:
    """Nothing here is ever quite certain, so a page may not round up to it."""
    return "over 99.9%" if posterior > 0.999 else f"{posterior:.1%}"


def _totals(receipt: Receipt) -> str:
    charged = [line for line in receipt.lines if line.charged]
    by_class: dict[str, int] = {}
    for line in charged:
        word = _tax_word(receipt, included=line.tax_included)
        name = f"{word}, {line.tax_class}"
        by_class[name] = by_class.get(name, 0) + line.tax
    taxes = [(name, tax) for name, tax in by_class.items() if tax]
    cuts = [("reductions", receipt.discount)] if receipt.discount else []
    rows = [("Goods", receipt.subtotal), *cuts, *(taxes or [(_tax_word(receipt), 0)])]
    body = "\n".join(
        f"<tr><th>{escape(name.capitalize())}</th><td>{_amount(amount, receipt)}</td></tr>"
        for name, amount in rows
    )
    total = f"{_amount(receipt.total, receipt)} {escape(receipt.currency)}"
    return f"""<table>
{body}
<tr class="total"><th>Total</th><td>{total}</td></tr>
</table>
{_favour(receipt)}"""


def _tax_word(receipt: Receipt, *, included: bool | None = None) -> str:
    contained = receipt.prices_include_tax if included is None else included
    return "included tax" if contained else "tax"


def _favour(receipt: Receipt) -> str:
    free = [line for line in receipt.lines if not line.charged and not line.held]
    if not free:
        return ""
    which = "one line" if len(free) == 1 else f"{len(free)} lines"
    return f'<p class="note">We were not sure enough of {which}, so you do not pay for it.</p>'


def _foot(receipt: Receipt) -> str:
    facts = [("Receipt", receipt.receipt), ("Visit", receipt.visit), ("Account", receipt.account)]
    rows = "\n".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts)
    return f"<footer><dl>\n{rows}\n</dl></footer>"


def _amount(amount: int, receipt: Receipt) -> str:
    """Return minor units as people read them, without the currency."""
    exponent = receipt.currency_exponent
    return f"{Decimal(amount).scaleb(-exponent):.{exponent}f}"


_STYLE = """
:root { --paper: #fff; --desk: #eceae4; --ink: #1d1c1a; --quiet: #6d6a63; --rule: #dedbd2;
  --good: #1a6b3c; --bad: #a32618; --wait: #855b00; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1e1d1b; --desk: #121110; --ink: #efece4; --quiet: #a09b90; --rule: #3a3833;
    --good: #76c893; --bad: #f08a7c; --wait: #e0b354; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--desk); color: var(--ink);
  font: 16px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 27rem; margin: 0 auto; padding: 2rem 1.75rem 1.5rem; background: var(--paper);
  border-radius: 10px; box-shadow: 0 1px 3px rgb(0 0 0 / .12), 0 10px 30px rgb(0 0 0 / .07); }
header { text-align: center; padding-bottom: 1.25rem; }
header p { margin: 0; }
h1 { margin: .1rem 0 .35rem; font-size: 2.5rem; line-height: 1.15; letter-spacing: -.02em; }
.store { font-size: .85rem; font-weight: 600; letter-spacing: .12em; text-transform: uppercase; }
.state { font-weight: 600; }
.state::before { content: "●"; margin-right: .45em; font-size: .7em; vertical-align: .15em; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
.quiet { color: var(--quiet); font-size: .85rem; }
header .quiet { margin-top: .5rem; }
.nowrap { white-space: nowrap; }
h1, .amount, td, .quiet { font-variant-numeric: tabular-nums; }
.lines { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--rule); }
.line { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem; padding: .7rem 0;
  border-bottom: 1px solid var(--rule); break-inside: avoid; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.amount { text-align: right; }
.free .name, .free .amount { color: var(--quiet); }
.free .amount { text-decoration: line-through; }
.why { font-size: .8rem; color: var(--quiet); text-align: right; }
.why summary { cursor: pointer; list-style: none; text-decoration: underline dotted; }
.why summary::-webkit-details-marker { display: none; }
.why[open] { grid-column: 1 / -1; text-align: left; }
.why[open] summary { text-align: right; }
.why p { margin: .25rem 0; }
.why ul { margin: 0; padding-left: 1.1rem; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.empty { padding: 1.5rem 0; margin: 0; text-align: center; color: var(--quiet);
  border-block: 1px solid var(--rule); }
table { width: 100%; margin-top: .9rem; border-collapse: collapse; break-inside: avoid; }
th { text-align: left; font-weight: 400; color: var(--quiet); padding: .15rem 0; }
td { text-align: right; padding: .15rem 0; }
.total th, .total td { padding-top: .5rem; font-size: 1.15rem; font-weight: 700;
  color: var(--ink); }
.note { margin: .9rem 0 0; padding: .6rem .8rem; border-radius: 6px; background: var(--desk);
  font-size: .85rem; }
footer { margin-top: 1.4rem; padding-top: .8rem; border-top: 1px solid var(--rule);
  font-size: .78rem; color: var(--quiet); }
dl { margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 1rem; }
dd { margin: 0; overflow-wrap: anywhere; text-align: right; }
@media (max-width: 30rem) {
  body { padding: 0; background: var(--paper); }
  main { padding: 1.5rem 1.1rem; border-radius: 0; box-shadow: none; }
}
@media print {
  :root { --paper: #fff; --desk: #fff; --ink: #000; --quiet: #444; --rule: #bbb;
    --good: #000; --bad: #000; --wait: #000; }
  body { padding: 0; font-size: 12px; } main { box-shadow: none; max-width: none; padding: 0; }
  .why { display: none; } .note { border: 1px solid var(--rule); }
}
"""
