"""Labels of accounts, names of all kinds, and split columns: what the shipped rules find."""

import dataclasses
import datetime
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

import piiscan
from piiscan import find, find_all, find_frame
from piiscan.detect.catalog.catalog import load, shipped_folder
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.context.word_trie import WordTrie
from piiscan.detect.engine import engine_of
from piiscan.detect.matching.spellings import endings_of, texts_of

DAY = datetime.date(2026, 1, 1)
#: Kind of account -> its value, and texts that label it.
SPELLED = {
    ("WECHAT_ID", "demo_8821"): """
        薇❤信 #|卫星：#|微Xin：#|v x：#|＋薇 #|卫xin #|徽信：#|威信 #|微❤ #|VX：#|加个薇 #
        薇💕：#|V：#|微.信:#|微信👉#|咨询威❤：#|V❤x：#|wei xin #|微❤️信 #""",
    ("QQ_NUMBER", "904512873"): """
        扣：#|扌口扌口：#|企鹅 #|客服Q：#|🐧：#|q q #|＋Q #|咨询扣Q：#|QQ/微信同号 #|蔻蔻 #""",
    (
        "SOCIAL_ACCOUNT",
        "demo_88",
    ): "TG：@#|纸飞机：#|t.me/#|抖音号：#|小红书号 #|社交账号 #|加line #",
    ("SOCIAL_ACCOUNT", "904512873"): "快手ID #|陌陌号：#|抖音号 #|微博UID #",
    ("SOCIAL_ACCOUNT", "示例小铺a1"): "旺旺：#|淘宝旺旺：#",
    ("SOCIAL_ACCOUNT", "live:demo.88"): "skype: #",
}
ACCOUNTS = [
    (entity, text.strip().replace("#", value), value)
    for (entity, value), texts in SPELLED.items()
    for text in texts.strip().replace("\n", "|").split("|")
]
NONE = """
    卫星电话已停机|企鹅影视会员充值|威信扫地的老板|扣除手续费500000元|扣分12345|卫星 Beidou-3 已入轨
    微信支付成功 金额88.00元|微星主板 B550M|微星 GeForce RTX3060|wx.request(url)|加薇请备注来意
    加薇看朋友圈|抖音粉丝 1234567|小红书笔记 5012345篇|旺旺雪饼 500g|line 20210101|VX 版本 2.0
    Signal 123456 received|telegram bot api|企鹅 2 只|Q3 营收 12345678 元|维新变法 1898
"""


@pytest.mark.parametrize(("entity", "text", "value"), ACCOUNTS)
def test_the_account_behind_a_label_is_found(entity: str, text: str, value: str) -> None:
    found = find(text)
    assert [(each.entity, each.value) for each in found] == [(entity, value)]


@pytest.mark.parametrize("name", ["傅刚", "黄博文", "张子墨"])
@pytest.mark.parametrize("label", ["微信同号 13812345678", "加薇：demo_88", "的QQ 904512873"])
def test_a_name_ends_before_the_label_of_its_account(name: str, label: str) -> None:
    assert (find(name + label)[0].entity, find(name + label)[0].value) == ("PERSON", name)


@pytest.mark.parametrize("text", NONE.strip().replace("\n", "|").split("|"))
def test_words_without_an_account_are_no_labels_and_no_names(text: str) -> None:
    assert find(text.strip()) == []


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("手机13812345678微信同号", "WECHAT_ID"),
        ("13812345678（微信同手机）", "WECHAT_ID"),
        ("v同号 13812345678", "WECHAT_ID"),
        ("薇信13812345678", "WECHAT_ID"),
        ("WhatsApp: +85291234567", "SOCIAL_ACCOUNT"),
    ],
)
def test_a_number_is_an_account_as_well(text: str, entity: str) -> None:
    table = engine_of(load(), DAY).find_table(pa.array([text]))
    rows = table.to_pylist()[0]["alternatives"]
    objects = [dataclasses.asdict(each) for each in find(text)[0].alternatives]
    for alternatives in (rows, objects):
        (other,) = [each for each in alternatives if each["entity"] == entity]
        assert text[other["start"] : other["end"]] in ("13812345678", "+85291234567")
    assert not find("13812345678，微信公众号")[0].alternatives


def test_a_spelling_is_a_header_if_the_cells_are_valid() -> None:
    label = label_of(load(), "薇❤信")
    assert label is not None
    assert (label.recognizers, label.sure) == (("wechat.alias", "wechat.wxid"), False)
    assert label_of(load(), "日本") is None


def test_spellings_share_the_nodes_of_their_ends() -> None:
    spelling = (("微", "v"), ("", " ", "."), ("信", "xin"))
    texts = list(texts_of(spelling))
    assert len(texts) == 12
    assert endings_of(spelling) == {text[-2:] for text in texts}
    trie = WordTrie.of(["短信", "v信"], [(2, spelling)])

    def children(trie: WordTrie) -> int:
        return int((trie.steps[:, 0] >= 0).sum())

    assert children(trie) < children(WordTrie.of(texts))
    for text in [*texts, "短信", "微-信"]:
        node = 0
        for byte in reversed(text.encode()):
            owner, child = trie.steps[node + byte].tolist()
            node = child if owner == node else 0
            if not node:
                break
        expected = {"短信": 0, "v信": 1, "微-信": -1}.get(text, 2)
        assert (int(trie.word_at[node]) if node else -1) == expected


@pytest.fixture
def few_rules(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only accounts and phones are shipped, which compiles in a fifth of the time."""
    folder, few = shipped_folder(), tmp_path_factory.mktemp("few")
    for pattern in ("*.yaml", "wechat/*.yaml", "phone/*.yaml", "qq/number.yaml"):
        for each in folder.glob(pattern):
            shutil.copy(each, few)
    monkeypatch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: few)


@pytest.mark.usefixtures("few_rules")
def test_a_rule_folder_adds_spellings(tmp_path: Path) -> None:
    (tmp_path / "labels.yaml").write_text(
        "parts: {微: [嶶嶶]}\nlabels: {微信: ['暗号']}\n", "utf-8"
    )
    engine = engine_of(load(tmp_path), DAY)
    found = engine.find_all(["嶶嶶信：demo_88", "暗号：demo_88"])
    assert [[each.value for each in some] for some in found] == [["demo_88"], ["demo_88"]]


def test_an_anonymous_name_is_a_hit_and_never_a_record(tmp_path: Path) -> None:
    source = tmp_path / "判决书.csv"
    source.write_text("姓名,手机号\n罗某,13800138000\n张某某,\n王五,13900139000\n", "utf-8")
    case = piiscan.scan([source], case=tmp_path / "case", key=tmp_path / "key")
    tables = case.tables()
    hits = {row["entity"]: row["hits"] for row in tables["kinds"]}
    assert hits == {"PERSON": 3, "CN_MOBILE": 2}
    records = {tuple(row["combination"]): row["records"] for row in tables["combinations"]}
    assert records == {("CN_MOBILE", "PERSON"): 1, ("CN_MOBILE",): 1}


def test_an_anonymous_name_ends_behind_its_sign() -> None:
    texts = ["鉴于谢某系为公司利益", "李某甲与赵某1等人", "长沙某医药公司某职员"]
    found = [[each.text for each in hits] for hits in piiscan.find_all(texts)]
    assert found == [["谢某"], ["李某甲", "赵某1"], ["长沙某医药公司"]]


def test_what_is_left_of_a_name_is_told() -> None:
    found = piiscan.find("被告人罗某与张某某见面。")
    assert [(each.text, each.attributes()["name_kind"]) for each in found] == [
        ("罗某", "anonymised"),
        ("张某某", "anonymised"),
    ]
    (plain,) = piiscan.find("王建国", label="姓名")
    assert "name_kind" not in plain.attributes()


def names(text: str) -> list[str]:
    """The persons found in a text."""
    return [each.text for each in find(text) if each.entity == "PERSON"]


@pytest.mark.parametrize(
    "name",
    [
        "Xiaoming Wang",
        "Wei Zhang",
        "Yu-Han Chen",
        "Yu-han Chen",
        "Yifan ZHAO",
        "Zhang Wei",
        "Qian Xu",
    ],
)
@pytest.mark.parametrize(
    "text", ["#", "寄给#，谢谢", "# 13812345678", "by # and others", "From: #,"]
)
def test_a_name_is_found_in_either_order(name: str, text: str) -> None:
    assert names(text.replace("#", name)) == [name]


@pytest.mark.parametrize("name", ["Lei Li", "Can Liu", "Fang Lin", "Sheng Bai"])
def test_a_name_with_an_english_word_needs_a_label(name: str) -> None:
    assert names(f"when {name} came") == []
    assert names(f"收件人：{name}") == [name]
    assert names(f"Dear {name},") == [name]


@pytest.mark.parametrize(
    "text",
    ["Big Wang", "Can Wang come", "Nanjing Lu 5", "Hong Kong", "name: Central Bai", "China Yang",
     "Shanghai Huang", "XiaomingWang", "xiaoming wang", "Xiaoming Wangs"],
)  # fmt: skip
def test_other_words_are_no_names(text: str) -> None:
    assert names(text) == []


CATALOG = load()
TEXTS = [
    example.text for rule in CATALOG.recognizers for example in rule.examples if not example.label
]


@pytest.mark.parametrize("around", ["甲 {} 乙", "甲  {}  ，", "{}\u3000\u3000乙", "\t{}\t "])
def test_blanks_around_a_value_are_not_of_it(around: str) -> None:
    texts = [around.format(text) for text in TEXTS]
    edged = [
        (finding.recognizer, finding.start)
        for findings in find_all(texts, min_score=0.3)
        for finding in findings
        if finding.text != finding.text.strip()
    ]
    assert edged == []


LINES = [
    "收件人,省,市,区县,详细地址,手机号",
    "张三,湖南省,长沙市,岳麓区,示例路1号3栋,13800138000",
    "李四,湖北省,武汉市,武昌区,示例路1号3栋,13900139000",
    "王五,湖北省,武汉市,武昌区,示例路1号3栋,13700137000",
]


def test_split_addresses_are_counted_by_all_their_cells(tmp_path: Path) -> None:
    source = tmp_path / "dump" / "sale.csv"
    source.parent.mkdir()
    source.write_text("\n".join(LINES) + "\n", "utf-8")
    case = piiscan.scan([source], case=tmp_path / "case", key=tmp_path / "key")
    (kind,) = [row for row in case.tables()["kinds"] if row["entity"] == "CN_ADDRESS"]
    assert (kind["hits"], kind["distinct"]) == (3, 2)
    found = [row for row in case.findings().to_pylist() if row["entity"] == "CN_ADDRESS"]
    assert {row["header"] for row in found} == {"详细地址"}
    assert {row["context"] for row in found} == {"省+市+区县+详细地址"}
    for row in found:
        cell = source.read_bytes()[row["byte_offset"] :][: len("示例路1号3栋".encode())]
        assert cell.decode() == "示例路1号3栋"
    frame = find_frame(pyarrow.csv.read_csv(source))
    assert sorted(frame["entity"].to_pylist()) == sorted(case.findings()["entity"].to_pylist())
