"""Photo table (T11): pictures by folder, as candidates for photos of faces.

Faces are not recognised. A person looks at the pictures; until then they are in no figure.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.pages.report_table import ReportTable, coded, number, text
from piiscan.sources.archives.member_names import recognised_place

Row = dict[str, Any]

#: Detail of the troubles of pictures.
_PICTURE: Final = re.compile(r"picture(?:: |$)")
_FACES: Final = re.compile(
    r"人脸|人臉|面部|刷脸|头像|頭像|证件照|證件照|自拍|正面照|手持|活体|face|portrait|selfie|avatar",
    re.IGNORECASE,
)


def names_faces(path: str) -> bool:
    """Return True if the last folder of a path, or its file, is named after faces.

    >>> names_faces("硬盘/人脸照片/0001.jpg"), names_faces("硬盘/截图/0001.jpg")
    (True, False)
    """
    return _FACES.search("/".join(re.split("[/!]", path)[-2:])) is not None


def _photos(context: TableContext) -> list[Row]:
    """Return a row per folder with pictures: their number, and if it is named after faces."""
    paths, display_names = context.case.paths, context.case.display_names
    pictures = {
        (each["source"], each["member"] or "")
        for each in context.case.errors.to_pylist()
        if _PICTURE.match(each["detail"] or "")
    }
    for each in context.case.parts:
        place = recognised_place(each["member"] or "")
        if place is not None and not place[1].startswith("page "):
            pictures.add((each["source"], place[0]))
    counts: Counter[tuple[str, bool]] = Counter()
    for source, member in pictures:
        if source in paths:
            path = paths[source]
            shown = display_names.get(path, path)
            if member:
                shown += f"!{display_names.get(member, member)}"
            cut = max(shown.rfind("/"), shown.rfind("!"))
            counts[
                shown[:cut] if cut > 0 else ".", names_faces(f"{path}!{member}" if member else path)
            ] += 1
    return [
        {"folder": folder, "pictures": count, "faces": faces}
        for (folder, faces), count in sorted(
            counts.items(), key=lambda each: (not each[0][1], each)
        )
    ]


PHOTOS: Final = ReportTable(
    "photos",
    (text("folder"), number("pictures"), coded("faces", "answer")),
    section="T11",
    made_by="count",
    build=_photos,
    notes=("sheet.note.photos",),
)
