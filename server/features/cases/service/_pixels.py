"""Pictures that have not the size their line of the guide asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from server.errors import FieldError, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import MaterialRule
from server.features.documents import service as documents
from server.features.documents.service import FileOut


def misfits(
    rules: Iterable[MaterialRule], given: Iterable[tuple[str, FileOut]]
) -> dict[str, tuple[catalogue.Pixels, FileOut]]:
    """Find the files of another size, and the PDFs, by their lines."""
    asked = {rule.key: rule.pixels for rule in rules if rule.pixels is not None}
    if not asked:
        return {}
    return {key: (asked[key], file) for key, file in given if key in asked and not _has_size(asked[key], file)}


def _has_size(pixels: catalogue.Pixels, file: FileOut) -> bool:
    """Say whether a file is as large a picture; one that came before sizes were kept may be."""
    return file.media_type.startswith("image/") and catalogue.pixels_fit(pixels, file.width, file.height)


async def check_pixels(rules: Collection[MaterialRule], given: Iterable[tuple[str, UUID]], locale: str) -> None:
    """Refuse at their lines, in the language of who sends them, the files that were taken in for each."""
    asked = {rule.key for rule in rules if rule.pixels is not None}
    lines = [(key, file_id) for key, file_id in given if key in asked]
    if not lines:
        return
    files = await documents.files([file_id for _, file_id in lines])
    faults = [
        FieldError(
            f"materials.{key}",
            "pixels" if file.width else "pixels_of_picture",
            {
                "size": catalogue.pixels_said(pixels, locale),
                "own": catalogue.dots_said(file.width, file.height, locale),
            },
        )
        for key, (pixels, file) in misfits(rules, [(key, files[file_id]) for key, file_id in lines]).items()
    ]
    if faults:
        raise InvalidInput("invalid_input", fields=tuple(faults))
