"""Words of Chinese texts: jieba's cut, compiled, and its components for spaCy."""
