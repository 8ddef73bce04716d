"""Papers people send, and what hostile people send instead."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

from tests.fixtures_web import Answer, Client

FILES = "/api/v1/files"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def scanned(photo: bytes, also: str = "") -> bytes:
    """A PDF with one photo on a page, as scanning programs make it: nothing but the photo's own bytes in a wrapper."""
    with Image.open(io.BytesIO(photo)) as opened:
        width, height = opened.size
    drawn = b"q 300 0 0 400 0 0 cm /P Do Q"
    objects = (
        f"<</Type/Catalog/Pages 2 0 R{also}>>".encode(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Resources<</XObject<</P 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        b"/Length %d>>stream\n%b\nendstream" % (width, height, len(photo), photo),
        b"<</Length %d>>stream\n%b\nendstream" % (len(drawn), drawn),
        b"<</Title(by Wang Wu)/Creator(SecretScanner)>>",
    )
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R/Info 6 0 R>>\n%%EOF\n"


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 400), **options: Any) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", size, "#88aacc").save(sink, kind, **options)
    return sink.getvalue()


def bomb(edge: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to edge times edge pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + edge // 8)
    body = b"".join(packer.compress(row) for _ in range(edge)) + packer.flush()
    head = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def packed(objects: bytes) -> bytes:
    """A PDF whose objects lie compressed in a stream, as PDF 1.5 does it."""
    stream = zlib.compress(objects)
    head = b"%%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter/FlateDecode/N 1/First 0/Length %d>>stream\n" % len(stream)
    return head + stream + b"\nendstream endobj\n%%EOF\n"


def archive() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        made.writestr("run.js", "alert(1)")
    return sink.getvalue()


async def send(phone: Client, content: bytes, name: str = "身份证 正面.jpg") -> Answer:
    # By hand, as a phone writes it: the client library refuses to send a rude file name.
    head = f'--cut\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--cut--\r\n"
    return await phone.post(FILES, data=io.BytesIO(body), headers={"content-type": "multipart/form-data; boundary=cut"})
