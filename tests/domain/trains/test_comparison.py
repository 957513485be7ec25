"""A declared list beside what a portal read."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.trains.comparison import Code, Comparison, Verdict, compare

LIST = tuple(f"3351496{number:04d}0" for number in range(0, 400, 17))


def read(*codes: str) -> list[Code]:
    return [Code(canonical=code, holds=True) for code in codes]


def told(comparison: Comparison) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for line in comparison.lines:
        if line.verdict is not Verdict.AS_DECLARED:
            found.setdefault(line.verdict.value, []).append(line.declared or line.read)
    return found


def test_a_train_as_declared_has_no_differences() -> None:
    comparison = compare(LIST, read(*LIST))
    assert (told(comparison), comparison.reversed, comparison.differences) == ({}, False, ())
    assert [(line.declared_place, line.read_place) for line in comparison.lines] == [(n, n) for n in range(1, 25)]


def test_a_train_read_from_its_end_is_the_same_train() -> None:
    comparison = compare(LIST, read(*reversed(LIST)))
    assert (told(comparison), comparison.reversed) == ({}, True)
    assert [(line.declared_place, line.read_place) for line in comparison.lines[:2]] == [(24, 1), (23, 2)]


def test_missing_extra_and_swapped_wagons_are_told_apart() -> None:
    codes = list(LIST)
    codes[3], codes[8] = codes[8], codes[3]
    del codes[12]
    codes.insert(16, "999999999999")
    assert told(compare(LIST, read(*codes))) == {
        "moved": [LIST[8], LIST[3]],
        "missing": [LIST[12]],
        "extra": ["999999999999"],
    }


def test_a_wagon_that_was_misread_is_not_another_one() -> None:
    codes = read(*LIST)
    codes[5] = Code(canonical=LIST[5][:3] + "B" + LIST[5][4:], holds=False)
    codes[6] = Code(canonical=LIST[6][1:], holds=False)
    comparison = compare(LIST, codes)
    assert told(comparison) == {"misread": [LIST[5], LIST[6]]}
    assert comparison.differences == ()


def test_a_wagon_whose_check_digit_agrees_is_itself_however_near_it_comes() -> None:
    other = LIST[5][:-1] + "9"
    assert told(compare(LIST[:6], read(*LIST[:5], other))) == {"missing": [LIST[5]], "extra": [other]}


def test_nothing_declared_or_nothing_read() -> None:
    assert told(compare((), read(*LIST[:2]))) == {"extra": list(LIST[:2])}
    assert told(compare(LIST[:2], ())) == {"missing": list(LIST[:2])}
    assert compare((), ()).lines == ()


wagons = st.lists(st.sampled_from(LIST), unique=True, max_size=12)


@given(declared=wagons, seen=wagons)
@settings(max_examples=60)
def test_every_wagon_is_told_of_once(declared: list[str], seen: list[str]) -> None:
    lines = compare(declared, read(*seen)).lines
    assert Counter(line.declared for line in lines if line.declared) == Counter(declared)
    assert [line.read for line in lines if line.read] == seen
    verdicts = Counter(line.verdict for line in lines)
    assert verdicts[Verdict.MISSING] == len(set(declared) - set(seen))
    assert verdicts[Verdict.EXTRA] == len(set(seen) - set(declared))
