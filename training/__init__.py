"""Training of the name tagger: from raw text to the weights file ``names.npz``.

The package ``piiscan`` does not import this package. ``make model`` runs it.
"""
