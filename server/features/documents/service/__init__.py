"""The door of documents."""

from server.features.documents.schemas import FileOut, NoticeCheck, NoticeOut
from server.features.documents.service._files import (
    attach,
    files,
    hold,
    let_go,
    look,
    read,
    remove,
    require,
    store,
    sweep_unused,
    thumb,
)
from server.features.documents.service._notices import (
    NoticeFacts,
    check_notice,
    draw_notice,
    issue_notice,
    look_at_notice,
    notices_of,
    printable,
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
    "hold",
    "issue_notice",
    "let_go",
    "look",
    "look_at_notice",
    "notices_of",
    "printable",
    "read",
    "remove",
    "require",
    "store",
    "sweep_unused",
    "thumb",
]
