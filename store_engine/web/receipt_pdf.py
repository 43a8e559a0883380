"""A receipt on paper: the same content as its page, with the address of that page to scan.

Uses the fonts that every reader of PDF has, which know Latin-1. Letters beyond it lose their marks
or become "?"; the page has them all.
"""

import unicodedata
from datetime import UTC, datetime

import segno
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from store_engine.certainty import certainty
from store_engine.messages import ReceiptLine
from store_engine.units import US_PER_S
from store_engine.web.receipt_forms import claim_words
from store_engine.web.receipt_page import count, sums
from store_engine.web.receipt_papers import WORDS, Paper

FONT = "helvetica"
A5_MM = (148.0, 210.0)
MARGIN_MM, MODULE_MM = 14.0, 0.7  # of a QR code: 0.5 mm and more is read by any phone (guess)
LATIN_1 = 256  # letters it has
QUIET, INK, RULE = (105, 105, 105), (25, 25, 25), (205, 205, 205)


def render_pdf(paper: Paper, *, url: str) -> bytes:
    """Return a receipt as a PDF of A5 pages; `url` is where its page is."""
    pdf = FPDF(format=A5_MM)
    receipt = paper.receipt
    pdf.set_title(f"Receipt {plain(receipt.receipt)}")
    pdf.set_creation_date(datetime.fromtimestamp(receipt.left_us // US_PER_S, tz=UTC))
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(auto=True, margin=MARGIN_MM)
    pdf.add_page()
    _head(pdf, paper)
    for line in receipt.lines:
        _line(pdf, line, paper)
    _totals(pdf, paper)
    _said(pdf, paper)
    _foot(pdf, paper, url)
    return bytes(pdf.output())


def plain(text: str) -> str:
    """Return text as Latin-1 has it."""
    return "".join(map(_latin, unicodedata.normalize("NFC", text)))


def _latin(letter: str) -> str:
    if ord(letter) < LATIN_1:
        return letter if letter.isprintable() else " "
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if ord(bare) < LATIN_1 else "?"


def _head(pdf: FPDF, paper: Paper) -> None:
    receipt = paper.receipt
    entered, left = (
        datetime.fromtimestamp(at // US_PER_S, tz=UTC)
        for at in (receipt.entered_us, receipt.left_us)
    )
    _centred(pdf, receipt.store.upper(), size=9, bold=True)
    _centred(pdf, paper.money(receipt.total), size=22, bold=True)
    _centred(pdf, WORDS[paper.paid][1], size=11, bold=True)
    when = f"{entered:%d %B %Y, %H:%M:%S} to {left:%d %B %Y, %H:%M:%S} UTC"
    _centred(pdf, when, size=8, colour=QUIET)
    pdf.ln(3)
    _rule(pdf)


def _line(pdf: FPDF, line: ReceiptLine, paper: Paper) -> None:
    colour = INK if line.charged else QUIET
    amount = paper.amount(line.amount) if line.charged else f"({paper.amount(line.amount)})"
    _row(pdf, line.name, amount, bold=True, colour=colour)
    for cut in line.reductions:
        _row(pdf, cut.name, paper.amount(cut.amount), size=8, colour=QUIET)
    _row(pdf, f"{count(line, paper)} · {certainty(line)}", "", size=8, colour=QUIET)
    case = paper.case_of(line)
    if case is not None:
        _row(pdf, paper.answer(case), "", size=8)
    _rule(pdf)


def _totals(pdf: FPDF, paper: Paper) -> None:
    for name, amount in sums(paper.receipt):
        _row(pdf, name, paper.amount(amount), size=9, colour=QUIET)
    _row(pdf, "Total", paper.money(paper.receipt.total), size=12, bold=True)
    if paper.refunded:
        _row(pdf, "Refunded", paper.money(-paper.refunded), size=10, bold=True)


def _said(pdf: FPDF, paper: Paper) -> None:
    for case in paper.other_cases:
        words = f"You said: {claim_words(case, named=True)}. {paper.answer(case)}"
        _row(pdf, words, "", size=8)


def _foot(pdf: FPDF, paper: Paper, url: str) -> None:
    pdf.ln(4)
    receipt = paper.receipt
    for name, fact in (("Receipt", receipt.receipt), ("Visit", receipt.visit)):
        _row(pdf, name, fact, size=8, colour=QUIET)
    pdf.ln(3)
    _qr(pdf, url)
    _centred(pdf, "Something wrong? Scan this, or open the link in this PDF.", size=8, colour=QUIET)


def _qr(pdf: FPDF, url: str) -> None:
    """Draw the address as a QR code, in rectangles: it stays sharp at any size."""
    rows = [list(row) for row in segno.make(url, error="m", micro=False).matrix]
    side = len(rows) * MODULE_MM
    if pdf.will_page_break(side + 10.0):
        pdf.add_page()
    left, top = (pdf.w - side) / 2, pdf.get_y()
    pdf.set_fill_color(0)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                place = left + x * MODULE_MM, top + y * MODULE_MM
                pdf.rect(*place, MODULE_MM, MODULE_MM, style="F")
    pdf.link(left, top, side, side, link=url)
    pdf.set_y(top + side + 2.0)


def _row(
    pdf: FPDF,
    name: str,
    amount: str,
    *,
    size: float = 10,
    bold: bool = False,
    colour: tuple[int, int, int] = INK,
) -> None:
    """Write a name on the left, as many lines as it takes, and an amount on the right."""
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.set_text_color(*colour)
    height = size * 0.5
    wide = pdf.epw - (32.0 if amount else 0.0)
    top = pdf.get_y()
    pdf.multi_cell(wide, height, plain(name), align=Align.L, new_x=XPos.LEFT, new_y=YPos.NEXT)
    bottom = pdf.get_y()
    if amount:
        if bottom > top:  # else the name went to a new page
            pdf.set_y(top)
        pdf.cell(0, height, plain(amount), align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_y(max(bottom, pdf.get_y()))


def _centred(
    pdf: FPDF, text: str, *, size: float, bold: bool = False, colour: tuple[int, int, int] = INK
) -> None:
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.set_text_color(*colour)
    height = size * 0.55
    pdf.multi_cell(0, height, plain(text), align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _rule(pdf: FPDF) -> None:
    pdf.set_draw_color(*RULE)
    y = pdf.get_y() + 1.2
    pdf.line(MARGIN_MM, y, pdf.w - MARGIN_MM, y)
    pdf.set_y(y + 1.2)
