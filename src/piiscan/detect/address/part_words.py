"""Word lists of the part scanner: suffixes of names, units of numbers, remarks."""

from __future__ import annotations

from typing import Final

from piiscan.detect.address.address_numbers import (
    U_BUILDING,
    U_COURT,
    U_FLOOR,
    U_GROUP,
    U_LANE,
    U_METRES,
    U_NUMBER,
    U_PHASE,
    U_ROAD,
    U_ROOM,
    U_STOREY,
    U_UNIT,
    U_VILLAGE,
    W_ESTATE,
    W_JOIN,
    W_REMARK,
    W_ROAD,
    W_SKIP,
    W_TOWN,
    W_VILLAGE,
    W_ZONE,
)

#: Class -> words, separated by blanks.  Each word has one class; the longest match counts.
WORDS: Final = {
    W_ROAD: (
        "路 街 大道 道 巷 弄 胡同 大街 公路 国道 省道 县道 乡道 高速 高速公路 支路 马路 线 "
        "步行街 二环 三环 四环 五环 六环 里弄 环路 辅路"
    ),
    W_TOWN: "镇 乡 街道 街道办 街道办事处 办事处 苏木 民族乡 农场 林场 牧场 渔场 茶场",
    W_VILLAGE: "村 社区 居委会 村委会 居委 村委 居民委员会 村民委员会 屯 自然村 行政村 嘎查 大队",
    W_ZONE: (
        "开发区 工业区 工业园 工业园区 产业园 产业园区 高新区 高新园 高新园区 经开区 保税区 科技园 "
        "保税港区 新区 示范区 度假区 集聚区 科技城 科技园区 物流园 物流园区 软件园 创业园 园区 "
        "工业集中区 产业集聚区 示范园区 高教园区 大学城 出口加工区 管理区 风景区"
    ),
    W_ESTATE: (
        "小区 花园 公寓 大厦 广场 中心 商城 城 苑 园 庭 府 邸 院 墅 湾 公司 厂 店 学校 大学 学院 "
        "中学 小学 幼儿园 医院 宾馆 酒店 饭店 银行 支行 分行 超市 市场 商场 大楼 楼 宿舍 家园 山庄 "
        "别墅 公馆 名都 国际 站 局 所 馆 仓库 基地 政府 法院 检察院 派出所 新村 小镇 阁 轩 居 郡 "
        "卫生院 卫生室 卫生所 工厂 集团 商店 网吧 营业厅 专卖店 加油站 火车站 汽车站 车站 "
        "码头 机场 "
        "教学楼 办公楼 宿舍楼 综合楼 商住楼 写字楼 家属院 家属楼 家属区 大院 公园 体育馆 图书馆 "
        "批发市场 购物中心 服务中心 商务中心 物业 里 坊 台 门诊 书店 药店 药房 餐厅 饭馆 会所 影城 "
        "世家 华庭 豪庭 雅苑 佳苑 嘉园 家苑 公社 学校区 校区 院区 片区 组团"
    ),
    W_REMARK: (
        "对面 斜对面 附近 旁边 旁 隔壁 门口 交叉口 交汇处 交界处 交接处 交口 路口 入口 入口处 出口 "
        "楼下 楼上 后面 前面 东侧 西侧 南侧 北侧 东边 西边 南边 北边 东面 西面 南面 北面 左侧 右侧 "
        "转角 拐角 十字 十字路口 丁字路口 往东 往西 往南 往北 "
        "向东 向西 向南 向北 东行 西行 南行 北行 以东 以西 以南 以北 正对面 院内 内 对过 下面 "
        "尽头 处"
    ),
    W_SKIP: (
        "中国 中华人民共和国 市辖区 市区 城区 市辖 县城 辖区 其它区 其他区 其它地区 其他地区 "
        "地址 住址 境内 NULL"
    ),
    W_JOIN: "与 和 及 交",
}

#: Class -> unit words after a number.
UNITS: Final = {
    U_NUMBER: "号",
    U_BUILDING: "栋 幢 座 号楼 号栋 号幢 号座 # #楼 #栋 楼栋 栋楼 幢楼 座楼 号大楼 橦",
    U_UNIT: "单元 号门 单园 门 梯",
    U_STOREY: "楼",
    U_FLOOR: "层 楼层 层楼 F",
    U_ROOM: (
        "室 房 户 号房 号室 房间 号房间 铺 号铺 号店 档 号档 号商铺  号摊 号摊位 床 号店铺 号仓库"
    ),
    U_GROUP: "组 队 社 号组 生产队 小组 村民组 村民小组 居民组",
    U_LANE: "弄 号弄",
    U_ROAD: (
        "路 街 大街 巷 大道 号路 号街 号大街 条 条街 道街 马路 国道 省道 县道 支路 纬路 经路 道 "
        "支弄 支巷 横巷 横路 胡同 段"
    ),
    U_PHASE: "期 区 号地块 地块 排 片 片区 园 组团 村区 小区",
    U_METRES: "米 公里 千米 m",
    U_VILLAGE: "村 大队 自然村 屯 社区",
    U_COURT: "号院 院 号大院 号园 号小区 号厂 号厂房 号库",
}

#: Characters allowed between a name and its road word: 人民东路, 文一西路, 江南一路.
ROAD_AFFIXES: Final = "东西南北中前后上下新老内外一二三四五六七八九十支横环"
#: Characters that turn a road word into a part of a longer name: 新街口, 街心, 巷口.
NAME_TAILS: Final = "口心坊桥头"
#: Last characters of names of firms and offices: 长沙市示例公司 is no address.
FIRM_ENDS: Final = "司厂行局院会部校学社团所队处"
#: Words that make a place name before them a part of a firm's or building's name: 长沙银行.
HOUSE_WORDS: Final = (
    "大厦 大学 学院 银行 市场 广场 酒店 宾馆 饭店 公司 商城 人民 第一 第二 第三 实验 中心 政府 "
    "商会 集团 公园 小学 中学 医院 火车站 车站 机场 小区 新村 大酒店 商场 高铁 日报 电视 饭馆 村 "
    "办事处 头 东站 西站 南站 北站 区 县 市 旗 乡 镇 街道 门 口 桥 湾 楼 馆 园 城 苑 府"
)
