"""Entry point of the readers: open a file of any supported format as tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from piiscan.errors import OtherFormatError, SourceError, failure_place, is_machine_error
from piiscan.sources.block import CountNames, Table, Trouble, with_blocks
from piiscan.sources.content import Content, file_content
from piiscan.sources.drawing import Drawing
from piiscan.sources.format import EVERY_DRAWING, TEXT_RANK, Format, Opened, Sample
from piiscan.sources.formats import fitting_formats
from piiscan.sources.isolation.isolation import open_isolated
from piiscan.sources.limits import STANDARD_BUDGET, Budget, BudgetUsage
from piiscan.sources.lined.line_kinds import LabelNames
from piiscan.sources.read_context import ReadContext
from piiscan.sources.selection import EVERYTHING, Selection
from piiscan.sources.stores import local_file
from piiscan.sources.table_profiles import with_profile
from piiscan.sources.texts.decoded_cells import with_decoded_cells
from piiscan.sources.texts.raw_strings import open_strings

_Item = TypeVar("_Item")


def open_tables(
    path: Path,
    *,
    count_names: CountNames,
    label_names: LabelNames | None = None,
    budget: Budget = STANDARD_BUDGET,
    seed: int = 0,
    selection: Selection = EVERYTHING,
    display: str = "",
    passwords: tuple[bytes, ...] = (),
    peek: bool = False,
    wanted: frozenset[str] | None = None,
) -> Iterator[Table | Trouble]:
    """Yield every table in the file at ``path``, in a stable order, and a Trouble per problem.

    Read the blocks of a table before you request the next table: archive members and sheets stay in
    memory only until then.  No content of a file raises an error; a file that cannot be opened
    yields a Trouble.

    Args:
        path: File to read.
        count_names: Returns the number of known column names in a row of cells.
        label_names: Names of labels (收件人：) by which lines are grouped to records; without them
            every line of running text is a record.
        budget: Limits on the unpacked size.
        seed: Seed for the place of the middle sample window.
        selection: Kinds and paths to read or to leave out; each one left out is a Trouble.
        display: Path of the file for people, by which ``selection`` knows it.
        passwords: Tried on encrypted archives.
        peek: Formats that take long to read, such as pictures, are only named.
        wanted: Members whose tables are asked for; pictures that hold none of them are only named.
    """
    with ExitStack() as stack:
        try:
            content = file_content(stack.enter_context(local_file(path)), seed=seed)
        except OSError as error:
            yield Trouble("", "UNREADABLE", type(error).__name__)
            return
        except SourceError as error:
            yield Trouble("", error.reason, error.detail)
            return
        usage = BudgetUsage(budget, packed=content.size)
        context = ReadContext(
            count_names,
            budget,
            seed,
            usage,
            label_names,
            selection,
            display,
            passwords=passwords,
            peek=peek,
            wanted=wanted,
        )
        yield from _open(content, context)


def draw_part(
    path: Path, member: str, *, passwords: tuple[bytes, ...] = (), budget: Budget = STANDARD_BUDGET
) -> Drawing | None:
    """Return the picture or page that contains the part ``member`` (``a.zip!b.png#OCR text``).

    Return None if it stands on none. Raises SourceError if a package is missing that draws it, or
    if it cannot be read.
    """
    owner, _, section = member.rpartition("#")
    with ExitStack() as stack:
        try:
            content = file_content(stack.enter_context(local_file(path)))
        except OSError as error:
            raise SourceError("UNREADABLE", type(error).__name__) from None
        usage = BudgetUsage(budget, packed=content.size)
        context = ReadContext(lambda _: 0, budget, 0, usage, passwords=passwords, peek=True)
        return _draw_member(content, owner, replace(context, section=section))


def open_drawings(
    content: Content,
    *,
    count_names: CountNames,
    usage: BudgetUsage,
    passwords: tuple[bytes, ...] = (),
) -> Iterator[Drawing | Table | Trouble]:
    """Yield each picture or page of a content, each followed by the tables of its texts.

    Raises SourceError if it has none, cannot be read, or a package for it is missing.
    """
    context = ReadContext(
        *(count_names, usage.budget, 0, usage), passwords=passwords, section=EVERY_DRAWING
    )
    for item in _open_drawn(Sample(content), context):
        assert not isinstance(item, Content)
        yield item


def _open_drawn(sample: Sample, context: ReadContext) -> Opened:
    """Yield the items of the section that the context asks for. Raises SourceError."""
    each = next((each for each in fitting_formats(sample) if each.draw is not None), None)
    if each is None:
        raise SourceError("NOT_REDACTED", "no picture and no pages")
    if not all(map(_is_installed, each.packages)):
        raise SourceError("PACKAGE_MISSING", f"{each.name}: {each.extra}")
    yield from _open_with(each, sample, context)


def _draw_member(content: Content, owner: str, context: ReadContext) -> Drawing | None:
    """Return the drawing of a section of the member ``owner`` in a content; None if missing."""
    if content.member == owner:
        sample = Sample(content)
        if all(each.draw is None for each in fitting_formats(sample)):
            return None
        drawn = _open_drawn(sample, context)
        return next((item for item in drawn if isinstance(item, Drawing)), None)
    if not owner.startswith(content.member):
        return None
    reading = replace(context, section=None)
    for item in guard_reader(_open_by_format(content, reading, 0), content.member):
        if isinstance(item, Content):
            context.usage.depth += 1
            found = _draw_member(item, owner, context)
            context.usage.depth -= 1
            if found is not None:
                return found
    return None


def _open(content: Content, context: ReadContext, rank: int = 0) -> Iterator[Table | Trouble]:
    """Yield the tables and Troubles of a content and of its members. ``rank``: least of formats."""
    usage = context.usage
    for item in guard_reader(_open_by_format(content, context, rank), content.member):
        if isinstance(item, Trouble):
            yield item
        elif isinstance(item, Table):
            yield _decoded_table(item, context)
        elif isinstance(item, Content):
            usage.depth += 1
            try:
                yield from _open(item, context)
            finally:
                usage.depth -= 1


def _decoded_table(table: Table, context: ReadContext) -> Table:
    """Return a table with decoded cells, whose blocks are Troubles in place of exceptions."""
    if context.decode:
        table = with_decoded_cells(with_profile(table), context.count_names)
    return with_blocks(table, lambda blocks, _: guard_reader(blocks, table.member))


def guard_reader(items: Iterator[_Item | Trouble], member: str) -> Iterator[_Item | Trouble]:
    """Yield the items of a reader; convert its exception to a Trouble.

    Raises errors of the machine (memory, disk): the next content would only have them too.
    """
    try:
        yield from items
    except SourceError as error:
        yield Trouble(member, error.reason, error.detail)
    except Exception as error:  # one bad file must not cost the others
        if is_machine_error(error):
            raise
        if isinstance(error, OSError):
            yield Trouble(member, "READ_ERROR", type(error).__name__)
        else:
            yield Trouble(member, "READER_FAILED", failure_place(error))


def _open_by_format(content: Content, context: ReadContext, rank: int) -> Opened:
    """Yield the items of the first format, from ``rank`` on, that can read a content."""
    sample = Sample(content)
    path = f"{context.display}!{content.member}" if content.member else context.display
    for each in fitting_formats(sample):
        if each.rank < rank:
            continue
        if not context.selection.takes(each.name, path, container=each.container):
            yield Trouble(content.member, "SKIPPED", each.name, lost=False)
            return
        missing = [name for name in each.packages if not _is_installed(name)]
        if missing:
            yield Trouble(content.member, "PACKAGE_MISSING", f"{each.name}: {each.extra}")
            return
        if each.slow and (context.peek or not context.wants(content.member)):
            yield Trouble(content.member, "READ_BY_SCAN", each.name, lost=False)
            return
        if each.container and context.usage.depth >= context.budget.depth:
            detail = f"archives nested more than {context.budget.depth} deep"
            yield Trouble(content.member, "ZIP_DEPTH", detail)
            return
        try:
            yield from _open_with(each, sample, context)
            if not each.has_reader:
                yield from _open_strings(content, context)
        except OtherFormatError as other:
            if other.reason:
                yield Trouble(content.member, other.reason, other.detail, lost=False)
        else:
            return
    if not context.selection.takes("", path, container=False):
        yield Trouble(content.member, "SKIPPED", lost=False)
        return
    yield Trouble(content.member, "BINARY", "not text, and no format known here")
    yield from _open_strings(content, context)


def _open_with(each: Format, sample: Sample, context: ReadContext) -> Opened:
    """Yield the items of a format, read in this process or in a worker."""
    if each.isolated:
        return open_isolated(each, sample, context)
    return each.open_or_draw(sample, context)


def _open_strings(content: Content, context: ReadContext) -> Opened:
    """Yield the strings of a content without a reader if the selection asks for them."""
    if context.selection.raw and (table := open_strings(content)) is not None:
        detail = "packed or encrypted parts are not"
        yield Trouble(content.member, "READ_AS_STRINGS", detail, lost=False)
        yield table


def _is_installed(name: str) -> bool:
    """Return True if the module ``name`` (``lz4.frame``) can be imported."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of the package above it
        return False


def open_content(
    content: Content,
    *,
    count_names: CountNames,
    label_names: LabelNames,
    usage: BudgetUsage,
    passwords: tuple[bytes, ...] = (),
) -> Iterator[Table | Content | Trouble]:
    """Yield tables and Troubles of a content as :func:`open_tables` does; its members unopened.

    The arguments are those of :func:`open_tables`. ``usage``: budget that is used so far.
    """
    context = ReadContext(count_names, usage.budget, 0, usage, label_names, passwords=passwords)
    for item in guard_reader(_open_by_format(content, context, 0), content.member):
        if isinstance(item, Table):
            yield _decoded_table(item, context)
        elif isinstance(item, Content | Trouble):
            yield item


def open_text_tables(
    content: Content, *, count_names: CountNames, budget: Budget = STANDARD_BUDGET, seed: int = 0
) -> Iterator[Table | Trouble]:
    """Yield the tables of a text content by its lines, with cells as written.

    Formats that decode it are left out, as their cells have no place in its bytes.
    """
    context = ReadContext(count_names, budget, seed, BudgetUsage(budget), decode=False)
    yield from _open(content, context, TEXT_RANK)
