"""The case folder: shards, job store, audit log, manifest, counts, attachments."""
