"""The HTTP front door of the office: an API for programs, a page for whoever holds a receipt.

    request ─▶ limits (size, rate) ─▶ audit ─▶ token, scope, store ─▶ office ─▶ words as JSON
                                          └──▶ receipt link ────────▶ office ─▶ page, PDF

Knows the office, words and ports; what touches the world is handed in (`Doors`).
"""
