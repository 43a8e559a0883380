"""The pictures of docs/inference.md, drawn from sessions that are simulated, or recorded, anew.

    .venv/bin/python -m docs.pictures

Each is one SVG file beside this one. Two rooms of the engine are run once more beside it: shelves
for every step, and the parts of attribution for what its explanations rest on.
"""
