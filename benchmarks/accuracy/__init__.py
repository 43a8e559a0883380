"""The accuracy benchmark: seeded sessions, whoever wants to play them, and an honest table.

    sessions ─▶ running ─▶ contestants ─▶ told ─▶ scores ─▶ report ─▶ table, report_page, results
    (or exchange:                                (the truth   └─ figures, intervals, calibration
     folders)                                     is read here)

From Python:

    from benchmarks.accuracy import Setup, report, run, simulated, trials
    asked = trials(classes=["all"], difficulties=["hard"], seeds=range(1000, 1010))
    judged = [one for many in run(asked, partial(simulated, setup=Setup()),
                                  contestants=["ours", "sequential"]) for one in many]
    report(judged, header={}, contestants={"ours": "", "sequential": ""})
"""

from benchmarks.accuracy.report import report
from benchmarks.accuracy.running import run
from benchmarks.accuracy.sessions import Setup, simulated, trials

__all__ = ["Setup", "report", "run", "simulated", "trials"]
