import io
import re

import pytest
from bench_sessions import judged
from rich.console import Console

from benchmarks.accuracy.report import report
from benchmarks.accuracy.report_page import render
from benchmarks.accuracy.results import read_results, write_results
from benchmarks.accuracy.table import tables
from store_engine.errors import RecordingError

TITLES = {"ours": "this engine", "plain": "plain <baseline>"}


@pytest.fixture(scope="module")
def sessions():
    ours = [judged(seed=seed, right=3, missing=seed % 2) for seed in range(1000, 1008)]
    classed = [judged(seed=1000, name="crossing-arms", right=1)]
    return [*ours, *classed, *(judged("plain", seed=1000, right=1, missing=1, sure=None),)]


@pytest.fixture(scope="module")
def found(sessions):
    header = {"seeds": "1000-1007", "seeds are for": "reporting"}
    return report(sessions, header=header, contestants=TITLES)


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_figures_are_over_all_sessions_and_by_class(found):
    assert found.summary("ours").sessions == 9
    assert found.summary("ours", name="crossing-arms").figures["f1"].value == 1.0
    assert found.summary("plain", name="crossing-arms") is None


def test_only_who_states_certainty_is_held_to_it(found):
    (certainty,) = found.certainties
    assert certainty.contestant == "ours"
    assert found.summary("plain").figures["ece"].value is None
    assert [one.value for one in certainty.wrong_after_review][:1] == [pytest.approx(4 / 9)]


def test_the_page_holds_the_table(found):
    page = words(render(found))
    f1 = found.summary("ours").figures["f1"]
    assert f"ours {f1.value:.3f} {f1.low:.3f} to {f1.high:.3f}" in page
    assert "plain 0.667" in page
    assert "These seeds are for reporting" in page


def test_the_page_fetches_nothing_and_runs_nothing(found):
    page = render(found)
    assert not re.search(r"<script|<link|<img|https?://|url\(", page)
    assert page.count("<svg") == 4


def test_the_page_escapes_what_it_is_given(found):
    assert "plain &lt;baseline&gt;" in render(found)


def test_the_terminal_says_the_same(found):
    shown = io.StringIO()
    Console(width=100, file=shown).print(tables(found))
    text = shown.getvalue()
    assert "seeds are for: reporting" in text
    assert re.search(r"plain +0\.667", text)


def test_a_contestant_that_broke_down_is_named(sessions):
    broken = [judged("ours", seed=1), *sessions]
    object.__setattr__(broken[0], "failure", "KeyError: 'x'")
    page = render(report(broken, header={}, contestants=TITLES))
    assert "ours broke down in 1 of 10 sessions" in page


def test_results_come_back_as_they_were_written(found, sessions, tmp_path):
    write_results(tmp_path / "results.json", found, sessions)
    read = read_results(tmp_path / "results.json")
    assert read.report == found
    assert read.sessions == tuple(sessions)


def test_a_file_that_holds_no_results_is_named(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(RecordingError, match=r"x\.json: not a results file"):
        read_results(tmp_path / "x.json")
