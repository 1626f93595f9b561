"""What a kind of finding is to a record: the element of a person's information it stands for.

Kinds are those of the catalogue; one that is not listed here is neither element nor key, but is
found, and its rows count among the rows with findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final


class Element(IntEnum):
    """What findings stand for; elements before PERSONAL make a record identifiable."""

    IDENTITY = 0  # an identity document's number
    NAME = 1
    MOBILE = 2
    LANDLINE = 3
    ADDRESS = 4
    WECHAT = 5
    QQ = 6
    EMAIL = 7
    CARD = 8
    PAYMENT = 9
    CODE = 10  # a verification code
    SECRET = 11  # a password beside its account
    PERSONAL = 12  # a person's, but no key: waybills, plates
    ORGANISATION = 13
    VIRTUAL = 14  # a number shared by thousands
    MASKED = 15
    DAMAGED = 16
    OTHER = 17


#: How many elements there are that make a record identifiable.
TELLING: Final = int(Element.PERSONAL)
#: Accounts in the order in which they are taken for a key (domain.md D.3).
ACCOUNTS: Final = (Element.WECHAT, Element.QQ, Element.EMAIL, Element.CARD, Element.PAYMENT)
PHONES: Final = (Element.MOBILE, Element.LANDLINE)

_OF: Final = {
    "CN_RESIDENT_ID": Element.IDENTITY,
    "CN_FOREIGN_PR_ID": Element.IDENTITY,
    "CN_TRAVEL_PERMIT": Element.IDENTITY,
    "CN_PASSPORT": Element.IDENTITY,
    "HK_ID": Element.IDENTITY,
    "TW_ID": Element.IDENTITY,
    "MO_ID": Element.IDENTITY,
    "CN_MILITARY_ID": Element.IDENTITY,
    "PERSON": Element.NAME,
    "CN_MOBILE": Element.MOBILE,
    "CN_LANDLINE": Element.LANDLINE,
    "CN_ADDRESS": Element.ADDRESS,
    "WECHAT_ID": Element.WECHAT,
    "WECHAT_OPENID": Element.WECHAT,
    "QQ_NUMBER": Element.QQ,
    "EMAIL_ADDRESS": Element.EMAIL,
    "CN_BANK_CARD": Element.CARD,
    "ALIPAY_UID": Element.PAYMENT,
    "VERIFICATION_CODE": Element.CODE,
    "CREDENTIAL": Element.SECRET,
    "CN_VIRTUAL_NUMBER": Element.VIRTUAL,
    "MASKED": Element.MASKED,
    "PHONE_TAIL": Element.MASKED,
    "DAMAGED": Element.DAMAGED,
}

#: Classes of kinds as the case's tables have them -> the element of kinds not listed above.
_OF_CLASS: Final = {
    "person": Element.PERSONAL,
    "organisation": Element.ORGANISATION,
}


def element_of(entity: str, whose: str) -> Element:
    """The element that ``entity`` is; ``whose`` it is (person, organisation …) says the rest.

    >>> element_of("CN_MOBILE", "person").name, element_of("CN_USCC", "organisation").name
    ('MOBILE', 'ORGANISATION')
    """
    return _OF.get(entity, _OF_CLASS.get(whose, Element.OTHER))


#: Column names under which a company's representative or contact stands.
_CONTACT: Final = re.compile(
    r"法定代表人|法人代表|法人|负责人|企业主|经营者|联系人|联系电话|联系方式|企业电话|公司电话"
    r"|法定代表人|負責人|聯絡人|legal|representative|contact",
    re.IGNORECASE,
)


def contact_headers(headers: Iterable[str]) -> frozenset[str]:
    """Those of the column names under which a company's representative or contact stands.

    >>> sorted(contact_headers(["企业名称", "法定代表人", "手机号"]))
    ['法定代表人']
    """
    return frozenset(header for header in headers if _CONTACT.search(header))
