"""Findings kept so that a case can rest on them: digests, masks, shards, ledger, manifest."""
