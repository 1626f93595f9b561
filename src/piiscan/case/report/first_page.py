"""First page: sentences on rules and verification that document and page share."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from piiscan.case.count.by_suspect import category_terms, term_text
from piiscan.case.count.subjects.judgements import count_reviews
from piiscan.case.report.case_data import CaseData
from piiscan.case.tiers.tier_cells import RULE_PART
from piiscan.pages.report_table import Rows
from piiscan.wording.words import Words


def rule_sentences(tables: Rows, words: Words) -> list[str]:
    """Return a sentence per rule of the ratios: title, version, SHA-256, its thresholds."""
    sentences = []
    for (policy, version, sha256), rows in groupby(
        tables.get("tier_rules", ()), key=itemgetter("policy", "version", "sha256")
    ):
        lines = []
        for row in rows:
            if row["rule_part"] == "line":
                lines.append(words.name("rules", f"{policy}.{row['category']}"))
            elif row["threshold"] is not None:
                told = row["threshold"]
                told = f"{told:,}" if isinstance(told, int) else told
                lines.append(f"{RULE_PART.text(row, words)} {told}")
        title, joint = words.name("rules", policy), words("explain.separator")
        sentences.append(
            words(
                "statement.rule",
                title=title,
                policy=policy,
                version=version,
                sha256=sha256,
                lines=joint.join(lines),
            )
        )
    return sentences


def category_sentence(tables: Rows, words: Words) -> str:
    """Return the distinct keys of the case by category, with their sum."""
    terms = category_terms(tables, "total", "total", "U2")
    return words(
        "statement.summary.terms",
        sum=f"{sum(term['count'] for term in terms):,}",
        terms=words("explain.separator").join(term_text(term, words) for term in terms),
    )


def sample_sentences(data: CaseData, words: Words) -> list[str]:
    """Return a sentence per frame and stratum: checked, wrong, the rate and its upper bound.

    Without a verified sample, one that says so. The last one has the number of findings called
    false that await a second person, if the count has any.
    """
    waiting = count_reviews(data.case, data.count.content["asked"]["judged"]) if data.count else 0
    last = [words("statement.summary.review", count=f"{waiting:,}")] if waiting else []
    return [*_rate_sentences(data, words), *last]


def _rate_sentences(data: CaseData, words: Words) -> list[str]:
    """Return the sentences of the verified samples, or the one that there is no sample."""
    if not data.samples:
        return [words("statement.summary.unsampled")]
    rows = data.tables["sample_rates"]
    summed = {row.get("frame") for row in rows if row["stratum"] is None}
    return [words("statement.summary.sampled")] + [
        words(
            "statement.summary.rate",
            frame=words(f"sample_frame.{row['frame']}"),
            stratum=words.name("strata", row["stratum"])
            if row["stratum"]
            else words("sampling.all"),
            size=f"{row['stratum_size']:,}",
            checked=f"{row['drawn'] - row['blank'] - row['unverifiable']:,}",
            wrong=f"{row['untrue'] + row['wrong']:,}",
            **{name: row[name] for name in ("miss_rate", "miss_upper", "miss_most")},
        )
        for row in rows
        if row["reading"] == "left_out"
        and row.get("miss_upper") is not None
        and (row["stratum"] is None) == (row["frame"] in summed)
    ]
