"""Backups: the database and the files it names, of one moment, in one zip with a manifest.

The database is copied first, then the files: they never change, so every row has its file. A
database on PostgreSQL goes into the same kind of file, row by row: a backup of one kind of
database can be restored into the other. Who may do so stands in actions/upkeep.py.
"""

from daxing_safety.backups.contents import named_files
from daxing_safety.backups.folder import Kept, find, kept
from daxing_safety.backups.making import STAGE, BackupFailed, create
from daxing_safety.backups.manifest import Manifest, Member, check, look
from daxing_safety.backups.restoring import restore

__all__ = [
    "STAGE",
    "BackupFailed",
    "Kept",
    "Manifest",
    "Member",
    "check",
    "create",
    "find",
    "kept",
    "look",
    "named_files",
    "restore",
]
