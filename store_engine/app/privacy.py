"""Builds what shows, erases and outdates personal data, from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from store_engine.adapters.database import Database
from store_engine.adapters.database.privacy import SqlPersonBook
from store_engine.adapters.database.privacy_retention import SqlRetentionBook
from store_engine.adapters.database.privacy_scrub import SqlScrubber
from store_engine.adapters.recording_files import RecordingFiles
from store_engine.app.office import FrontOffice, office_clock
from store_engine.office.desk import ANSWERS_KEPT_S
from store_engine.office.privacy import SETTLED, Privacy
from store_engine.office.retention import ACCOUNTS, DAY_S, RECORDINGS, Daily, Retention
from store_engine.office.vault import KEPT_S
from store_engine.settings import RetentionSettings, Settings


@dataclass(frozen=True, kw_only=True)
class PrivacyOffice:
    """Everything about personal data."""

    privacy: Privacy
    retention: Retention
    daily: Daily


def open_privacy(settings: Settings, database: Database, front: FrontOffice) -> PrivacyOffice:
    """Return the privacy office of a database. Its daily run has not begun."""
    now_us = office_clock(settings)
    persons, scrubber = SqlPersonBook(database), SqlScrubber(database)
    privacy = Privacy(persons, scrubber, handle=front.vault.handle, now_us=now_us)
    retention = Retention(
        SqlRetentionBook(database, settled=SETTLED),
        persons,
        privacy,
        RecordingFiles(settings.record),
        scrubber,
        days=days_kept(settings.retention),
    )
    return PrivacyOffice(
        privacy=privacy, retention=retention, daily=Daily(retention, now_us=now_us)
    )


def days_kept(chosen: RetentionSettings) -> Mapping[str, float]:
    """Return how long each kind of data is kept, in days."""
    return {
        "vault": KEPT_S / DAY_S,
        "answers": ANSWERS_KEPT_S / DAY_S,
        "refused payloads": chosen.refused_payloads_days,
        RECORDINGS: chosen.recordings_days,
        "events": chosen.events_days,
        "notes": chosen.notes_days,
        "audit": chosen.audit_days,
        "tokens": chosen.audit_days,  # as long as the audit log names them
        "case texts": chosen.case_texts_days,
        "links": chosen.links_days,
        ACCOUNTS: chosen.links_days,  # without a visit that could still be theirs
        "money": chosen.money_days,
    }
