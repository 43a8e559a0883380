"""What the tables of every subject share: one MetaData, names of constraints, column types."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={  # a constraint needs a name before a migration can change it
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # given out by the database


def money(name: str) -> sa.Column[int]:
    """Return a column of minor units."""
    return sa.Column(name, sa.BigInteger, nullable=False)
