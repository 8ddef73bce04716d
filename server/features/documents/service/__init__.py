"""The door of documents."""

from server.features.documents.schemas import FileOut, NoticeCheck, NoticeOut
from server.features.documents.service._files import (
    attach,
    files,
    read,
    remove,
    require,
    store,
    sweep_unused,
    thumb,
    view,
)
from server.features.documents.service._notices import (
    NoticeFacts,
    check_notice,
    draw_notice,
    issue_notice,
    notices_of,
)
from server.features.documents.service._sniff import MOST_BYTES

__all__ = [
    "MOST_BYTES",
    "FileOut",
    "NoticeCheck",
    "NoticeFacts",
    "NoticeOut",
    "attach",
    "check_notice",
    "draw_notice",
    "files",
    "issue_notice",
    "notices_of",
    "read",
    "remove",
    "require",
    "store",
    "sweep_unused",
    "thumb",
    "view",
]
