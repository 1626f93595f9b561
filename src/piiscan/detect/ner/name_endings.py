"""Name endings: characters after a name that belong to another word, as tables.

``找王伟打电话`` -> 王伟, ``王伟先付一半`` -> 王伟, but ``李永刚到公司`` -> 李永刚.  Few names of
three characters in jieba's dictionary (49,378) end with one of the first list (打 4, 到 0); the
others end names too.
"""

from __future__ import annotations

from typing import Final

#: Characters that begin a verb or a particle and end hardly any name.
VERBS: Final = (
    "都也还還你我他她不没沒被把给給找叫让讓拿打说說又再已只吗嗎呢吧了的跟谁誰这這那哪們们"
    "去要在是住寄取借欠卖賣买買转轉付退送带帶报報签簽办辦骂罵踢删刪从從对對做写寫听聽想将將过過着"
    "换換拨撥敢当當走看回接交管输輸充催到出您未犯访訪"
)
#: Of these, those before a number of people's phones or money: 找王伟打13800138000, 王伟要500.
BEFORE_NUMBERS: Final = "打给給要卖賣买買付欠借转轉退"
#: Characters that end names as well, and the characters that often follow them as words.
EITHER: Final = {
    "会": "给打发查处还来去说把在跟找联做收退再转有被不员",
    "會": "給打發查處還來去說把在跟找聯做收退再轉有被不員",
    "刚": "才刚到走发给转说打加买收来下付问换进从看拿",
    "剛": "才剛到走發給轉說打加買收來下付問換進從看拿",
    "先": "付转发给垫打拿交收看把还查去加问走退不",
    "就": "要给是走来去说在能会有发不没把两三一这",
    "全": "部都要款发给付退额是没包收",
    "发": "来货给我你他一的了过到钱单快微截照资名数号不没两三几信",
    "發": "來貨給我你他一的了過到錢單快微截照資名數號不沒兩三幾信",
    "来": "拿取过电了找问我的买电信货上开收接",
    "來": "拿取過電了找問我的買電信貨上開收接",
    "才": "给发到来收知付要买转有回说能",
    "能": "查开做办给发卖不收拿转弄搞",
    "用": "微支他我你她假小别谁什这那的了银现卡",
    "有": "没货人钱两三几数渠号多一点个的这那",
    "问": "我你他她价多了过下一还有",
    "問": "我你他她價多了過下一還有",
    "约": "我你他她了好",
    "提": "走了现前供",
    "通": "完过话了电",
    "系": "夫父母兄姐同朋",
    "查": "一了档户开下不到的询身他她我你",
    "加": "我你他她了微群下好过一的两",
    "进": "群货了去来",
    "拉": "我你他她群黑了进人",
    "开": "户卡了的发门票始一两会",
    "微": "信",
    "名": "下",
    "存": "了钱进在",
    "行": "吗不的",
    "学": "车了过",
    "學": "車了過",
    "開": "戶卡了的發門票始一兩會",
    "進": "群貨了去來",
    "等": "我你他她着下一了",
    "卡": "号號",
}
#: Words of two characters that are tagged as the end of a name of two: 罗红空号.
END_WORDS: Final = (
    "空号", "停机", "关机", "拒接", "未接", "拉黑", "违停", "欠费", "卡号", "账号", "户名",
    "打款", "转账", "收款", "付款", "收货", "收件", "签收", "空號", "停機", "違停", "欠費",
    "卡號", "轉帳", "簽收",
)  # fmt: skip
#: Words for people in a role, which are names of nobody: 原车主.
ROLES: Final = (
    "车主", "业主", "房主", "户主", "机主", "卡主", "号主", "货主", "失主", "债主", "雇主",
    "店主", "租客", "住客", "旅客", "乘客", "客户", "用户", "会员", "学员", "学生", "考生",
    "患者", "买家", "卖家", "車主", "業主", "戶主", "機主", "客戶", "用戶", "會員", "買家",
    "賣家",
)  # fmt: skip
#: Characters that begin given names of two characters and are seldom a given name alone.
FIRST_OF_TWO: Final = (
    "建长國国長大家之少振小金太景嘉其廷永连連惠斐士敬宏锡炳崇伯志玉元学秀绍忠继维庆慶世守万瑞德承泰宝寶铁广廣"
    "祥立新凤启貴贵福保延朝孝思祖吉道传树仁昌顺順恩"
)
#: Endings that are a part of the name, whatever follows: 王丰收, 买买提, 多杰才让.
WHOLE_ENDINGS: Final = (
    *("丰收", "秋收", "豐收"),
    *("买提", "麦提", "木提", "黑提", "伊提", "依提", "尔提", "吾提", "買提"),
    *("才让", "才讓", "项加", "才加", "杰加", "木加", "努拉", "娜拉", "布拉", "都拉", "阿里"),
)
