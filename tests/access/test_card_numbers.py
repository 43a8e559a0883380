import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.card_numbers import holds_card_number, masked, masked_bytes, passes_luhn

VISA = "4111111111111111"  # numbers that schemes publish for testing
AMEX = "378282246310005"
MASTERCARD = "5555 5555 5555 4444"


LENGTHS = st.integers(13, 19)


def a_number(lengths=LENGTHS):
    """Digits whose last one makes the Luhn sum right."""
    digits = lengths.flatmap(lambda n: st.text("0123456789", min_size=n - 1, max_size=n - 1))
    return digits.map(lambda d: next(d + c for c in "0123456789" if passes_luhn(d + c)))


@given(number=a_number())
def test_every_number_of_13_to_19_digits_that_passes_luhn_is_found(number):
    assert holds_card_number(f"my card is {number}, thanks")


@given(number=a_number(st.sampled_from([8, 12, 20, 24])))
def test_shorter_and_longer_numbers_are_not_card_numbers(number):
    assert not holds_card_number(number)


@given(number=a_number(), place=st.integers(0, 12), by=st.integers(1, 9))
def test_one_wrong_digit_makes_it_no_card_number(number, place, by):
    wrong = str((int(number[place]) + by) % 10)
    assert not holds_card_number(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "2026-11-22 4111 1111 1111 1111",
        f"%B{VISA}^DOE/ADA^2512101?",
        f";{VISA}=25121010000012300001?",
        f"tok_{VISA}",
    ],
)
def test_it_is_found_as_people_and_readers_write_it(text):
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text", ["tok_ada", "+49 170 1234567", "12.4111111111111111", "1764000000000000", ""]
)
def test_what_only_resembles_one_is_left_alone(text):
    assert not holds_card_number(text)


def test_masking_leaves_everything_else_as_it_was():
    text = f"Paid with {MASTERCARD}, not {AMEX}; call 555 0199"
    assert masked(text) == ("Paid with **** **** **** ****, not ***************; call 555 0199")


def test_a_masked_payload_keeps_its_clock_and_its_measurements():
    clock = next(n for n in range(1_764_000_000_000_000, 2 * 10**15) if passes_luhn(str(n)))
    payload = f'{{"time_us":{clock},"x":3.4111111111111111,"note":"{VISA}"}}'.encode() + b"\xff"
    assert masked_bytes(payload) == payload.replace(b'"' + VISA.encode(), b'"' + b"*" * 16)
