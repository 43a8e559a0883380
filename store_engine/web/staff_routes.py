"""`/staff`: the queue of cases, for people who have a token.

The token is kept in a cookie that scripts cannot read and other sites cannot send.
"""

from typing import Annotated, get_args
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from store_engine.case_events import Decision
from store_engine.office.counter import Case, Refused
from store_engine.ports.api import ApiToken, Scope
from store_engine.web.access import Behind, Guard, Name, shop_for
from store_engine.web.doors import ShopDoor
from store_engine.web.forms import form_of, number_of
from store_engine.web.problems import ProblemError, not_found
from store_engine.web.receipt_papers import Paper, paper_of
from store_engine.web.staff_page import render_login, render_queue, render_stores

COOKIE = "office"
STAYS_S = 8 * 3_600  # a shift; then the token is asked for again (guess)
SCOPE: Scope = "cases:answer"
DECISIONS: tuple[Decision, ...] = get_args(Decision)

router = APIRouter(include_in_schema=False)
Form = Annotated[dict[str, str], Depends(form_of)]


def _reviewer(request: Request) -> ApiToken:
    token = _token(request, request.cookies.get(COOKIE))
    if token is None:
        raise ProblemError(401, "open /staff first: a token is needed")
    return token


Reviewer = Annotated[ApiToken, Depends(_reviewer)]


@router.get("/staff")
def begin(request: Request, doors: Behind) -> Response:
    """Ask for a token, or for a store."""
    if COOKIE not in request.cookies:
        return HTMLResponse(render_login())
    token = _token(request, request.cookies[COOKIE])
    if token is None:
        return HTMLResponse(render_login(note="This token is not valid any more."), 401)
    return HTMLResponse(render_stores([store for store in doors.shops if token.sees(store)]))


@router.post("/staff")
def log_in(request: Request, form: Form) -> Response:
    """Keep a token in the browser, if it may answer cases."""
    text = form.get("token", "").strip()
    if _token(request, text) is None:
        return HTMLResponse(render_login(note="This token cannot answer cases."), 401)
    answer = RedirectResponse("/staff", 303)
    answer.set_cookie(
        COOKIE,
        text,
        max_age=STAYS_S,
        path="/staff",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.get("/staff/{store}")
def queue(store: Name, doors: Behind, token: Reviewer) -> Response:
    """Show what waits."""
    return _queue(shop_for(token, store, doors))


@router.post("/staff/{store}/answer")
def answer(store: Name, form: Form, doors: Behind, token: Reviewer) -> Response:
    """Decide a case, and show what waits then."""
    shop = shop_for(token, store, doors)
    decision = next((one for one in DECISIONS if one == form.get("decision")), None)
    amount = number_of(form.get("amount", ""))
    case = shop.counter.case(form.get("case", ""))
    if decision is None or amount is None:
        return _queue(shop, note="Please say what to do, and how much.", status=422)
    if case is None or case.opened.store != store:
        raise not_found("case")
    amount = 0 if decision == "close" else amount
    done = shop.counter.answer(case.opened.case, decision=decision, amount=amount, by=token.token)
    if isinstance(done, Refused):
        return _queue(shop, note=done.reason, status=409)
    return RedirectResponse(f"/staff/{quote(store)}", 303)


def _token(request: Request, text: str | None) -> ApiToken | None:
    guard: Guard = request.app.state.guard
    try:
        token = guard.caller(request, text)
    except ProblemError as error:
        if error.status == 401:
            return None
        raise
    return token if SCOPE in token.scopes else None


def _queue(shop: ShopDoor, *, note: str = "", status: int = 200) -> Response:
    rows = shop.casebook.cases(states=["waiting"])
    cases = [case for row in rows if (case := shop.counter.case(row.case)) is not None]
    waiting = [(case, _paper(shop, case)) for case in cases]
    return HTMLResponse(render_queue(shop.store, waiting, note=note), status)


def _paper(shop: ShopDoor, case: Case) -> Paper | None:
    receipt = shop.records.receipt(case.opened.receipt)
    return None if receipt is None else paper_of(shop, receipt)
