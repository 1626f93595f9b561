"""Results of detection: from resolved spans to FOUND tables."""
