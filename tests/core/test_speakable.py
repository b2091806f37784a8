"""Text is made speakable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and `code`", "Bold and code"),
        ("[the docs](https://example.org/a?b=c)", "the docs"),
        ("see https://www.example.org/a/b?c=d.", "see example.org."),
        ("6 * 7 = 42", "6 times 7 equals 42"),
        ("-5 °C", "minus 5 degrees Celsius"),
        ("It is 4:05 PM", "It is 4 oh 5 PM"),
        ("$3.50", "3 dollars and 50 cents"),
        ("5 km/h", "5 kilometers per hour"),
        ("1/2 cup", "one half cup"),
        ("Dr. Smith", "Doctor Smith"),
        ("😀", ""),
        ("…", ""),
        ("A & B", "A and B"),
        ("10–20", "10 to 20"),
    ],
)
def test_symbols_become_words(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("in the 70s tomorrow", "in the seventies tomorrow"),
        ("80s music", "eighties music"),
        ("listening to the '60s and '70s", "listening to the sixties and seventies"),
        ("I waited in my 30s", "I waited in my thirties"),
        ("in 30s.", "in 30 seconds."),
        ("a 30s timer", "a 30 seconds timer"),
        ("45s", "45 seconds"),
    ],
)
def test_tens_with_an_s_are_a_decade_unless_a_time_passes(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("10 W 34th St", "10 W 34th St"),
        ("400 L Street", "400 L Street"),
        ("10 W Main St", "10 W Main St"),
        ("it draws 10 W. The lamp", "it draws 10 watts. The lamp"),
        ("10 W lamps", "10 watts lamps"),
    ],
)
def test_a_letter_in_an_address_is_no_unit(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$2.5", "2 dollars and 50 cents"),
        ("$19.9", "19 dollars and 90 cents"),
        ("$2.05", "2 dollars and 5 cents"),
        ("$1.01", "1 dollar and 1 cent"),
        ("$0.99", "99 cents"),
        ("$3.125", "3.125 dollars"),
        ("$1.2M", "1.2 million dollars"),
        ("$3 million", "3 million dollars"),
        ("$5, please", "5 dollars, please"),
        ("20€", "20 euros"),
        ("2,50 €", "2 euros and 50 cents"),
        ("1,000 €", "1,000 euros"),
        ("$10–20", "10 to 20 dollars"),
        ("$10-$20", "10 dollars to 20 dollars"),
        ("¥500", "500 yen"),
    ],
)
def test_money_is_said_whole(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1 1/2 cups", "1 and a half cups"),
        ("2 1/2 hours", "2 and a half hours"),
        ("2 1/2 km", "2 and a half kilometers"),
        ("3 3/4 cups", "3 and three quarters cups"),
        ("1⁄2 cup", "one half cup"),
        ("1½ cups", "1 and a half cups"),
        ("1/2 km", "one half kilometer"),
    ],
)
def test_a_fraction_goes_with_its_whole_number(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("5±2", "5 plus or minus 2"),
        ("3·4", "3 times 4"),
        ("3⋅4", "3 times 4"),
        ("2**3", "2 to the power of 3"),
        ("Rain · 20 °C", "Rain, 20 degrees Celsius"),
        ("x < y", "x less than y"),
        ("x > y", "x greater than y"),
        ("Settings > Network", "Settings, Network"),
        ("my_variable_name", "my variable name"),
        ("Hi😀there", "Hi there"),
        ("well‑known", "well-known"),
        ("co\N{SOFT HYPHEN}operate", "cooperate"),
        ("q\N{COMBINING DIAERESIS}a", "qa"),
    ],
)
def test_a_sign_left_out_does_not_glue_its_neighbours(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Monday–Friday, 9am–5pm", "Monday to Friday, 9am to 5pm"),
        ("Mon-Fri", "Mon to Fri"),
        ("10am-11am", "10am to 11am"),
        ("9:00-17:30", "9 o'clock to 17:30"),
        ("20%–30%", "20% to 30%"),
        ("wait–what", "wait to what"),
        ("wait - what", "wait, what"),
        ("a well-known one", "a well-known one"),
    ],
)
def test_a_dash_is_a_range_or_a_pause(written: str, said: str):
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("555-123-4567", "5 5 5, 1 2 3, 4 5 6 7"),
        ("1-800-555-0199", "1, 8 0 0, 5 5 5, 0 1 9 9"),
        ("(555) 123-4567.", "5 5 5, 1 2 3, 4 5 6 7."),
        ("+44 20 7946 0958", "plus 44, 20, 7 9 4 6, 0 9 5 8"),
        ("555-0199", "5 5 5, 0 1 9 9"),
        ("500-1000 people", "500 to 1000 people"),
        ("05-06-2024", "05, 06, 2024"),
        ("2024-05-06", "May 6, 2024"),
    ],
)
def test_a_telephone_number_is_read_digit_by_digit(written: str, said: str):
    assert speakable(written) == said


@given(st.text(max_size=300))
def test_anything_can_be_made_speakable_or_empty(text: str):
    said = speakable(text)
    assert not said or any(map(str.isalnum, said))
    assert all(character.isprintable() for character in said)
