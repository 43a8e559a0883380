"""Draw every picture of docs/inference.md."""

from pathlib import Path

from benchmarks.accuracy.sessions import ROOT, Trial
from docs.pictures.accounts import Growth, accounts_picture
from docs.pictures.hands import hands_picture
from docs.pictures.plate import plate_picture
from docs.pictures.sessions import overheard, played
from docs.pictures.shapes import Widest, shapes_picture
from docs.pictures.ties import Fullest, ties_picture

FOLDER = Path(__file__).parent
FIXTURE = ROOT / "fixtures" / "three-shoppers.mcap"


def plate() -> str:
    """Return the signal of an ordinary pick from a noisy plate of the fixture."""
    seen = overheard(FIXTURE)
    steps = [step for step in seen.steps if step.plate == "2-6-2"]
    notes = ["shaded: contact; dotted: the moment of the change"]
    title = "A pick from a plate that floor vibration shakes"
    return plate_picture(seen, steps, title=title, notes=notes)


def held() -> str:
    """Return the signal of a product that is held on its shelf, and rests half lifted."""
    game = played(Trial("long-hold", "medium", 0))
    steps = [step for step in game.seen.steps if step.plate == "2-4-6"]
    title = "One product, held on the shelf: it rests half lifted, and one pick becomes two steps"
    return plate_picture(game.seen, steps, title=title, notes=[])


def hands() -> str:
    """Return the hands of two people who stand shoulder to shoulder."""
    game = played(Trial("very-close", "medium", 0))
    step = next(step for step in game.seen.steps if step.plate == "1-3-6")
    names = {track: game.account_of[visit] for track, visit in game.seen.visit_of.items()}
    title = f"Who took it? Two people shoulder to shoulder, one step of {step.change_g:.0f} g"
    return hands_picture(game, step, names, title=title)


def shapes() -> str:
    """Return the ways to divide a cluster of three steps."""
    widest = Widest()
    game = played(Trial("two-at-once", "hard", 0), widest.look)
    title = "One cluster, its shapes, and the best account of each"
    return shapes_picture(widest.cluster, game.session.store, title=title)


def accounts() -> str:
    """Return the accounts of a product that is put in a wrong place and taken from there."""
    growth = Growth("3-2-5")
    game = played(Trial("same-mass-neighbour", "easy", 2), growth.look)
    heads = ["ada takes", "ada puts it elsewhere", "bea takes it there"]
    title = "Three clusters that must be explained together, and the accounts that survive"
    return accounts_picture(growth, game.session.store, game.account_of, title=title, heads=heads)


def ties() -> str:
    """Return which clusters of a session with eight shoppers are tied."""
    fullest = Fullest()
    game = played(Trial("mixed", "any", 23), fullest.look)
    zero_us = game.session.heard[0].received_us
    title = "Eight shoppers in a minute: what must be explained together"
    return ties_picture(fullest.groups, game.account_of, zero_us=zero_us, title=title)


for draw in (plate, held, hands, shapes, accounts, ties):
    (FOLDER / f"{draw.__name__}.svg").write_text(draw(), encoding="utf-8")
