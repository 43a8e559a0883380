"""A receipt as a page people can read, print, keep, and contest.

`render_receipt` makes one file that fetches nothing; `render_live` the page behind a receipt link,
with "this is wrong" beside each line. Both work without scripts.
"""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

from store_engine.certainty import certainty
from store_engine.messages import Receipt, ReceiptLine, Reduction
from store_engine.units import US_PER_S
from store_engine.web.receipt_forms import line_forms, receipt_forms
from store_engine.web.receipt_papers import WORDS, Paper, PaymentState

STATIC = Path(__file__).parent / "static"


def render_receipt(receipt: Receipt, *, paid: PaymentState) -> str:
    """Return a self-contained HTML page.

    Everything that came from outside is escaped. Times are UTC; certainty is said in words.
    """
    style = f"<style>{(STATIC / 'receipt.css').read_text()}</style>"
    return _page(Paper(receipt=receipt, paid=paid), style, forms=None, note="")


def render_live(paper: Paper, *, base: str, products: list[str], note: str = "") -> str:
    """Return the page behind a receipt link.

    Args:
        paper: what it shows.
        base: path of the page; its forms and its PDF are below it.
        products: names to choose from for what was not charged.
        note: something to say first, for example why a claim was refused.
    """
    head = (
        '<link rel="stylesheet" href="/static/receipt.css">\n'
        '<script src="/static/receipt.js" defer></script>'
    )
    return _page(paper, head, forms=(base, products), note=note)


def _page(paper: Paper, head: str, *, forms: tuple[str, list[str]] | None, note: str) -> str:
    receipt = paper.receipt
    said = f'<p class="note refused" role="alert">{escape(note)}</p>' if note else ""
    more = receipt_forms(paper, *forms) if forms else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Receipt {escape(receipt.receipt)}</title>
{head}
</head>
<body>
<main>
{_head(paper)}
{said}
{_lines(paper, forms[0] if forms else None)}
{_totals(paper)}
{more}
{_foot(receipt)}
</main>
</body>
</html>
"""


def _head(paper: Paper) -> str:
    tone, words = WORDS[paper.paid]
    receipt = paper.receipt
    return f"""<header>
<p class="store">{escape(receipt.store)}</p>
<h1>{escape(paper.money(receipt.total))}</h1>
<p class="state {tone}">{escape(words)}</p>
<p class="quiet">{stay(receipt)}</p>
</header>"""


def stay(receipt: Receipt) -> str:
    """Return from when to when a visit was, as markup."""
    entered, left = _utc(receipt.entered_us), _utc(receipt.left_us)
    minutes, seconds = divmod((receipt.left_us - receipt.entered_us) // US_PER_S, 60)
    until = f"{left:%H:%M:%S}" if entered.date() == left.date() else f"{left:%d %B %Y, %H:%M:%S}"
    return (
        f"{entered:%d %B %Y, %H:%M:%S} to {until} UTC "
        f'<span class="nowrap">({minutes} min {seconds} s)</span>'
    )


def _utc(time_us: int) -> datetime:
    return datetime.fromtimestamp(time_us // US_PER_S, tz=UTC)


# ---- lines -------------------------------------------------------------------------------------


def _lines(paper: Paper, base: str | None) -> str:
    if not paper.receipt.lines:
        return '<p class="empty">You left with nothing. Thank you for your visit.</p>'
    rows = "\n".join(_line(line, paper, base) for line in paper.receipt.lines)
    return f'<ul class="lines">\n{rows}\n</ul>'


def _line(line: ReceiptLine, paper: Paper, base: str | None) -> str:
    kind = "line" if line.charged else "line free"
    cuts = "".join(_cut(reduction, paper) for reduction in line.reductions)
    wrong = line_forms(line, paper, base) if base is not None else ""
    return f"""<li class="{kind}" id="line-{escape(line.gtin)}">
<span class="name">{escape(line.name)}</span>
<span class="amount">{paper.amount(line.amount)}</span>
{cuts}<span class="quiet">{count(line, paper)} · {escape(certainty(line))}</span>
{_why(line)}
{wrong}
</li>"""


def count(line: ReceiptLine, paper: Paper) -> str:
    """Return how much of a product at which price."""
    each = paper.amount(line.unit_price)
    if line.mass_g is not None:
        return f"{line.mass_g} g × {each} per kg"  # noqa: RUF001  a multiplication sign is meant
    return f"{line.quantity} × {each}"  # noqa: RUF001  as above


def _cut(reduction: Reduction, paper: Paper) -> str:
    return (
        f'<span class="quiet">{escape(reduction.name)}</span>'
        f'<span class="amount quiet">{paper.amount(reduction.amount)}</span>\n'
    )


def _why(line: ReceiptLine) -> str:
    causes = "".join(f"<li><code>{escape(cause)}</code></li>" for cause in line.causes)
    return f"""<details class="why">
<summary>Why?</summary>
<p>GTIN {escape(line.gtin)}, {_per_cent(line.posterior)} certain of exactly {line.quantity}.
Seen in these recorded messages:</p>
<ul>{causes or "<li>none recorded</li>"}</ul>
</details>"""


def _per_cent(posterior: float) -> str:
    """Nothing here is ever quite certain, so a page may not round up to it."""
    return "over 99.9%" if posterior > 0.999 else f"{posterior:.1%}"


# ---- below -------------------------------------------------------------------------------------


def _totals(paper: Paper) -> str:
    receipt = paper.receipt
    body = "\n".join(
        f"<tr><th>{escape(name)}</th><td>{paper.amount(amount)}</td></tr>"
        for name, amount in sums(receipt)
    )
    back = ""
    if paper.refunded:
        given = escape(paper.money(-paper.refunded))
        back = f'\n<tr class="back"><th>Refunded</th><td>{given}</td></tr>'
    return f"""<table>
{body}
<tr class="total"><th>Total</th><td>{escape(paper.money(receipt.total))}</td></tr>{back}
</table>
{_favour(receipt)}"""


def sums(receipt: Receipt) -> list[tuple[str, int]]:
    """Return what a total is made of: goods, reductions, taxes by class; minor units."""
    by_class: dict[str, int] = {}
    for line in receipt.lines:
        if line.charged:
            name = f"{_tax_word(receipt, included=line.tax_included)}, {line.tax_class}"
            by_class[name] = by_class.get(name, 0) + line.tax
    taxes = [(name, tax) for name, tax in by_class.items() if tax]
    cuts = [("reductions", receipt.discount)] if receipt.discount else []
    rows = [("goods", receipt.subtotal), *cuts, *(taxes or [(_tax_word(receipt), 0)])]
    return [(name.capitalize(), amount) for name, amount in rows]


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
