"""Chinese postal addresses: parts, administrative region, precision and a canonical form.

``湖南长沙岳麓麓山南路三号 -> 湖南省 | 长沙市 | 岳麓区 | 麓山南路 | 3号``, level ``street_number``.
"""
