from rich.console import Console
from test_scaling_endurance import reading
from test_scaling_fits import points

from benchmarks.confusion import table as confusion_table
from benchmarks.confusion.words import Worst
from benchmarks.endurance import table as endurance_table
from benchmarks.endurance.growth import trends
from benchmarks.kept import keep
from benchmarks.scaling import table as scaling_table
from benchmarks.scaling.command import fitted

WORST = Worst(
    name="16 in one aisle", seeds=(1000,), trips=16, confusing=0.8, steps=50, handle_ms=120.4,
    handle_p999_ms=17.0, step_ms=12.0, settle_ms=110.0, lag_s=0.12, cpu_s=2.1, precision=0.9,
    recall=0.75, extra=2, asked=4, would_ask=8, passed_wrong=1,
)  # fmt: skip


def shown(what: object) -> str:
    console = Console(width=130, record=True, quiet=False)
    with console.capture() as captured:
        console.print(what)
    return captured.get()


def test_a_series_says_what_the_simulator_refused():
    series = fitted("s", "nanostore", "shoppers", points((1, 1.0), (2, 2.0)), refused="16 shoppers")
    assert "not measured: 16 shoppers" in shown(scaling_table.tables([series]))


def test_confusion_shows_whom_it_charges_wrongly_and_how_often_it_would_ask():
    table = shown(confusion_table.tables([WORST]))
    assert all(figure in table for figure in ("120 ms", "0.12 s", "0.900", "25%", "50%", "6%"))


def test_a_day_too_short_for_a_trend_says_so():
    readings = [reading(0.5), reading(1.0)]
    assert "too short" in shown(endurance_table.tables(readings, trends(readings)))


def test_what_is_kept_says_how_to_repeat_it(tmp_path):
    header = {"command": "store-engine bench confusion", "seed": "1000"}
    keep(
        "it", header=header, figures=[WORST], shown="words", plots={"p": "<svg/>"}, folder=tmp_path
    )
    assert "command: store-engine bench confusion" in (tmp_path / "it.txt").read_text()
    assert '"seed": "1000"' in (tmp_path / "it.json").read_text()
    assert (tmp_path / "p.svg").read_text() == "<svg/>"
