"""The conformance table as Markdown: `python -m tests.jwo.table` prints it for the document."""

from collections import Counter

from tests.jwo.cases import CASES

HEAD = "| # | case | title | who calls | sent | expected | shown |\n|---|---|---|---|---|---|---|\n"


def markdown():
    """Return the counts and the table."""
    shown = Counter(case.caller for case in CASES if case.show)
    left = sum(not case.show for case in CASES)
    counts = (
        f"{len(CASES)} cases: {shown.total()} shown ({shown['engine']} that the engine calls, "
        f"{shown['retailer']} that the retailer calls), {left} cannot be shown from this side.\n\n"
    )
    return counts + HEAD + "".join(map(_row, CASES))


def _row(case):
    shown = "yes" if case.show else f"no: {case.why_not}"
    cells = (case.fact, case.id, case.title, case.caller, case.sent, case.expected, shown)
    return f"| {' | '.join(map(str, cells))} |\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201
