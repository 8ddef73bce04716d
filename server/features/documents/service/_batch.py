"""What a batch of deeds reads and writes of files, as parts of its own statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.features.documents.schemas import FileOut

if TYPE_CHECKING:
    from asyncpg import Record

# The files of some deeds, by their ids.
FILES = """
    SELECT id, account_id, thread_id, held_for, name_sealed, media_type, size, has_thumb, width, height, created_at
    FROM file
    WHERE id = ANY($1::uuid[]) AND state = 'kept'
"""


def shown_of(row: Record) -> FileOut:
    """Describe a file that FILES gave."""
    url = f"/api/v1/files/{row['id']}"
    return FileOut(
        id=row["id"],
        name=db.unseal("file", "name_sealed", row["id"], row["name_sealed"]),
        media_type=row["media_type"],
        size=row["size"],
        url=url,
        thumb_url=f"{url}/thumb" if row["has_thumb"] else None,
        width=row["width"],
        height=row["height"],
        created_at=row["created_at"],
    )


def locked_rows(source: str, *, files: str) -> str:
    """Give the SELECT that locks, in the order of their ids, the files that may be handed in; `id, case_id`.

    It reads `file_id, case_id, thread_id, account_id` from `source`; `files` is the array of all of them. A file may be
    handed in by who uploaded it, or to the thread it lies in, and only while it serves no other.
    """
    return f"""SELECT file.id, more.case_id FROM file JOIN {source} AS more ON more.file_id = file.id
        WHERE file.id = ANY({files}) AND file.state = 'kept'
            AND coalesce(file.thread_id, more.thread_id) = more.thread_id
            AND coalesce(file.held_for, more.thread_id) = more.thread_id
            AND (file.account_id = more.account_id OR file.thread_id = more.thread_id OR file.held_for = more.thread_id)
        ORDER BY file.id FOR NO KEY UPDATE OF file"""  # noqa: S608 - our own words


def bound_rows(locked: str, source: str, *, files: str) -> str:
    """Give the UPDATE that hands in what `locked_rows` locked: reads `case_id, thread_id` from `source`."""
    return f"""UPDATE file SET held_for = more.thread_id, thread_id = more.thread_id
        FROM (SELECT {locked}.id, {source}.thread_id FROM {locked} JOIN {source} USING (case_id)) AS more
        WHERE file.id = ANY({files}) AND file.id = more.id"""  # noqa: S608 - our own words


def dropped_rows(source: str, *, files: str, threads: str) -> str:
    """Give the UPDATE that lets go of what drafts held and did not hand in: reads `thread_id` from `source`."""
    return f"""UPDATE file SET held_for = NULL FROM {source} AS more
        WHERE file.held_for = ANY({threads}) AND file.held_for = more.thread_id AND file.thread_id IS NULL
            AND file.id <> ALL({files})"""  # noqa: S608 - our own words
