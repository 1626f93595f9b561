"""Spoken messages: who said to whom that a file was sent or money paid, and the files meant.

``spoken``: messages with a file or money, with their sides. ``sent``: those with a file, and the
file of the case that they mean.
"""

from __future__ import annotations

from typing import Final

from piiscan.case.count.table_context import TableContext

#: SQL: messages with a file or money, the last known peer of their chat, and the suspect who has
#: the chat. In a chat of two in which the peer and one other speak, that other is the holder. What
#: somebody else says reaches the peer if the peer speaks too, or if the peer is a group.
_CREATE_SPOKEN: Final = """
create temp table spoken as
with peers as (
    select source, member, row, row as section, peer, peer_digest, nick_digest as peer_nick,
           own as of_two
    from messages where what = 'PEER'),
joined as (
    select s.* exclude (own, peer, peer_digest), s.own as stated, of_two,
           coalesce(section, -1) as section, coalesce(s.peer, p.peer) as peer,
           coalesce(s.peer_digest, p.peer_digest, ''::blob) as with_digest,
           coalesce(with_digest in (s.sender_digest, s.nick_digest)
                or p.peer_nick in (s.sender_digest, s.nick_digest), false) as is_peer
    from messages s asof left join peers p
    on s.source = p.source and s.member = p.member and s.row >= p.row
    where s.what in ('FILE', 'MONEY', 'SPEAKER')),
talks as (
    select source, member, section, with_digest, bool_or(is_peer) as answers,
           count(distinct coalesce(sender_digest, ''::blob)) filter (not is_peer) as others
    from joined where what = 'SPEAKER' group by all),
sided as (
    select s.* exclude (stated, with_digest), nullif(with_digest, ''::blob) as with_digest,
           coalesce(stated, case when of_two and answers and others = 1 and sender is not null
                                 and not is_peer then true end) as own,
           coalesce(not of_two, false) or coalesce(answers or others > 2, false) as heard
    from joined s left join talks using (source, member, section, with_digest)
    where what <> 'SPEAKER'),
ended as (
    select s.*, own is null and is_peer as by_peer, h.suspect as holder, h.item as chat_item
    from sided s left join placed h on s.source = h.source and s.member = h.member)
select *, case when own then null when sender is not null then sender when own = false then peer end
           as giver,
       case when own then null when sender is not null then sender_digest
            when own = false then with_digest end as giver_digest,
       coalesce(own, false) as from_holder,
       case when receiver is not null then receiver when own = false or by_peer then null
            when own or heard then peer end as taker,
       case when receiver is not null then receiver_digest when own = false or by_peer then null
            when own or heard then with_digest end as taker_digest,
       receiver is null and (coalesce(not own, false) or by_peer) as to_holder
from ended;
create temp table said as
select row_number() over (order by source, member, row) as number, * exclude (money_kind, amount)
from spoken where what = 'FILE';
create temp table asked as
select row_number() over () as ask, * from (
    select name_digest, least, most, checksum from said group by all order by all);
create temp table copies as
select source, member, name_digest, size, md5, sha1, sha256,
       coalesce(sha256, source || '!' || member) as content from files_given;
create temp table named as
select name_digest, content, any_value(size) as size, max(md5) as md5, max(sha1) as sha1,
       max(sha256) as sha256
from copies group by name_digest, content;
"""
#: SQL condition: size and checksum of a file with the right name do not contradict the message.
FITS: Final = """
coalesce(n.size between a.least and a.most, true) and coalesce(
    case length(a.checksum) when 32 then md5 when 40 then sha1 else sha256 end = a.checksum, true)
"""
_CREATE_OUTCOME: Final = f"""
create temp table by_sum as
select ask, min(content) as content from (
    select ask, content from asked join copies on checksum = md5
    union all select ask, content from asked join copies on checksum = sha1
    union all select ask, content from asked join copies on checksum = sha256
) group by ask;
create temp table outcome as
select ask, 'FOUND' as sent_state, content, 1 as fits,
       case length(checksum) when 32 then 'MD5' when 40 then 'SHA1' else 'SHA256' end as matched_by
from by_sum join asked using (ask)
union all
select ask, case fits when 0 then 'DIFFERENT' when 1 then 'FOUND' else 'AMBIGUOUS' end,
       case fits when 1 then content end, fits,
       case when fits = 0 then null when sized then 'NAME_SIZE' else 'NAME' end
from (
    select ask, any_value(a.least) is not null as sized, count(*) filter ({FITS}) as fits,
           min(content) filter ({FITS}) as content
    from asked a join named n using (name_digest)
    where ask not in (select ask from by_sum) group by ask);
"""
#: SQL: first location of each content found, number of copies, its item and suspect, its keys.
_CREATE_FOUND: Final = """
create temp table found as
with first as (
    select content, count(*) as copies, arg_min(source, (source, member)) as file_source,
           arg_min(member, (source, member)) as file_member
    from copies where content in (select content from outcome) group by content)
select f.*, min(p.item) as item, min(p.suspect) as suspect, count(distinct t.key_no) as keys
from first f left join placed p on p.source = f.file_source and (f.file_member = ''
    or p.member = f.file_member or starts_with(p.member, f.file_member || '#')
    or starts_with(p.member, f.file_member || '!'))
left join passed t on t.place = p.place and t.headline
group by all;
create temp table sent as
select s.*, coalesce(o.sent_state, 'NOT_FOUND') as sent_state, o.matched_by, o.ask,
       coalesce(o.fits, 0) as fits, f.copies, f.file_source, f.file_member, f.item, f.suspect,
       f.keys, f.content
from said s join asked a on s.name_digest is not distinct from a.name_digest
    and s.least is not distinct from a.least and s.most is not distinct from a.most
    and s.checksum is not distinct from a.checksum
left join outcome o using (ask) left join found f using (content)
"""


def create_sent(context: TableContext) -> None:
    """Create the tables ``spoken`` (messages) and ``sent`` (files that they name)."""
    connection = context.connection
    connection.register("files_given", context.case.files)
    for statement in (_CREATE_SPOKEN, _CREATE_OUTCOME, _CREATE_FOUND):
        connection.execute(statement)
