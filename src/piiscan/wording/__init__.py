"""Wording: every sentence that piiscan shows, in Chinese and English, by key."""
