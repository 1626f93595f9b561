"""Tables of pandas and polars: findings with their cells, and the same table masked."""

import pandas as pd
import polars as pl

import piiscan

ROWS = {
    "订单": ["A1", "A2"],
    "收件人": ["张三", "李四"],
    "手机": ["13800138000", "13900139000"],
    "备注": ["无", "打 13800138000 或 430104190506150016"],
}
for library in (pd, pl):
    frame = library.DataFrame(ROWS)
    found = piiscan.find_table(frame)
    print(library.__name__, found.select(["row", "column", "entity"]).to_pylist()[-1])
    masked = library.DataFrame(piiscan.plan(frame).mask(frame).to_pydict())
    print(masked["收件人"].to_list(), masked["手机"].to_list(), masked["备注"].to_list()[1])
