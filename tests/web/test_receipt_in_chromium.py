"""A receipt in a real browser: opened, contested, refunded, with scripts and without."""

import pytest

from tests.web.browser import chromium, served
from tests.web.office_world import BREAD, CHEESE, MILK

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def opened(office):
    """Opens the page of a real receipt; fails when the browser complains about anything."""
    paper, complaints = office.shop(), []
    with served(office.app) as address, chromium() as browser:

        def open_page(**how):
            page = browser.new_page(viewport=PHONE, **how)
            page.on("console", lambda said: complaints.append(said.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(address + office.link(paper))
            return page

        yield open_page
    assert complaints == []


def send(page, place):
    with page.expect_navigation():
        page.click(f"{place} details[open] button")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_line_is_contested_and_the_refund_stands_on_the_page(office, opened, scripts):
    before, page = office.taken(), opened(java_script_enabled=scripts)
    page.click(f"#line-{BREAD} summary:text('This is wrong')")
    page.check(f"#line-{BREAD} input[value=fewer]")
    send(page, f"#line-{BREAD}")
    assert "Refunded: 2.00 EUR" in page.text_content(f"#line-{BREAD}")
    assert "-2.00 EUR" in page.text_content("table")
    assert before - office.taken() == 200


def test_what_costs_more_is_looked_at(opened):
    page = opened()
    page.click(f"#line-{CHEESE} summary:text('This is wrong')")
    send(page, f"#line-{CHEESE}")
    assert "Somebody will look at it" in page.text_content(f"#line-{CHEESE}")


def test_who_was_not_charged_for_something_says_so(opened):
    page = opened()
    page.click("summary:text('I was not charged for something')")
    page.fill("input[name=product]", "Soap")
    send(page, ".help")
    assert "You said: I was not charged for something" in page.text_content(".help")


def test_only_one_form_is_open_at_a_time(opened):
    page = opened()
    page.click(f"#line-{MILK} summary:text('This is wrong')")
    page.click(f"#line-{BREAD} summary:text('This is wrong')")
    assert page.locator("details[open]").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(opened, scheme, tmp_path):
    page = opened(color_scheme=scheme)
    page.click(f"#line-{BREAD} summary:text('This is wrong')")
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert (tmp_path / f"{scheme}.png").stat().st_size > 10_000
