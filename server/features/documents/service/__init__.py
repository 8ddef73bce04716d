"""The door of documents."""

from server.features.documents.schemas import FileOut, NoticeCheck, NoticeOut, UploadIn, UploadOut
from server.features.documents.service._files import (
    attach,
    content,
    files,
    hold,
    let_go,
    look,
    read,
    remove,
    require,
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
from server.features.documents.service._parts import (
    PART,
    add_part,
    begin_upload,
    cancel_upload,
    finish_upload,
    sweep_halves,
    upload_state,
)
from server.features.documents.service._sniff import MOST_BYTES
from server.features.documents.service._taking import store

__all__ = [
    "MOST_BYTES",
    "PART",
    "FileOut",
    "NoticeCheck",
    "NoticeFacts",
    "NoticeOut",
    "UploadIn",
    "UploadOut",
    "add_part",
    "attach",
    "begin_upload",
    "cancel_upload",
    "check_notice",
    "content",
    "draw_notice",
    "files",
    "finish_upload",
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
    "sweep_halves",
    "sweep_unused",
    "thumb",
    "upload_state",
]
