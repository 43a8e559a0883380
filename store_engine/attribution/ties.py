"""What ties a cluster to earlier ones: the same pieces may have been in both.

Ties that hardly matter are not made: of all pieces that a return may be, those much less likely
than the best (by reach, mass and how likely they were taken), or than no goods at all, are left
out. Large groups would cost more truth, by pruning, than such a tie holds.
"""

import math
from collections.abc import Iterator, Sequence

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.entries import Back, Entry, Stray, slack_of, within_reach
from store_engine.attribution.giving import Giving
from store_engine.attribution.goods import STRAY, TAKEN, Goods
from store_engine.attribution.groups import Joint, Stage
from store_engine.attribution.guests import log_leaving
from store_engine.attribution.handing import Chains, Hands, Passed
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_units
from store_engine.attribution.readings import Gain, Reading
from store_engine.attribution.register import Register
from store_engine.attribution.supplies import TIE_NATS, Supply

HANDED_NATS = 2.3  # pieces out of another's cart are considered if this likely (10 %; guess)


class Ties:
    """Makes the entries of one book."""

    def __init__(
        self, register: Register, joint: Joint, goods: Goods, chains: Chains, holder_of: HolderOf
    ) -> None:
        self._register = register
        self._joint = joint
        self._goods = goods
        self._chains = chains
        self._holder_of = holder_of

    def entry(self, cluster: Cluster, heard_us: int) -> Entry:
        """Return the entry of a cluster after all others, with meetings up to `heard_us`."""
        reading = self._joint.reading(cluster)
        entry = Entry(Stage(cluster, tuple(map(self._holder_of, cluster.tracks))))
        if reading.gains:
            until_us = min(cluster.moment_us, heard_us)
            entry.stage = entry.stage._replace(passed=self._passed(entry, reading.gains, until_us))
        self._tie_parts(entry, reading)
        self._tie_simultaneous(entry)
        entry.supplies = reading.supplies(entry.stage.holders)
        if isinstance(cluster, Giving):
            self._tie_giving(entry, cluster)
        return entry

    def _tie_parts(self, entry: Entry, reading: Reading) -> None:
        hands = Hands(entry.stage.passed)
        backs = [Back(gain, list(self._back(entry, gain, hands))) for gain in reading.gains]
        slack = slack_of(entry.stage.cluster, backs, reading.losses) if entry.stage.passed else {}
        for back in backs:
            self._tie_swaps(entry, reading, back.gain.part, back.best)
            self._tie_gain(entry, back, slack.get(back.gain.part.run, 0.0))
        for part, best in reading.losses:
            nearest = max(within_reach(part, entry.fills).values(), default=0.0)
            self._tie_swaps(entry, reading, part, best + nearest)
            self._tie_loss(entry, part, best)

    # ---- gains -------------------------------------------------------------------------------

    def _passed(self, entry: Entry, gains: Sequence[Gain], until_us: int) -> tuple[Passed, ...]:
        """Return what may have come into the hands of those who probably made any of the gains."""
        receivers: dict[Holder, None] = {}
        for gain in gains:
            reached = within_reach(gain.part, entry.fills)
            nearest = max(reached.values(), default=0.0)
            receivers |= {
                who: None for who, reach in reached.items() if reach >= nearest - TIE_NATS
            }
        clusters = self._register.clusters
        since_us = clusters[0].moment_us if clusters else entry.stage.cluster.moment_us
        return tuple(
            one
            for receiver in sorted(receivers)
            for one in self._chains.to(receiver, since_us, until_us)
            if self._register.supplies_of(one.owner)
        )

    def _back(
        self, entry: Entry, gain: Gain, hands: Hands
    ) -> Iterator[tuple[float, bool, int, Supply]]:
        """Yield (log weight, out of one's own cart, cluster, piece) of all that may come back.

        Except for what is not worth a tie beside something yielded before.
        """
        least = gain.log_nothing - TIE_NATS
        clusters = self._register.clusters
        for holder, reached in within_reach(gain.part, entry.fills).items():
            for owner in (holder, *hands.of(holder)):
                for earlier, supplies in self._register.supplies_of(owner):
                    for supply, log_weight in gain.fits(supplies):
                        log_share = reached + supply.log_share
                        if log_share < least or log_share + log_weight < least:
                            continue
                        if owner != holder:
                            taken_us = clusters[earlier].moment_us
                            log_share += hands.log_probability(holder, owner, taken_us)
                        weight = log_share + log_weight
                        if log_share >= least and weight >= least:
                            least = max(least, weight - TIE_NATS)
                            yield weight, owner == holder, earlier, supply

    def _tie_gain(self, entry: Entry, back: Back, slack: float) -> None:
        """Tie a gain to the takes that it may undo, and note what it may leave astray.

        slack: how much less likely the gain's best shape is than its cluster's, <= 0.
        """
        gain, best = back.gain, back.best
        if gain.guest is not None and gain.log_nothing >= best - TIE_NATS:
            entry.guests[gain.guest] = gain.log_nothing - best
        for weight, is_own, earlier, supply in back.pieces:
            if weight >= best - (TIE_NATS if is_own else HANDED_NATS + slack):
                entry.tied.add(earlier)
                entry.concern(supply.holder)
                if not self._goods.belongs(supply.gtin, gain.part.plates):
                    share = min(0.0, weight - best)
                    stray = Stray(gain.part.main_plate, supply.gtin, supply.unit_g, share)
                    entry.strays[stray] = None

    # ---- losses ------------------------------------------------------------------------------

    def _tie_loss(self, entry: Entry, part: Part, best: float) -> None:
        """Tie a loss to earlier gains that may have left what it took away."""
        for plate in part.plates:
            for earlier in self._register.of_plate(plate):
                left = self._register.entries[earlier]
                for guest, share in left.guests.items():
                    if log_leaving(part, guest) + share >= best - TIE_NATS:
                        entry.tied.add(earlier)
                for stray in left.strays:
                    if stray.plate == plate and _tie_stray(entry, part, stray, best):
                        entry.tied.add(earlier)

    # ---- either ------------------------------------------------------------------------------

    def _tie_swaps(self, entry: Entry, reading: Reading, part: Part, best: float) -> None:
        """Tie a part to the takes of what may have been put down while something was taken."""
        swaps = reading.swaps[part.run]
        near = within_reach(part, entry.fills)
        nearest = max(near.values(), default=0.0)
        for holder, reached in near.items():
            if reached < nearest - TIE_NATS:
                continue
            for earlier, supplies in self._register.supplies_of(holder):
                for supply, found in swaps.fits(supplies):
                    for swap in found:
                        share = reached + swap.log_weight + supply.log_share - best
                        if share >= -TIE_NATS:
                            entry.tied.add(earlier)
                            entry.stage = entry.stage._replace(swaps=True)
                            share, plate = min(0.0, share), part.main_plate
                            entry.strays[Stray(plate, supply.gtin, supply.unit_g, share)] = None
                            taken = Supply(holder, swap.gtin, swap.unit.mass_g, share)
                            entry.more[taken] = None

    def _tie_simultaneous(self, entry: Entry) -> None:
        """Tie it to those of about the same moment that the same people may have caused.

        Who has a hand here has only one left for elsewhere, which tells two people apart.
        """
        cluster, clusters = entry.stage.cluster, self._register.clusters
        for earlier in reversed(range(len(clusters))):
            other = clusters[earlier]
            if not other.is_at_once_with(cluster):
                return
            if cluster.likely & other.likely and len(cluster.likely | other.likely) > 1:
                entry.tied.add(earlier)

    def _tie_giving(self, entry: Entry, giving: Giving) -> None:
        """Tie a contact of hands to the takes of what may have changed carts by it."""
        one, two = entry.stage.holders
        for giver, taker in ((one, two), (two, one)):
            for earlier, supplies in self._register.supplies_of(giver):
                for supply in supplies.pieces:
                    log_share = supply.log_share + giving.meeting.log_probability
                    if log_share >= -TIE_NATS:
                        entry.tied.add(earlier)
                        passed = Supply(taker, supply.gtin, supply.unit_g, log_share)
                        entry.more[passed] = None


def _tie_stray(entry: Entry, part: Part, stray: Stray, best: float) -> bool:
    """Whether a loss may well be a stray; if so, note whose cart it may be in now."""
    unit = Unit(stray.unit_g, HANDLING_STD_G**2)
    mass = log_units(-part.change_g, part.var_g2, (unit,))
    log_share = TAKEN + math.log(STRAY) + mass + stray.log_share - best
    if log_share < -TIE_NATS:
        return False
    reached = within_reach(part, entry.fills)
    nearest = max(reached.values(), default=0.0)
    for holder, reach in reached.items():
        share = min(0.0, log_share) + reach - nearest
        entry.more[Supply(holder, stray.gtin, stray.unit_g, share)] = None
    return True
