"""The forms of a receipt's page: plain ones, which a script makes a little nicer."""

from collections.abc import Iterable
from html import escape

from store_engine.case_events import REASON_MAX, Claim
from store_engine.messages import ReceiptLine
from store_engine.office.counter import Case
from store_engine.web.receipt_papers import Paper

CLAIM_WORDS: dict[Claim, str] = {
    "not_taken": "I did not take this",
    "fewer": "I took fewer",
    "wrong_price": "The price is wrong",
    "not_charged": "I was not charged for something",
    "other": "Something else",
    "held": "Held for an age check",
}


def line_forms(line: ReceiptLine, paper: Paper, base: str) -> str:
    """Return what stands below a line: "this is wrong", or what was said and became of it."""
    case = paper.case_of(line)
    if case is not None:
        return _said(case, paper)
    if not line.charged:
        return ""
    claims: list[Claim] = ["not_taken", *_fewer(line), "wrong_price", "other"]
    choices = "\n".join(_choice(claim, first=claim == claims[0]) for claim in claims)
    return f"""<details class="wrong">
<summary>This is wrong</summary>
<form method="post" action="{escape(base)}/wrong">
<input type="hidden" name="gtin" value="{escape(line.gtin)}">
<fieldset><legend>What is wrong with {escape(line.name)}?</legend>
{choices}
</fieldset>
{_how_many(line)}
{_reason("Anything we should know? (not needed)")}
<button>Send</button>
</form>
</details>"""


def receipt_forms(paper: Paper, base: str, products: list[str]) -> str:
    """Return what stands below the total: what is missing, anything else, and paper."""
    said = "".join(_said(case, paper, named=True) for case in paper.other_cases)
    return f"""<section class="help">
{said}
{_missing(base, products)}
<details class="wrong">
<summary>Something else is wrong</summary>
<form method="post" action="{escape(base)}/wrong">
<input type="hidden" name="claim" value="other">
{_reason("What is wrong?", needed=True)}
<button>Send</button>
</form>
</details>
<p class="keep"><a href="{escape(base)}/pdf">Save as PDF</a></p>
<p class="qr"><img src="{escape(base)}/qr.svg" alt="The address of this page" width="120"
height="120"></p>
</section>"""


def _missing(base: str, products: Iterable[str]) -> str:
    options = "".join(f'<option value="{escape(name)}">' for name in products)
    return f"""<details class="wrong">
<summary>I was not charged for something</summary>
<form method="post" action="{escape(base)}/wrong">
<input type="hidden" name="claim" value="not_charged">
<label>What was it? <input name="product" list="products" required maxlength="100"></label>
<datalist id="products">{options}</datalist>
<label>How many? <input name="quantity" type="number" min="1" max="100" value="1" required></label>
<p class="quiet">Thank you. Nothing is charged before somebody has looked at it.</p>
<button>Send</button>
</form>
</details>"""


def _fewer(line: ReceiptLine) -> list[Claim]:
    return ["fewer"] if line.quantity > 1 else []


def _choice(claim: Claim, *, first: bool) -> str:
    checked = " checked" if first else ""
    return (
        f'<label class="choice"><input type="radio" name="claim" value="{claim}"{checked}> '
        f"{CLAIM_WORDS[claim]}</label>"
    )


def _how_many(line: ReceiptLine) -> str:
    if line.quantity < 2:
        return ""
    return (
        '<label class="fewer">How many too many? <input name="quantity" type="number" min="1" '
        f'max="{line.quantity}" value="1"></label>'
    )


def _reason(question: str, *, needed: bool = False) -> str:
    required = " required" if needed else ""
    return (
        f'<label>{question}<textarea name="reason" rows="2" maxlength="{REASON_MAX}"{required}>'
        "</textarea></label>"
    )


def claim_words(case: Case, *, named: bool) -> str:
    """Return what was said; `named` with what it was about."""
    words = CLAIM_WORDS.get(case.opened.claim, case.opened.claim)
    return f"{words}: {case.opened.reason}" if named and case.opened.reason else words


def _said(case: Case, paper: Paper, *, named: bool = False) -> str:
    """Return what was said and what became of it."""
    words = claim_words(case, named=named)
    tone = "wait" if case.state != "closed" else "good" if case.moved else "quiet-answer"
    return f"""<p class="answer {tone}"><span class="quiet">You said: {escape(words)}</span>
<strong>{escape(paper.answer(case))}</strong></p>"""
