"""A tiny shop. Its service line is public; the phone of the first order is known (baseline)."""

SERVICE = "13800138000"  # piiscan:ignore 公开的客服电话
FIRST_ORDER = {"收件人": "demo", "手机": "13900139000"}
