"""The queue of cases as a page for the people who answer them, with the evidence beside each."""

from collections.abc import Sequence
from html import escape

from store_engine.messages import Receipt
from store_engine.office.counter import Case
from store_engine.web.receipt_forms import CLAIM_WORDS
from store_engine.web.receipt_papers import Paper

UNSURE = "The engine is not sure"


def render_login(*, note: str = "") -> str:
    """Return the page that asks for a token."""
    return _page(
        "Cases",
        f"""<h1 class="staff">Cases</h1>
{_note(note)}
<form method="post" action="/staff">
<label>Your token <input name="token" type="password" autocomplete="off" required></label>
<button>Open</button>
</form>""",
    )


def render_stores(stores: Sequence[str]) -> str:
    """Return the page to choose a store on."""
    items = "".join(f'<li><a href="/staff/{escape(s)}">{escape(s)}</a></li>' for s in stores)
    return _page("Cases", f'<h1 class="staff">Cases</h1>\n<ul>{items}</ul>')


def render_queue(store: str, waiting: Sequence[tuple[Case, Paper | None]], *, note: str) -> str:
    """Return the cases of a store that wait, oldest first; erased receipts are None."""
    cases = "\n".join(_case(store, case, paper) for case, paper in waiting)
    return _page(
        f"Cases of {store}",
        f"""<header><p class="store">{escape(store)}</p>
<h1 class="staff">{len(waiting)} cases wait</h1></header>
{_note(note)}
<ul class="lines">{cases}</ul>
<p class="keep"><a href="/staff">Other stores</a></p>""",
    )


def _case(store: str, case: Case, paper: Paper | None) -> str:
    opened = case.opened
    words = UNSURE if opened.claim == "unsure" else CLAIM_WORDS[opened.claim]
    money = paper.money(opened.amount) if paper else str(opened.amount)
    what = _about(case, paper.receipt) if paper else opened.receipt
    evidence = "".join(f"<li><code>{escape(one)}</code></li>" for one in opened.evidence)
    return f"""<li class="line">
<span class="name">{escape(words)}: {escape(what)}</span>
<span class="amount">{escape(money)}</span>
<span class="quiet">{escape(opened.reason or "no words of theirs")}</span>
<span class="quiet amount">{opened.certainty:.1%} sure</span>
<span class="quiet">waits: {escape(case.why)}</span>
<details class="why"><summary>Evidence</summary>
<p>Receipt {escape(opened.receipt)}. Recorded messages behind the line
(<code>store-engine receipt explain</code> shows what they say):</p>
<ul>{evidence or "<li>none</li>"}</ul></details>
{_answer(store, case)}
</li>"""


def _about(case: Case, receipt: Receipt) -> str:
    gtin = case.opened.gtin
    line = next((line for line in receipt.lines if line.gtin == gtin), None)
    if line is None or case.opened.claim == "not_charged":
        return f"receipt {receipt.receipt}"
    return f"{case.opened.quantity} of {line.quantity} x {line.name}"


def _answer(store: str, case: Case) -> str:
    move = "charge" if case.opened.claim in ("not_charged", "held") else "refund"
    return f"""<form class="decide" method="post" action="/staff/{escape(store)}/answer">
<input type="hidden" name="case" value="{escape(case.opened.case)}">
<label>Minor units <input name="amount" type="number" min="0" value="{case.opened.amount}"></label>
<button name="decision" value="{move}">{move.capitalize()}</button>
<button name="decision" value="close">Close</button>
</form>"""


def _note(note: str) -> str:
    return f'<p class="note refused" role="alert">{escape(note)}</p>' if note else ""


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="stylesheet" href="/static/receipt.css">
</head>
<body><main class="wide">
{body}
</main></body>
</html>
"""
