"""Guard: findings in files without a case, for repositories and pipelines.

``piiscan check .`` -> ``a.py:12:9: CN_MOBILE 138****8000``, exit code 4.
"""
