"""The price books in use: the one in force, and those that visits still inside started under.

Prices change between visits, never inside one: a visit is priced by the book in force when it
started, however long it lasts and whatever is put in force meanwhile. A product that a book leaves
out has the price that the store opened with.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import msgspec

from store_engine.catalog import Catalog


class PriceBooks:
    """Price books by version."""

    def __init__(self, opening: Catalog) -> None:
        self._opening = opening
        self._books = {opening.version: opening}
        self._current = opening.version

    @property
    def current(self) -> str:
        """The version that visits start under now."""
        return self._current

    def of(self, version: str) -> Catalog:
        """Return a book in use."""
        return self._books[version]

    def put_in_force(self, book: Catalog) -> None:
        """Let visits that start from now on be priced by `book`."""
        self._books.setdefault(book.version, self._complete(book))
        self._current = book.version

    def keep(self, in_use: Iterable[str]) -> None:
        """Forget the books that nobody will be priced by any more."""
        kept = {self._current, *in_use}
        self._books = {version: book for version, book in self._books.items() if version in kept}

    def snapshot(self) -> dict[str, Any]:
        """Return all books as plain values."""
        return {
            "current": self._current,
            "books": msgspec.to_builtins(self._books, order="deterministic"),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Hold exactly the books that `snapshot` held."""
        self._current = snapshot["current"]
        books = msgspec.convert(snapshot["books"], dict[str, Catalog])
        self._books = {version: self._complete(book) for version, book in books.items()}

    def _complete(self, book: Catalog) -> Catalog:
        """Return a book with the prices it leaves out: those of products new to the store since."""
        opening = self._opening
        if book.products.keys() >= opening.products.keys():
            return book
        return dataclasses.replace(
            book,
            products={**opening.products, **book.products},
            tax_rates={**opening.tax_rates, **book.tax_rates},
            tax_included={**opening.tax_included, **book.tax_included},
        )
