"""Elements: the role of an entity type in a record, such as identity number, name or phone.

An entity type without an entry here is neither element nor key. Its findings and rows are still
counted among the rows with findings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from typing import Final


class Element(IntEnum):
    """Element of a person's information. Those before PERSONAL make a record identifiable."""

    IDENTITY = 0  # number of an identity document
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
    SECRET = 11  # password of an account
    NUMBER = 12  # given by an issuer: 学号, 工号, 病历号, 会员号
    PLATE = 13
    CHASSIS = 14  # number of a vehicle or of its engine
    DEVICE = 15  # number of a telephone, its card or its network device
    PERSONAL = 16  # personal, but no key: waybills
    ORGANISATION = 17
    VIRTUAL = 18  # virtual number, shared by thousands
    MASKED = 19
    DAMAGED = 20
    POSITION = 21  # coordinates
    OTHER = 22


#: Number of elements that make a record identifiable (those before PERSONAL).
N_IDENTIFYING: Final = int(Element.PERSONAL)
#: Account elements, in the order in which they become a key.
ACCOUNTS: Final = (Element.WECHAT, Element.QQ, Element.EMAIL, Element.CARD, Element.PAYMENT)
PHONES: Final = (Element.MOBILE, Element.LANDLINE)
VEHICLES: Final = (Element.PLATE, Element.CHASSIS)
#: Elements of a thing. They identify its owner only with an owner or a track beside them.
THINGS: Final = (*VEHICLES, Element.DEVICE)

_ELEMENT_OF_ENTITY: Final = {
    "CN_RESIDENT_ID": Element.IDENTITY,
    "CN_FOREIGN_PR_ID": Element.IDENTITY,
    "CN_TRAVEL_PERMIT": Element.IDENTITY,
    "CN_PASSPORT": Element.IDENTITY,
    "HK_ID": Element.IDENTITY,
    "TW_ID": Element.IDENTITY,
    "MO_ID": Element.IDENTITY,
    "CN_MILITARY_ID": Element.IDENTITY,
    "CN_DRIVER_ARCHIVE": Element.IDENTITY,
    "PERSON": Element.NAME,
    "CN_MOBILE": Element.MOBILE,
    "PHONE_NUMBER": Element.MOBILE,
    "CN_LANDLINE": Element.LANDLINE,
    "CN_ADDRESS": Element.ADDRESS,
    "WECHAT_ID": Element.WECHAT,
    "WECHAT_OPENID": Element.WECHAT,
    "SOCIAL_ACCOUNT": Element.WECHAT,
    "QQ_NUMBER": Element.QQ,
    "EMAIL_ADDRESS": Element.EMAIL,
    "CN_BANK_CARD": Element.CARD,
    "ALIPAY_UID": Element.PAYMENT,
    "CRYPTO": Element.PAYMENT,
    "VERIFICATION_CODE": Element.CODE,
    "CREDENTIAL": Element.SECRET,
    "CN_SOCIAL_SECURITY": Element.NUMBER,
    "RECORD_NO": Element.NUMBER,
    "CN_PLATE": Element.PLATE,
    "VIN": Element.CHASSIS,
    "ENGINE_NO": Element.CHASSIS,
    "IMEI": Element.DEVICE,
    "IMSI": Element.DEVICE,
    "ICCID": Element.DEVICE,
    "MAC_ADDRESS": Element.DEVICE,
    "GEO_COORDINATE": Element.POSITION,
    "CN_VIRTUAL_NUMBER": Element.VIRTUAL,
    "MASKED": Element.MASKED,
    "PHONE_TAIL": Element.MASKED,
    "DAMAGED": Element.DAMAGED,
}

#: Owner class -> element of the entities not listed above.
_ELEMENT_OF_CLASS: Final = {
    "person": Element.PERSONAL,
    "organisation": Element.ORGANISATION,
}


def element_of(entity: str, owner_class: str) -> Element:
    """Return the :class:`Element` of ``entity``, else of its ``owner_class``, else OTHER.

    ``owner_class``: person, organisation …

    >>> element_of("CN_MOBILE", "person").name, element_of("CN_USCC", "organisation").name
    ('MOBILE', 'ORGANISATION')
    """
    return _ELEMENT_OF_ENTITY.get(entity, _ELEMENT_OF_CLASS.get(owner_class, Element.OTHER))


#: Headers of columns with a company's representative or contact.
_CONTACT: Final = re.compile(
    r"法定代表人|法人代表|法人|负责人|企业主|经营者|联系人|联系电话|联系方式|企业电话|公司电话"
    r"|法定代表人|負責人|聯絡人|legal|representative|contact",
    re.IGNORECASE,
)


#: Headers of a list of firms: the firm, and facts that only a firm has.
_FIRM: Final = re.compile(
    r"企业名|公司名|单位名|商户名|商家名|企业全称|公司全称|企業名|公司名稱|機構名稱|机构名称|company|enterprise|firm",
    re.IGNORECASE,
)
_FIRM_FACT: Final = re.compile(
    r"信用代码|信用代碼|组织机构代码|工商注册号|营业执照|经营范围|經營範圍|主营|注册资本|注册资金|成立日期|成立时间|法定代表人|法人"
    r"|企业类型|公司类型|登记机关|登记状态|经营状态|所属行业|参保人数|credit_code|uscc|legal_rep",
    re.IGNORECASE,
)


def is_firm_list(headers: Iterable[str]) -> bool:
    """Return True if ``headers`` are those of a list of firms: a firm, and a fact of firms.

    >>> is_firm_list(["电话", "企业名称", "经营范围"]), is_firm_list(["姓名", "公司名称", "电话"])
    (True, False)
    """
    texts = [unicodedata.normalize("NFKC", header) for header in headers]
    return any(map(_FIRM.search, texts)) and any(map(_FIRM_FACT.search, texts))


def contact_headers(headers: Iterable[str]) -> frozenset[str]:
    """Return the headers that name a company's representative or contact.

    >>> sorted(contact_headers(["企业名称", "法定代表人", "手机号"]))
    ['法定代表人']
    """
    return frozenset(header for header in headers if _CONTACT.search(header))
