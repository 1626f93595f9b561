"""Who has whose data (信息流程追踪): what was acquired and sold, overlaps, marks of descent."""
