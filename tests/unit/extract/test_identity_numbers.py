"""Identity numbers are hidden wherever they stand; phone numbers, dates and customer numbers are left alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reservplan.extract.identity_numbers import MASK, is_identity_number, mask


def check_digit(nine: str) -> str:
    doubled = (int(d) * (2 - n % 2) for n, d in enumerate(nine))
    return str(-sum(v // 10 + v % 10 for v in doubled) % 10)


def numbers(century: bool, separator: str, coordination: bool, birth: date, serial: int) -> str:
    day = birth.day + (60 if coordination else 0)
    nine = f"{birth:%y%m}{day:02d}{serial:03d}"
    prefix = f"{birth:%Y}"[:2] if century else ""
    return f"{prefix}{nine[:6]}{separator}{nine[6:]}{check_digit(nine)}"


VALID = st.builds(
    numbers,
    st.booleans(),
    st.sampled_from(["", "-", "+", " ", "\u2011", "–", "\u00a0", " - "]),
    st.booleans(),
    st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    st.integers(0, 999),
)
NO_DIGITS = st.text(st.characters(blacklist_categories=["Nd", "Cs", "No", "Nl"]), max_size=20).filter(
    lambda text: not any(w in text.casefold() for w in ("tel", "tfn", "mob", "ring", "sms", "fax", "phon"))
)


@given(NO_DIGITS, VALID, NO_DIGITS)
def test_every_valid_number_in_free_text_is_hidden(before: str, number: str, after: str) -> None:
    assert mask(before + number + after) == (before + MASK + after, 1)


@given(VALID, VALID, st.sampled_from([" ", ", ", "; ", " och ", "\n", " 5 "]))
def test_two_numbers_after_each_other_are_both_hidden(one: str, other: str, between: str) -> None:
    masked, found = mask(one + between + other)
    assert found == 2
    assert one not in masked
    assert other not in masked


@given(VALID)
def test_a_cell_that_is_one_is_recognised(number: str) -> None:
    assert is_identity_number(number)


@given(VALID.filter(lambda n: n.isdecimal()), st.sampled_from("0123456789"))
def test_digits_inside_longer_runs_are_left_alone(number: str, digit: str) -> None:
    if len(number) == 12:
        assert mask(f"{number}{digit}") == (f"{number}{digit}", 0)
        assert mask(f"{digit}{number}") == (f"{digit}{number}", 0)
    else:
        assert mask(f"{number}{digit}") == (f"{number}{digit}", 0)


@given(VALID)
def test_a_wrong_check_digit_is_no_identity_number(number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert mask(wrong) == (wrong, 0)


# Ten digits that would pass as a samordningsnummer of 2007, and as one of every other form that phones have.
PHONES = [n for n in (f"0{n}" for n in range(701740605, 701740700)) if is_identity_number(n)]


def test_some_mobile_numbers_do_look_like_identity_numbers() -> None:
    assert PHONES


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize(
    "text",
    [
        "tel {}",
        "Tel: {}",
        "tel. {}",
        "Telefon {}",
        "mobil {}",
        "Mobil: {}",
        "mob.nr {}",
        "Ring {}",
        "ring dottern {}",
        "Ring sonen på {}.",
        "tfn {}",
        "telefonnummer: {}",
        "tel ({})",
        "Tel 0701740605, {}",
        "tel 0701740605 / {}",
        "mobil 070-174 06 05 eller {}",
        "SMS:a {}",
    ],
)
def test_phone_numbers_after_tel_mobil_and_ring_are_left_alone(text: str, phone: str) -> None:
    text = text.format(phone)
    assert mask(text) == (text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "ring dottern, pnr 470101-{}",
        "Ring innan, personnummer 470101-{}",
        "tel 070-174 06 05 470101-{}",
        "tel 19470101-{}",
        "pnr470101{}",
        "(470101-{})",
        "Dusch. Tel 0701740605. Pnr 470101-{}",
        "f. 1947-01-01-{}",
        "1947-01-01 {}",
    ],
)
def test_an_identity_number_is_hidden_although_a_phone_is_near(text: str) -> None:
    tail = "123" + check_digit("470101123")
    masked, found = mask(text.format(tail))
    assert found == 1
    assert tail not in masked


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%y%m%d", "%d/%m %Y", "%Y-%m-%d %H:%M", "%Y-%m-%d 0805", "%Y%m%d-%Y%m%d"]),
)
def test_dates_are_left_alone(day: date, form: str) -> None:
    if day.year > 2009 or "0805" not in form:
        text = f"från {day.strftime(form)} tills vidare"
        assert mask(text) == (text, 0)


@pytest.mark.parametrize(
    "text", ["", "Kundnr 1234567", "Nyckel 14, portkod 3412", "311 50", "12345678901234", "000000-0000"]
)
def test_other_digits_are_left_alone(text: str) -> None:
    assert mask(text) == (text, 0)


def test_many_candidates_are_no_burden() -> None:
    text = "470101-0000 " * 2_000
    assert mask(text) == (text, 0)
