"""Export: lists of counted records, rejected rows, and the deletion list (责令删除)."""
