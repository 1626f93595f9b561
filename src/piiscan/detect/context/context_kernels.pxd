"""Structs and constants of context, shared with the kernels of later stages."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from piiscan.detect.matching.match_kernels cimport Candidates, FoldedTexts, Offsets
from piiscan.kernel_arrays cimport (
    Int8, Int8Out,
    Bool, BoolOut, Int16, Int16Out, Int32, Int32Out, Int64, Int64Out, UInt8, UInt8Out, UInt64,
    boolean, boolean_out, int16, int16_out, int32, int32_out, int64, int64_out, uint8, uint8_out,
    uint64,
)


cpdef enum:  # reach of the searches around a candidate, in code points
    WINDOW = 24  # before it, where a word can end
    WINDOW_AFTER = 12  # after it, where a word can contradict it, or support it in brackets
    MAX_GAP = 6  # longest gap between a label and its value
    MAX_ROLE_DISTANCE = 200  # from a role word to the start of a finding

cpdef enum:  # nearness of the word that supports a candidate
    NONE = 0
    NEAR = 1  # somewhere in the window
    NEAREST = 2  # no other known word and no number between
    LABEL = 3  # directly before it, only punctuation or 是/为/号码 between
    FAR_LABEL = 4  # a label, with another label between (「微信手机号：」 for 微信)
    KEYED = 5  # the name of a column of its recognizer, with a sign between: ``name=张三``

cpdef enum:  # surroundings of a candidate
    CLEAR = 0
    GLUED = 1  # letters on both sides: low
    DECIMAL = 2  # part of a decimal number: low
    AMOUNT_UNIT = 3  # 元 after it: low
    AMOUNT_SIGN = 4  # ¥ before it: refused
    INSIDE_TOKEN = 5  # inside a hash, UUID or base64 run: refused

cpdef enum:
    NO_NAME = -1  # no name of a column before a value

cpdef enum:  # required position of a role word
    ANYWHERE = 0
    SET_OFF = 1  # no Hanzi, letter or digit on either side
    MARKED = 2  # the same, and at the start of a line or before punctuation
    LEADING = 3  # none directly before it: 快递员王五, but not 他是一名快递员

cpdef enum:  # flags of a folded byte for the search for context words
    FLAG_WORD_END = 1
    FLAG_GAP = 2
    FLAG_STOP = 4
    FLAG_DIGIT = 8
    FLAG_LETTER = 16
    FLAG_LINE = 32
    FLAG_SKIPPED = 64

cpdef enum:  # flags of a folded byte for the search for role words
    ROLE_WORD = 1
    ROLE_BLANK = 2
    ROLE_LINE = 4
    ROLE_DIGIT = 8
    ROLE_OPEN = 16
    ROLE_ROUND_OPEN = 32
    ROLE_ROUND_CLOSE = 64

cpdef enum:  # flags of a folded byte for the search for keyed values
    KEY_NAME_END = 1
    KEY_QUOTE = 2
    KEY_SIGN = 4
    KEY_HANZI = 8
    KEY_LATIN = 16


cdef struct Context:  # piiscan.detect.context.context_words.Context
    Py_ssize_t rows
    Int32 word
    UInt8 nearness
    Int32 against
    Int16 implied
    Int64 label


cdef struct ContextOut:
    Py_ssize_t rows
    Int32Out word
    UInt8Out nearness
    Int32Out against
    Int16Out implied
    Int64Out label


cdef struct WordTrie:  # piiscan.detect.context.word_trie.WordTrie
    Int32 steps
    Int32 word_at


cdef struct AccountWords:  # piiscan.detect.context.word_trie.AccountWords
    Bool is_label
    Int16 implied
    UInt64 numbers


cdef struct ContextSearch:  # piiscan.detect.context.context_words.ContextSearch
    int64_t words
    int64_t groups  # of 64 recognizers
    UInt8 flags
    WordTrie trie
    UInt64 recognizer_bits
    AccountWords accounts
    Bool endings


cdef struct RoleSearch:  # piiscan.detect.context.roles.RoleSearch
    UInt8 flags
    WordTrie trie
    Int16 role
    UInt8 position
    Bool last_pairs
    Bool without_role


cdef struct SurroundingBytes:  # piiscan.detect.context.surroundings.SurroundingBytes
    UInt8 kind
    Bool currency
    Bool unit
    Bool scale
    Bool quantity
    Bool neutral


cdef struct KeyedValues:  # piiscan.detect.context.keyed_values.KeyedValues
    Py_ssize_t rows
    Int64 place
    Int64 stop
    Int64 name_end
    Int32 name


cdef struct KeyedValuesOut:
    Int64Out place
    Int64Out stop
    Int64Out name_end
    Int32Out name


cdef struct ListFields:  # piiscan.detect.context.list_fields.ListFields
    Py_ssize_t rows
    Int64 place
    Int64 begin
    Int64 end
    Int16 account
    Int16 separator
    Bool sure


cdef struct ListFieldsOut:
    Py_ssize_t rows
    Int64Out place
    Int64Out begin
    Int64Out end
    Int16Out account
    Int16Out separator
    BoolOut sure


cdef inline Context context_of(object arrays) except *:
    """Return the pointers of the context of candidates."""
    cdef Context view
    view.rows = len(arrays[0])
    view.word, view.nearness, view.against = int32(arrays[0]), uint8(arrays[1]), int32(arrays[2])
    view.implied, view.label = int16(arrays[3]), int64(arrays[4])
    return view


cdef inline ContextOut context_out(object arrays) except *:
    """Return the pointers of the context of candidates to write."""
    cdef ContextOut view
    view.rows = len(arrays[0])
    view.word, view.nearness = int32_out(arrays[0]), uint8_out(arrays[1])
    view.against, view.implied = int32_out(arrays[2]), int16_out(arrays[3])
    view.label = int64_out(arrays[4])
    return view


cdef inline WordTrie word_trie_of(object arrays) except *:
    """Return the pointers of a trie of words."""
    cdef WordTrie view
    view.steps, view.word_at = int32(arrays[0]), int32(arrays[1])
    return view


cdef inline ContextSearch context_search_of(object arrays) except *:
    """Return the pointers of a search for context words."""
    cdef ContextSearch view
    bits, accounts = arrays[2], arrays[3]
    view.words, _, view.groups = bits.shape
    view.flags, view.trie, view.recognizer_bits = uint8(arrays[0]), word_trie_of(arrays[1]), uint64(bits)
    view.accounts.is_label, view.accounts.implied = boolean(accounts[0]), int16(accounts[1])
    view.accounts.numbers, view.endings = uint64(accounts[2]), boolean(arrays[4])
    return view


cdef inline RoleSearch role_search_of(object arrays) except *:
    """Return the pointers of a search for role words."""
    cdef RoleSearch view
    view.flags, view.trie = uint8(arrays[0]), word_trie_of(arrays[1])
    view.role, view.position = int16(arrays[2]), uint8(arrays[3])
    view.last_pairs, view.without_role = boolean(arrays[4]), boolean(arrays[5])
    return view


cdef inline SurroundingBytes surrounding_bytes_of(object arrays) except *:
    """Return the pointers of the meanings of bytes next to a candidate."""
    cdef SurroundingBytes view
    view.kind, view.currency, view.unit = uint8(arrays[0]), boolean(arrays[1]), boolean(arrays[2])
    view.scale, view.quantity = boolean(arrays[3]), boolean(arrays[4])
    view.neutral = boolean(arrays[5])
    return view


cdef inline KeyedValues keyed_values_of(object arrays) except *:
    """Return the pointers of keyed values."""
    cdef KeyedValues view
    view.rows = len(arrays[0])
    view.place, view.stop = int64(arrays[0]), int64(arrays[1])
    view.name_end, view.name = int64(arrays[2]), int32(arrays[3])
    return view


cdef inline KeyedValuesOut keyed_values_out(object arrays) except *:
    """Return the pointers of keyed values to write."""
    cdef KeyedValuesOut view
    view.place, view.stop = int64_out(arrays[0]), int64_out(arrays[1])
    view.name_end, view.name = int64_out(arrays[2]), int32_out(arrays[3])
    return view


cdef inline ListFields list_fields_of(object arrays) except *:
    """Return the pointers of the fields of lists."""
    cdef ListFields view
    view.rows = len(arrays[0])
    view.place, view.begin, view.end = int64(arrays[0]), int64(arrays[1]), int64(arrays[2])
    view.account, view.separator = int16(arrays[3]), int16(arrays[4])
    view.sure = boolean(arrays[5])
    return view


cdef inline ListFieldsOut list_fields_out(object arrays) except *:
    """Return the pointers of the fields of lists to write."""
    cdef ListFieldsOut view
    view.rows = len(arrays[0])
    view.place, view.begin = int64_out(arrays[0]), int64_out(arrays[1])
    view.end, view.account = int64_out(arrays[2]), int16_out(arrays[3])
    view.separator, view.sure = int16_out(arrays[4]), boolean_out(arrays[5])
    return view


cdef void context_into(
    FoldedTexts* texts, Candidates* candidates, Offsets* located, Int64 word_ends,
    int64_t end_count, Bool labelled, ContextSearch* search, ContextOut* out,
) noexcept nogil
cdef void surroundings_into(
    UInt8 folded, Int64 start, Int64 end, Py_ssize_t count, SurroundingBytes* meaning,
    UInt8Out codes,
) noexcept nogil
cdef int64_t roles_into(
    FoldedTexts* texts, Candidates* candidates, Offsets* located, Int64 word_ends,
    int64_t end_count, RoleSearch* search, Int16Out role,
) noexcept nogil
cdef bint any_bracket_closes(
    UInt8 folded, Int64 word_ends, int64_t end_count, UInt8 flags
) noexcept nogil
cdef int64_t bracketed_roles_into(
    FoldedTexts* source, Candidates* spans, Offsets* located, RoleSearch* words, Int16Out out
) noexcept nogil
cdef void labelled_into(
    UInt8 source, Candidates* spans, ContextSearch* words, BoolOut labelled
) noexcept nogil
cdef void labels_into(
    Int32 name, Py_ssize_t rows, Bool other, int32_t first, Int16 which, Int8 verdicts,
    Bool keyed_cells, Bool numeric, ContextOut* out, Int8Out strengths,
) noexcept nogil
cdef void names_into(
    KeyedValues* keyed, Int64 starts, Int16 which, Py_ssize_t rows, Bool columns,
    int64_t recognizers, Bool others, Int32Out out,
) noexcept nogil
cdef int64_t keyed_into(
    FoldedTexts* texts, Int64 signs, int64_t sign_count, UInt8 flags, WordTrie* trie, Bool counts,
    KeyedValuesOut* out,
) noexcept nogil
cdef int64_t line_accounts_into(
    UInt8 source, Int64 ends, int64_t end_count, UInt8 kinds, Int64Out begins, Int64Out finishes
) noexcept nogil
cdef int64_t fields_into(
    UInt8 text, int64_t length, Candidates* candidates, Bool accounts, Bool opens, UInt8 kind,
    bint chained, ListFieldsOut* out,
) noexcept nogil
