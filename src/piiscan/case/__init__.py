"""The case half: capabilities that work on one case, the folder with the findings of seized data.

``scan`` writes findings, ``store`` the files of a case. ``columns`` and ``register`` read what
people enter. ``count``, ``tiers`` and ``flow`` compute the figures. ``sampling``, ``lookup``,
``export`` and ``compare`` answer questions about the findings. ``integrity`` verifies the case.
``report`` renders the tables.
"""
