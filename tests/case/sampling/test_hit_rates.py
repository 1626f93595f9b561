"""Rates are of what was looked at; counts lose only what was found untrue, by itself."""

from piiscan.case.sampling.hit_rates import counts_before_after, hit_rates
from piiscan.case.sampling.sampling_frame import Stratum
from piiscan.case.sampling.verification_form import RESULTS, RecordResult

STRATA = [Stratum("a", 5000, 100), Stratum("b", 20, 10)]
OF = {n: "a" if n <= 100 else "b" for n in range(1, 111)}


def found(**counts: int) -> list[RecordResult]:
    results = [result for result in RESULTS for _ in range(counts.get(result, 0))]
    return [RecordResult(n, result, True) for n, result in enumerate(results, 1)]


def test_a_stratum_and_all_together_have_rates_and_bounds() -> None:
    rows = hit_rates(STRATA, OF, found(real=100), sampled=True)
    assert [(row["stratum"], row["real"], row["blank"], row["rate"]) for row in rows] == [
        ("a", 100, 0, "100.00"),
        ("b", 0, 10, None),
        (None, 100, 10, "100.00"),
    ]
    assert [row["lower"] for row in rows] == ["97.05", None, "97.05"]
    assert rows[0]["two_sided_lower"] == "96.38"
    assert rows[0]["two_sided_upper"] == "100.00"


def test_what_could_not_be_verified_is_left_out_and_taken_for_no_hit() -> None:
    rows = hit_rates(STRATA, OF, found(real=90, unverifiable=10), sampled=True)
    assert [(r["stratum"], r["reading"], r["rate"]) for r in rows if r["rate"]] == [
        ("a", "left_out", "100.00"),
        ("a", "as_no_hit", "90.00"),
        (None, "left_out", "100.00"),
        (None, "as_no_hit", "90.00"),
    ]


def test_where_all_was_looked_at_nothing_is_bounded() -> None:
    row = hit_rates(STRATA, OF, found(real=99, wrong=1), sampled=False)[0]
    assert (row["rate"], row["lower"], row["two_sided_upper"]) == ("99.00", None, None)


def test_a_frame_has_the_rate_of_misses_and_at_most_how_many() -> None:
    (row,) = hit_rates(
        STRATA[:1], OF, found(real=98, untrue=2), sampled=True, frame="unfound", summed=False
    )
    assert (row["frame"], row["stratum"], row["miss_rate"]) == ("unfound", "a", "2.00")
    # 100 of 5,000, two of them wrong: 306 wrong ones are not refuted, 307 are
    assert (row["finite_lower"], row["miss_upper"], row["miss_most"]) == ("93.88", "6.12", 306)
    assert row["lower"] < row["finite_lower"]


def test_counts_before_and_after_stand_side_by_side() -> None:
    rows = counts_before_after(STRATA, OF, found(real=94, untrue=3, wrong=2, unverifiable=1))
    assert rows == [
        {"stratum": "a", "before": 5000, "struck": 5, "after": 4995},
        {"stratum": "b", "before": 20, "struck": 0, "after": 20},
        {"stratum": None, "before": 5020, "struck": 5, "after": 5015},
    ]
