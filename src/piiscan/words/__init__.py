"""Words of Chinese texts: jieba's cut, compiled, and the parts of spaCy pipelines that use it."""
