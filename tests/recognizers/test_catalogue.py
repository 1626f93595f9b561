"""The shipped recognizer files as a collection: names, words, and columns fit together."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from piiscan.detect.catalog.catalog import Catalog, load, shipped_folder
from piiscan.detect.catalog.headers import label_of, normalize_header
from piiscan.detect.catalog.recognizer import Recognizer, parse_recognizer
from piiscan.detect.checks import REASONS, Verdict
from tests.text_table import read_rows

#: Entity, whose, bare strength | ids, as the specification settles them.
SETTLED = """
CN_RESIDENT_ID person H | cn.resident_id cn.hmt_residence_permit cn.disability_cert
CN_RESIDENT_ID person L | cn.resident_id_15
CN_FOREIGN_PR_ID person M | cn.foreign_pr_id
CN_FOREIGN_PR_ID person L | cn.foreign_pr_id_15
CN_TRAVEL_PERMIT person L | cn.home_return_permit cn.taiwan_compatriot_permit cn.eep
CN_PASSPORT person L | cn.passport
HK_ID person M | hk.id
TW_ID person M | tw.id
CN_MILITARY_ID person M | cn.military_id
CN_DRIVER_ARCHIVE person L | cn.driver_archive
CN_PLATE person M | cn.plate
VIN device M | vehicle.vin
CN_MOBILE person H | cn.mobile
CN_LANDLINE person M | cn.landline
CN_SERVICE_NUMBER organisation H | cn.service_number
CN_VIRTUAL_NUMBER link M | cn.virtual_number
MASKED link H | masked.mobile masked.resident_id masked.bank_card
MASKED link L | masked.name
PHONE_TAIL link M | cn.phone_tail
WECHAT_ID person H | wechat.wxid
WECHAT_ID person L | wechat.alias
WECHAT_OFFICIAL organisation H | wechat.gh
WECHAT_GROUP link H | wechat.chatroom
WECHAT_OPENID person M | wechat.openid
SOCIAL_ACCOUNT person L | account.social
CRYPTO person M | pay.crypto
PHONE_NUMBER person L | phone.hmt phone.foreign
QQ_NUMBER person L | qq.number
QQ_GROUP link L | qq.group
EMAIL_ADDRESS person H | qq.mail net.email
ALIPAY_UID person M | alipay.uid
CN_BANK_CARD person H | cn.bank_card
CN_USCC organisation H | cn.uscc
CN_WAYBILL person H | waybill.sf waybill.yto waybill.jt waybill.jd waybill.s10 waybill.deppon
CN_WAYBILL person M | waybill.zto waybill.sto
CN_WAYBILL person L | waybill.yunda waybill.ems waybill.cainiao waybill.best waybill.ttk
  waybill.uce waybill.ane waybill.yimi waybill.kye waybill.zto_freight
VERIFICATION_CODE link L | cn.verification_code
ORDER_NO none L | cn.order_no
PERSON person L | name.person
CN_ADDRESS person M | name.address
DAMAGED none M | damaged.mobile damaged.resident_id damaged.bank_card
CN_IOT_NUMBER device L | cn.mobile_iot
CN_ORG_CODE organisation L | cn.org_code
CN_BIZ_LICENCE organisation L | cn.biz_licence
IMEI device L | device.imei
IMSI device L | device.imsi
ICCID device M | device.iccid
MAC_ADDRESS device M | device.mac
IP_ADDRESS link L | net.ip
GEO_COORDINATE link L | geo.gps
CREDENTIAL person M | account.credential
"""
#: Entities of the specification that have a name although their recognizers come later.
LATER = """
ORGANIZATION NICKNAME
"""


@cache
def catalog() -> Catalog:
    return load()


@cache
def own() -> tuple[Recognizer, ...]:
    """Each file as it is written, without what ``like`` brings in."""
    files = sorted(shipped_folder().rglob("*.yaml"))
    others = {"vocabulary.yaml", "ledger.yaml", "labels.yaml"}
    return tuple(parse_recognizer(f.read_bytes(), f) for f in files if f.name not in others)


def test_ids_entities_and_strengths_are_as_settled() -> None:
    found = {r.id: f"{r.entity} {r.whose} {r.bare}" for r in catalog().recognizers}
    settled = {each: kind for kind, ids in read_rows(SETTLED) for each in ids.split()}
    assert settled.items() <= found.items()


@pytest.mark.parametrize("recognizer", own(), ids=lambda r: r.id)
def test_a_file_proves_and_explains_itself(recognizer: Recognizer) -> None:
    assert len(recognizer.examples) >= 2
    assert recognizer.counterexamples
    assert recognizer.references
    assert all(recognizer.title[lang] for lang in ("zh", "en"))
    assert all(example.value for example in recognizer.examples)


@pytest.mark.parametrize("recognizer", own(), ids=lambda r: r.id)
def test_a_file_lists_no_word_twice(recognizer: Recognizer) -> None:
    assert len(set(recognizer.never)) == len(recognizer.never)
    for words in (recognizer.context, recognizer.context_reject):
        assert len({word.lower() for word in words}) == len(words)
    columns = [*recognizer.columns, *recognizer.ambiguous_columns, *recognizer.part_columns]
    assert len({normalize_header(name) for name in columns}) == len(columns)
    assert not set(recognizer.context) & set(recognizer.context_reject)


#: Columns of documents of any kind, and the kinds that such columns hold.
ANY_DOCUMENT = {
    *("证件号", "证件号码", "证件编号", "实名证件号", "收件人证件号", "證件號碼", "zjh", "zjhm"),
    *("cert_no", "certno", "cert_num", "cert_number", "certificate_no", "certificateno"),
}
DOCUMENTS = {
    *("CN_RESIDENT_ID", "CN_FOREIGN_PR_ID", "CN_TRAVEL_PERMIT", "CN_PASSPORT", "HK_ID", "TW_ID"),
    "CN_MILITARY_ID",
}


def test_a_sure_column_name_means_one_entity() -> None:
    meant = defaultdict(set)
    for recognizer in own():
        for name in recognizer.columns:
            meant[normalize_header(name)].add(recognizer.entity)
    for name in ANY_DOCUMENT:
        assert meant.pop(normalize_header(name)) == DOCUMENTS
    assert {name: kinds for name, kinds in meant.items() if len(kinds) > 1} == {}


def test_a_sure_column_name_is_not_another_thing_too() -> None:
    sure = {normalize_header(name): r.id for r in own() for name in (*r.columns, *r.part_columns)}
    seen: dict[str, str] = {}
    for kind, names in catalog().vocabulary["other_columns"].items():
        for name in names:
            assert normalize_header(name) not in sure, (kind, name)
            assert seen.setdefault(normalize_header(name), kind) == kind


def test_entities_verdicts_reasons_and_owners_have_names() -> None:
    words = catalog().vocabulary
    entities = {r.entity for r in own()} | set(LATER.split())
    assert entities <= words["entities"].keys()
    assert set(REASONS) - {""} == words["reasons"].keys()
    assert {verdict.name.lower() for verdict in Verdict} == words["verdicts"].keys()
    assert {r.whose for r in own()} <= words["whose"].keys()
    for kind in ("entities", "verdicts", "reasons", "whose", "roles"):
        for code, entry in words[kind].items():
            assert any("一" <= char <= "鿿" for char in entry["zh"]), code
            assert entry["en"].isascii(), code


def test_a_role_word_means_one_role() -> None:
    seen: dict[str, str] = {}
    for role, entry in catalog().vocabulary["roles"].items():
        for word in (*entry["words"], *entry.get("glued", ())):
            assert seen.setdefault(word, role) == role


@pytest.mark.parametrize(
    ("header", "recognizer"),
    [
        ("身份证号(必填)", "cn.resident_id"),
        ("收货人电话号码 ", "cn.mobile"),
        ("物流单号 ", "waybill.sf"),
        ("*收货地址", "name.address"),
        ("idCardNumbers", "cn.resident_id"),
        ("phoneNumbers", "cn.mobile"),
        ("emailAddress", "net.email"),
        ("rcv_tel", "cn.mobile"),
        ("入网用户姓名", "name.person"),
        ("紧急联系人手机号", "cn.mobile"),
        ("ＱＱ号码", "qq.number"),
        ("联系电话2", "cn.mobile"),
        ("統一社會信用代碼", "cn.uscc"),
        ("车主护照号码", "cn.passport"),
        ("证件号码", "cn.resident_id"),
        ("证件号码", "cn.passport"),
        ("回乡证号", "cn.home_return_permit"),
        ("通行证号", "cn.eep"),
        ("台胞证", "cn.taiwan_compatriot_permit"),
        ("外国人永久居留身份证号码", "cn.foreign_pr_id"),
        ("身分證字號", "tw.id"),
        ("香港身份证号", "hk.id"),
        ("军官证号", "cn.military_id"),
        ("档案编号", "cn.driver_archive"),
        ("hphm", "cn.plate"),
        ("车辆识别代号/车架号(VIN)", "vehicle.vin"),
        ("税号", "cn.sole_trader_tax_no"),
        ("xjh", "cn.student_no"),
        ("IMEI", "device.imei"),
        ("手机串号", "device.imei"),
        ("SIM卡号", "device.iccid"),
        ("mac_addr", "device.mac"),
        ("最后登录IP", "net.ip"),
        ("经纬度", "geo.gps"),
        ("登录密码", "account.credential"),
        ("微信支付单号", "cn.order_no"),
    ],
)
def test_headers_of_real_exports_are_understood(header: str, recognizer: str) -> None:
    label = label_of(catalog(), header)
    assert label is not None
    assert label.sure
    assert recognizer in label.recognizers


@pytest.mark.parametrize(
    ("header", "recognizer", "other"),
    [
        ("sj", "cn.mobile", "time"),
        ("zh", "cn.bank_card", None),
        ("dh", "cn.mobile", None),
        ("yx", "net.email", None),
        ("code", "cn.verification_code", None),
        ("location", "name.address", None),
        ("location", "geo.gps", None),
        ("zzjgdm", "cn.org_code", None),
        ("注册号", "cn.biz_licence", None),
    ],
)
def test_ambiguous_headers_need_their_cells(
    header: str, recognizer: str, other: str | None
) -> None:
    label = label_of(catalog(), header)
    assert label is not None
    assert recognizer in label.recognizers
    assert label.other == other
    assert not label.sure


@pytest.mark.parametrize(
    ("header", "other"),
    [("商品总价(元)", "amount"), ("快递公司", "carrier"), ("出生日期", "birth")],
)
def test_columns_of_other_things_are_known_as_such(header: str, other: str) -> None:
    label = label_of(catalog(), header)
    assert label is not None
    assert label.other == other


@pytest.mark.parametrize(
    "header", ["省", "市", "区县", "街道", "city", "所在省份", "经度", "lat", "wd"]
)
def test_parts_of_addresses_are_parts(header: str) -> None:
    label = label_of(catalog(), header)
    assert label is not None
    assert label.parts


def test_files_lie_where_the_catalogue_looks() -> None:
    assert all(Path(r.file).is_relative_to(shipped_folder()) for r in own())
