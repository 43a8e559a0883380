"""Shoppers who act at the same moment: each waits at their place until the others are ready."""

from sim.entries import Waits
from sim.scenarios import Scenario
from sim.walking import STEP_S

PATIENCE_S = 15.0  # then a shopper goes on alone
HANDS_S = 1.8  # from the start of a gesture, when all hands are on their goods (guess)


class Rendezvous:
    """Who is ready where."""

    def __init__(self, scenario: Scenario) -> None:
        steps = [step for script in scenario.scripted for step in script.steps]
        self._missing = {
            step.sync: set(scenario.meeting(step.sync)) for step in steps if step.sync is not None
        }
        self._agreed_s: dict[str, float] = {}  # when all of them begin

    def arrive(self, name: str, person: str, now_s: float) -> Waits:
        """Wait for the others, or until patience ends."""
        missing = self._missing[name]
        missing.discard(person)
        if not missing:
            self._agreed_s.setdefault(name, now_s + STEP_S)  # the others hear of it by then
        deadline_s = now_s + PATIENCE_S
        yield lambda now: now > min(self._agreed_s.get(name, deadline_s), deadline_s) - STEP_S / 2

    def lift_at_s(self, name: str | None, now_s: float) -> float:
        """Return when those who have just met lift what they hold; 0 for nobody in particular."""
        agreed_s = self._agreed_s.get(name or "", -HANDS_S)
        return agreed_s + HANDS_S if now_s < agreed_s + HANDS_S else 0.0
