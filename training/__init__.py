"""Training of the name tagger: from raw text to the weights file ``names.npz``; data tables.

The package ``piiscan`` does not import this package. ``make model`` runs it;
``remake`` builds the tables of ``piiscan.data`` again from their source packages.
"""
