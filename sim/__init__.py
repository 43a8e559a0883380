"""A simulator of the hardware: seeded, deterministic, the only clock of its world.

scenario -> world and shoppers -> Scene (what truly happens) -> sensors and faults -> messages.
It knows the engine's words, never its rooms, so it cannot flatter them.
"""
