"""QR pictures of an exact width, whose modules are whole pixels."""

import io
from functools import lru_cache

import qrcode
from PIL import Image

__all__ = ["LONGEST_TEXT", "png"]

LONGEST_TEXT = 2_000
QUIET = 4  # modules of white around the code


@lru_cache(maxsize=256)
def png(text: str, width: int, colour: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    """A code too large for `width` is drawn as wide as it needs."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=1, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    modules = len(matrix)
    box = max(1, width // modules)
    small = Image.new("RGB", (modules, modules), "white")
    small.putdata([colour if dark else (255, 255, 255) for row in matrix for dark in row])
    drawn = small.resize((modules * box, modules * box), Image.Resampling.NEAREST)
    side = max(width, modules * box)
    canvas = Image.new("RGB", (side, side), "white")
    canvas.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    out = io.BytesIO()
    canvas.save(out, "PNG", optimize=False)
    return out.getvalue()
