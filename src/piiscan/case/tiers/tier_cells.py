"""Tier cells: the columns of codes of rules, and the words for these codes.

The titles of lines and categories come from the rules. A case stores them, so that its tables can
be printed without the rule files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from piiscan.case.tiers import policy as policies_of
from piiscan.case.tiers import sensitivity as sensitivities_of
from piiscan.case.tiers.policy import NO_LINE, UNMAPPED, Policy
from piiscan.case.tiers.sensitivity import Sensitivity
from piiscan.pages.report_table import Row, TableColumn, coded, named
from piiscan.wording.words import Language, Words


def rule_words(
    policies: Iterable[Policy], profiles: Iterable[Sensitivity] = ()
) -> dict[str, Mapping[str, str]]:
    """Return rule id (``POLICY.LINE``) -> title by language, for all rules and their parts."""
    words: dict[str, Mapping[str, str]] = {}
    for policy in policies:
        words |= policies_of.policy_names(policy)
        if policy.own:
            words[policy.id] = {
                language: Words(language)(
                    "tiers.own_rule", title=policy.title[language], sha256=policy.sha256
                )
                for language in get_args(Language)
            }
    for profile in profiles:
        words |= sensitivities_of.sensitivity_names(profile)
    return words


def add_rule_names(words: Words, rules: Mapping[str, Mapping[str, str]]) -> Words:
    """Return ``words`` with the titles of ``rules`` added."""
    return Words(words.language, {**words.vocabulary, "rules": rules})


def _code_name(column: str) -> TableColumn:
    """Return a column of codes with words of their own: ``per-element`` in ``[row_tier]``."""

    def wording(value: Any, _: Row, words: Words) -> str:
        """Return the name of the code ``value``."""
        return words(f"{column}.{value.replace('-', '_')}")

    return TableColumn(column, wording=wording)


def _rule_name(value: Any, row: Row, words: Words) -> str:
    """Return the titles of lines or categories of the row's policy."""
    if isinstance(value, list):
        return "、".join(_rule_name(each, row, words) for each in value)
    if value in (NO_LINE, UNMAPPED):
        return words(f"tiers.{value}")
    if "policy" not in row:
        return _name_in_any_rule(value, words)
    return words.name("rules", f"{row['policy']}.{value}")


def _name_in_any_rule(name: str, words: Words) -> str:
    """Return the category's title in the first policy that has it, else ``name``."""
    rules = words.vocabulary.get("rules", {})
    found = next((key for key in sorted(rules) if key.endswith(f".{name}")), None)
    return name if found is None else words.name("rules", found)


def _total_name(row: Row, words: Words) -> str:
    """Return the name of the sum of all categories; empty in rows of readings."""
    if row.get("ratio") is None or "scenario" in row:
        return ""
    return words("tiers.total", policy=words.name("rules", row.get("policy", "")))


def _joined(value: Any, _: Row, __: Words) -> str:
    """Return the texts of a list in one cell."""
    return "、".join(value)


def _note(value: Any, row: Row, words: Words) -> str:
    """Return the note of a line or category."""
    if value == "dropped":
        return words("tiers.dropped")
    return words.name("rules", f"{row.get('policy')}.{value}.note")


def _information_name(value: Any, _: Row, words: Words) -> str:
    """Return the name of an entity or of a category."""
    name = words.name("entities", value)
    return name if name != value else _name_in_any_rule(value, words)


def _rule_column(name: str) -> TableColumn:
    """Return a column with titles of lines or categories."""
    return TableColumn(name, wording=_rule_name)


POLICY: Final = named("policy", "rules")
INSIDER: Final = coded("insider", "answer")
CONTESTED: Final = coded("contested", "answer")
SENSITIVE: Final = coded("sensitive", "answer")
ROW_TIER: Final = _code_name("row_tier")
SCENARIO: Final = _code_name("scenario")
RULE_PART: Final = _code_name("rule_part")
CATEGORY: Final = TableColumn("category", wording=_rule_name, empty=_total_name)
TIER: Final = _rule_column("tier")
ALSO: Final = _rule_column("also")
WITHOUT: Final = _rule_column("without")
SENSITIVE_CLASS: Final = _rule_column("sensitive_class")
HEADERS: Final = TableColumn("headers", wording=_joined)
NOTE: Final = TableColumn("note", wording=_note)
INFORMATION: Final = TableColumn("information", wording=_information_name)
