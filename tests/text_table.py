"""Tables of cases as text: a case a line, its cells between bars."""


def read_rows(table: str) -> list[tuple[str, ...]]:
    """Return the rows of a table; a line that begins with two blanks continues the one before.

    >>> read_rows("张三/p | 张三 \\n李四/p |\\n  李四")
    [('张三/p', '张三'), ('李四/p', '李四')]
    """
    lines = table.strip().replace("\n  ", " ").splitlines()
    return [tuple(cell.strip() for cell in line.split("|")) for line in lines]
