"""Flow (信息流程追踪): acquired and sold keys, list overlaps, sent files, nodes and edges."""
