"""Mailboxes of Outlook: messages of all folders, each text and attachment once."""

import pytest

from tests.sources.formats.five import VALUES, found_values
from tests.sources.formats.test_outlook_message import message
from tests.sources.ole_writer import Mail
from tests.sources.pst_writer import write_pst
from tests.sources.tables import lost, zipped

BOX = {
    "收件箱": [message(), Mail({0x001A: "IPM.Note", 0x1000: "周伟 13900139020", 0x0037: "另一封"})],
    "联系人": [Mail({0x001A: "IPM.Contact", 0x3001: "赵敏", 0x3A1C: "13900139005"})],
    "客户13900139021": [],
}


@pytest.mark.parametrize("packed", [False, True])
def test_every_part_of_a_mailbox(packed: bool) -> None:
    data = write_pst(BOX)
    places, troubles = found_values(zipped({"a.pst": data}) if packed else data)
    assert lost(troubles) == ["NOT_SUPPORTED_YET"]  # the attached message
    texts = "\n".join(text for text, found in places.items() for _ in found)
    for number in (1, 2, 3, 5, 9, 20, 21):
        assert texts.count(f"139001390{number:02d}") == 1, number
    prefix = "a.pst!" if packed else ""
    assert places["赵敏"] == [("a.pst" if packed else "", 3, "name")]
    assert places["王芳 <wf@example.com>"][0][1:] == (1, "To")
    assert places["收件箱/message 2"][0][1:] == (2, "message")
    for value in VALUES:
        assert places[value][0][0] == f"{prefix}收件箱/message 1!客户.csv"


def test_many_messages() -> None:
    box = [Mail({0x001A: "IPM.Note", 0x1000: f"电话 1390013{n:04d}"}) for n in range(300)]
    places, troubles = found_values(write_pst({"收件箱": box}))
    assert troubles == []
    assert all(len(places[f"电话 1390013{n:04d}"]) == 1 for n in range(300))


def test_what_is_damaged_is_listed() -> None:
    data = write_pst(BOX)
    for cut in (8, 564, len(data) // 2, len(data) - 512):
        assert lost(found_values(data[:cut])[1])
