"""The pictures of docs/inference.md, drawn from sessions that are simulated, or recorded, anew.

    .venv/bin/python -m docs.pictures

Each is one SVG file beside this one. They look into the engine, as its users should not.
"""
