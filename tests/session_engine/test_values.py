"""Every Field type: what people type, in several locales, and what is stored."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from time import perf_counter

import pytest
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.account import Locale
from protocol.commands import SetField
from protocol.fields import FieldDefinition, FieldType, Option, Rules
from protocol.workflow import WorkflowVersion
from session_engine.fields import judged
from session_engine.project import shown
from session_engine.values.places import locale_problem
from session_engine.values.reading import PLAIN_LANGUAGE, Reading
from session_engine.workflow import Workflow
from tests.support.scenario import Scenario
from tests.support.workflows import SMALL_DOCUMENT

NOW_MS = 1_775_214_000_000
"""3 April 2026, 11:00 UTC: noon in London, evening in Auckland."""

GB = Locale()
US = Locale(language="en-US", country="US", currency="USD", time_zone="America/New_York")
DE = Locale(language="de-DE", country="DE", currency="EUR", time_zone="Europe/Berlin")
FR = Locale(language="fr-FR", country="FR", currency="EUR", time_zone="Europe/Paris")
CH = Locale(language="de-CH", country="CH", currency="CHF", time_zone="Europe/Zurich")
IN = Locale(language="en-IN", country="IN", currency="INR", time_zone="Asia/Kolkata")
NZ = Locale(language="en-NZ", country="NZ", currency="NZD", time_zone="Pacific/Auckland")
ES = Locale(language="es-ES", country="ES", currency="EUR", time_zone="Europe/Madrid")
DA = Locale(language="da-DK", country="DK", currency="DKK", time_zone="Europe/Copenhagen")
HU = Locale(language="hu-HU", country="HU", currency="HUF", time_zone="Europe/Budapest")
ODD = Locale(language="xx-XX", country="XX", currency="XXX", time_zone="Nowhere/At_All")
LOCALES = (GB, US, DE, FR, CH, IN, NZ, ODD)


def field(field_type: str, **properties: object) -> FieldDefinition:
    """A Field of this type."""
    rules = Rules(**{key: value for key, value in properties.items() if key in Rules.__struct_fields__})  # type: ignore[arg-type]
    rest = {key: value for key, value in properties.items() if key not in Rules.__struct_fields__}
    return FieldDefinition(key="it", type=FieldType(field_type), label="It", rules=rules, **rest)  # type: ignore[arg-type]


def store(definition: FieldDefinition, typed: str, locale: Locale = GB) -> tuple[object, str | None]:
    """What is stored, and the kind of problem it has."""
    content, problem = judged(definition, typed, Reading(locale, NOW_MS))
    return content, problem.kind if problem else None


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (GB, "1,234.56", "1234.56"),
        (DE, "1.234,56", "1234.56"),
        (DE, "1.234", "1234"),
        (GB, "1.234", "1.234"),
        (DE, "1,234.56", "1234.56"),
        (GB, "1.234,56", "1234.56"),
        (DE, "12.5", "12.5"),
        (FR, "1\u202f234,5", "1234.5"),
        (FR, "1 234,5", "1234.5"),
        (CH, "1’234.50", "1234.5"),
        (CH, "1'234'567", "1234567"),
        (IN, "12,34,567", "1234567"),
        (GB, "−7", "-7"),
        (GB, "+ 7", None),
        (GB, "1,2,3", None),
        (GB, "12,34", "12.34"),
        (GB, "½", None),
        (GB, "1,", "1"),
    ],
)
def test_numbers_are_read_as_the_locale_writes_them(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD6] Groups and decimals by locale; what can only be meant the other way round is read so."""
    assert store(field("number"), typed, locale) == ((typed, "not_a_number") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (GB, "20", "20.00 GBP"),
        (GB, "£1,234.5", "1234.50 GBP"),
        (DE, "1.234,56 €", "1234.56 EUR"),
        (GB, "€20", "20.00 EUR"),
        (GB, "20 eur", "20.00 EUR"),
        (GB, "-£5", "-5.00 GBP"),
        (US, "$5", "5.00 USD"),
        (GB, "$5", "5.00 USD"),
        (NZ, "$5", "5.00 NZD"),
        (GB, "JPY 500", "500 JPY"),
        (DA, "1.234,50 kr.", "1234.50 DKK"),
        (DA, "kr. 5", "5.00 DKK"),
        (CH, "Fr. 5", "5.00 CHF"),
        (GB, "CA$5", "5.00 CAD"),
        (GB, "£.5", "0.50 GBP"),
        (GB, "500.5 JPY", None),
        (GB, "1.005", None),
        (GB, "£5 €", None),
        (GB, "5 quid", None),
        (GB, "a few", None),
    ],
)
def test_amounts_carry_their_currency(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD6] By sign or code, else the locale's; with all minor digits of the currency and no more."""
    assert store(field("money"), typed, locale) == ((typed, "not_an_amount") if stored is None else (stored, None))


def test_an_amount_in_another_currency_is_kept_and_marked() -> None:
    """[FD3] The Field's own currency counts for amounts without one."""
    assert store(field("money", currency="EUR"), "20") == ("20.00 EUR", None)
    assert store(field("money", currency="EUR"), "£20") == ("20.00 GBP", "wrong_currency")
    assert store(field("money", max=50), "50.01") == ("50.01 GBP", "too_large")
    assert store(field("money", min=0), "-1") == ("-1.00 GBP", "too_small")


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (GB, "2026-04-03", "2026-04-03"),
        (GB, "3/4/2026", "2026-04-03"),
        (US, "4/3/2026", "2026-04-03"),
        (DE, "3.4.2026", "2026-04-03"),
        (DE, "03.04.26", "2026-04-03"),
        (GB, "31/12/50", "1950-12-31"),
        (GB, "12/31/2026", "2026-12-31"),
        (GB, "2026/4/3", "2026-04-03"),
        (GB, "3 Apr 2026", "2026-04-03"),
        (GB, "3rd of April, 2026", "2026-04-03"),
        (US, "April 3, 2026", "2026-04-03"),
        (DE, "3. April 2026", "2026-04-03"),
        (DE, "3. Mai", "2026-05-03"),
        (FR, "3 août 2026", "2026-08-03"),
        (GB, "2026 April 3", "2026-04-03"),
        (GB, "today", "2026-04-03"),
        (NZ, "Today", "2026-04-04"),
        (DE, "morgen", "2026-04-04"),
        (GB, "yesterday", "2026-04-02"),
        (GB, "31/2/2026", None),
        (GB, "123/4/2026", None),
        (GB, "3/4/202", None),
        (FR, "3 de mayo", None),
        (GB, "3 4 April 2026 5", None),
        (GB, "3 Smarch 2026", None),
        (GB, "3 April; 2026", None),
        (GB, "Sat, 3 Apr 2027", "2027-04-03"),
        (GB, "saturday 3/4/2027", "2027-04-03"),
        (DE, "Sa., 3. Apr. 2027", "2027-04-03"),
        (DE, "Sat, 3 Apr 2027", "2027-04-03"),
        (HU, "2027. ápr. 3., Szo", "2027-04-03"),
        (ES, "mar, 3 mar 2026", "2026-03-03"),
        (ES, "mar 3", "2026-03-03"),
        (GB, "Sat", None),
        (GB, "Sat Sun", None),
        (GB, "Smarch, 3 Apr 2027", None),
        (GB, "soon", None),
    ],
)
def test_dates_are_read_as_the_locale_writes_them(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD7] Numbers in the locale's order, months by name, and today's neighbours by word, in the person's zone."""
    assert store(field("date"), typed, locale) == ((typed, "not_a_date") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("15:00", "15:00"),
        ("9:05", "09:05"),
        ("15.30", "15:30"),
        ("1530", "15:30"),
        ("3pm", "15:00"),
        ("12 a.m.", "00:00"),
        ("12:15 PM", "12:15"),
        ("15:00:59", "15:00"),
        ("15h", "15:00"),
        ("15 Uhr", "15:00"),
        ("15:3", None),
        ("15:30 Uhr", "15:30"),
        ("24:00", None),
        ("15:60", None),
        ("13pm", None),
        ("15", None),
        ("noon", None),
    ],
)
def test_times_have_many_forms(typed: str, stored: str | None) -> None:
    """[FD7] A lone number is no time: it may be meant as anything."""
    assert store(field("time"), typed) == ((typed, "not_a_time") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (GB, "3/4/2026 15:00", "2026-04-03T15:00:00+01:00[Europe/London]"),
        (GB, "2026-04-03T15:00", "2026-04-03T15:00:00+01:00[Europe/London]"),
        (GB, "3 April 2026 at 3pm", "2026-04-03T15:00:00+01:00[Europe/London]"),
        (GB, "3pm, tomorrow", "2026-04-04T15:00:00+01:00[Europe/London]"),
        (US, "4/3/2026, 3:00 pm", "2026-04-03T15:00:00-04:00[America/New_York]"),
        (GB, "3/4/2026 15:00 [America/New_York]", "2026-04-03T15:00:00-04:00[America/New_York]"),
        (GB, "3/4/2026 15:00 Europe/Berlin", "2026-04-03T15:00:00+02:00[Europe/Berlin]"),
        (DE, "2026-04-03T15:00:00+01:00[Europe/London]", "2026-04-03T15:00:00+01:00[Europe/London]"),
        (GB, "2026-04-03T14:00:00Z", "2026-04-03T15:00:00+01:00[Europe/London]"),
        (GB, "29/3/2026 01:30", "2026-03-29T02:30:00+01:00[Europe/London]"),
        (GB, "25/10/2026 01:30", "2026-10-25T01:30:00+01:00[Europe/London]"),
        (GB, "Fri, 3 Apr 2026, 15:00 (Europe/London)", "2026-04-03T15:00:00+01:00[Europe/London]"),
        (DE, "3 Apr 2026, 15:30 (Europe/London)", "2026-04-03T15:30:00+01:00[Europe/London]"),
        (GB, "3 Apr 2026, 15:30 (America/New York)", "2026-04-03T15:30:00-04:00[America/New_York]"),
        (
            DE,
            "Fr., 3. Apr. 2026, 15:00 (Europe/London), 3. Apr., 16:00 for you",
            "2026-04-03T15:00:00+01:00[Europe/London]",
        ),
        (GB, "3 Apr 2026, 15:30 (to be confirmed)", None),
        (GB, "3/4/2026 15:00 [Nowhere/At_All]", None),
        (GB, "3/4/2026", None),
        (GB, "9999-12-31T23:59:59-12:00", None),
    ],
)
def test_a_date_time_keeps_instant_and_zone(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD7] In the person's zone or a named one; times that the clocks leave out or repeat have one meaning."""
    assert store(field("date_time"), typed, locale) == (
        (typed, "not_a_date_time") if stored is None else (stored, None)
    )


@pytest.mark.parametrize(
    ("field_type", "rule", "typed", "kind"),
    [
        ("date", {"not_after": "today"}, "4/4/2026", "too_late"),
        ("date", {"not_after": "today"}, "3/4/2026", None),
        ("date", {"not_before": "today+3d"}, "5/4/2026", "too_early"),
        ("date", {"not_before": "2026-01-01"}, "31/12/2025", "too_early"),
        ("date", {"not_before": "2026-01-01T10:00"}, "1/1/2026", None),
        ("time", {"not_after": "17:30"}, "17:31", "too_late"),
        ("time", {"not_after": "2026-01-01T17:30"}, "17:31", "too_late"),
        ("time", {"not_after": "2026-01-01"}, "17:31", None),
        ("date_time", {"not_before": "today"}, "2/4/2026 23:59", "too_early"),
        ("date_time", {"not_before": "2026-04-03T15:00"}, "3/4/2026 14:59", "too_early"),
        ("date_time", {"not_after": "17:30"}, "3/4/2026 17:31", "too_late"),
        ("date", {"not_after": "17:30"}, "3/4/2026", None),
    ],
)
def test_limits_of_dates_and_times(field_type: str, rule: dict[str, str], typed: str, kind: str | None) -> None:
    """[FD7] Limits may be relative to today; each counts by the clock that the value is on."""
    assert store(field(field_type, **rule), typed)[1] == kind


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (GB, "020 7183 8750", "+442071838750"),
        (GB, "+44 (0)20 7183 8750", "+442071838750"),
        (GB, "0044 20-7183.8750", "+442071838750"),
        (GB, "tel:+44-20-7183-8750", "+442071838750"),
        (GB, "\u00a0020\u00a07183\u00a08750 ext. 5", "+442071838750;ext=5"),
        (GB, "+442071838750;ext=5", "+442071838750;ext=5"),
        (DE, "(030) 901820", "+4930901820"),
        (US, "(202) 456-1111", "+12024561111"),
        (GB, "+1 202 456 1111", "+12024561111"),
        (GB, "123", None),
        (GB, "call me", None),
        (GB, "0" * 81, None),
        (ODD, "020 7183 8750", None),
    ],
)
def test_telephone_numbers_in_any_usual_form(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD8] E.164 with its extension; without + it is of the locale's country."""
    assert store(field("phone"), typed, locale) == ((typed, "not_a_phone") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada@Example.ORG ", "Ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("ada@münchen.de", "ada@münchen.de"),
        ("ada@localhost", None),
        ("a..da@example.org", None),
        (".ada@example.org", None),
        ("ada.@example.org", None),
        ("ada@example..org", None),
        ("ada", None),
        ("a" * 60 + "@" + "b." * 120 + "org", None),
    ],
)
def test_addresses_of_mail(typed: str, stored: str | None) -> None:
    """[FD8] The domain in lower case, letters of any script."""
    assert store(field("email"), typed) == ((typed, "not_an_email") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Example.ORG/Path?q=1", "https://example.org/Path?q=1"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("HTTPS://example.org", "https://example.org"),
        ("javascript:alert(1)", None),
        ("ftp://example.org", None),
        ("https://user:word@example.org", None),
        ("https://[", None),
        ("example", None),
        ("https://", None),
        ("two words.org", None),
        ("x.org/" + "y" * 2_000, None),
    ],
)
def test_web_addresses(typed: str, stored: str | None) -> None:
    """[FD8] http or https and nothing else, never with a password in it."""
    assert store(field("url"), typed) == ((typed, "not_a_url") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (GB, "sw1a1aa", "SW1A 1AA"),
        (GB, " m1  1ae ", "M1 1AE"),
        (GB, "12345", None),
        (US, "20500 0003", "20500-0003"),
        (US, "20500", "20500"),
        (DE, "10115", "10115"),
        (IN, "110 001", "110 001"),
        (IN, "x", None),
    ],
)
def test_postcodes_by_country(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD9] Upper case, with the spacing of the country; countries without a pattern take letters and digits."""
    assert store(field("postcode"), typed, locale) == ((typed, "not_a_postcode") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("locale", "typed", "stored"),
    [
        (DE, "Deutschland", "DE"),
        (DE, "Germany", "DE"),
        (GB, "de", "DE"),
        (GB, "UK", "GB"),
        (ODD, "france", "FR"),
        (GB, "Deutschland", None),
        (GB, "EU", None),
    ],
)
def test_countries_by_name_or_code(locale: Locale, typed: str, stored: str | None) -> None:
    """[FD9] In the locale's language or in English."""
    assert store(field("country"), typed, locale) == ((typed, "not_a_country") if stored is None else (stored, None))


@pytest.mark.parametrize(
    ("field_type", "locale", "expected"),
    [
        ("date", GB, "a date such as 31/12/2026"),
        ("date", US, "a date such as 12/31/2026"),
        ("date", DE, "a date such as 31.12.2026"),
        ("date_time", FR, "a date and a time such as 31/12/2026 15:00"),
        ("money", DE, "an amount, such as 1.234,56"),
        ("money", FR, "an amount, such as 1 234,56"),
        ("money", CH, "an amount, such as 1’234.56"),
        ("postcode", GB, "a postcode such as SW1A 1AA"),
        ("postcode", IN, "a postcode of 2 to 12 letters and digits"),
        ("time", GB, "a time such as 15:00"),
        ("phone", GB, "a telephone number, with + and the country's code if it is abroad"),
        ("country", GB, "the name of a country, or its code"),
        ("email", GB, "an address such as ada@example.org"),
        ("url", GB, "a web address such as https://example.org"),
    ],
)
def test_what_was_expected_is_said_in_the_persons_own_form(field_type: str, locale: Locale, expected: str) -> None:
    """[FD3] An example as that person would write it."""
    _, problem = judged(field(field_type), "?!", Reading(locale, NOW_MS))
    assert problem is not None
    assert problem.expected == expected


@pytest.mark.parametrize(
    ("definition", "typed", "locale", "expected"),
    [
        (field("number", min=0, max=1e6), "?", GB, "a number from 0 to 1,000,000"),
        (field("number", max=1234567.5), "1234568", GB, "a number of at most 1,234,567.5"),
        (field("number", max=1234567.5), "1234568", DE, "a number of at most 1.234.567,5"),
        (field("number", min=1e5), "7", FR, "a number of at least 100 000"),
        (field("money", min=0, max=1e6), "?", IN, "an amount from 0 to 10,00,000, such as 1,234.56"),
        (field("money", max=0.1), "1", US, "an amount of at most 0.1"),
        (field("date", not_after="today"), "4/4/2026", GB, "not after today"),
        (field("date", not_after="today+60d"), "4/4/2027", GB, "not after 60 days from today"),
        (field("date", not_before="today+1d"), "3/4/2026", GB, "not before tomorrow"),
        (field("date", not_before="today-1d"), "1/4/2026", GB, "not before yesterday"),
        (field("date", not_before="today-90d"), "3/4/2025", GB, "not before 90 days ago"),
        (field("date", not_before="2027-01-31"), "3/4/2026", GB, "not before 31/01/2027"),
        (field("date", not_before="2027-01-31"), "4/3/2026", US, "not before 01/31/2027"),
        (field("date", not_before="2027-01-31"), "3.4.2026", DE, "not before 31.01.2027"),
        (field("time", not_after="17:30"), "18:00", GB, "not after 17:30"),
        (field("date_time", not_after="2026-01-31T09:00"), "3/4/2026 9:00", GB, "not after 31/01/2026 09:00"),
    ],
)
def test_limits_are_said_in_the_persons_own_form(
    definition: FieldDefinition, typed: str, locale: Locale, expected: str
) -> None:
    """[FD3] As that person reads numbers and dates, and days from today in words."""
    _, problem = judged(definition, typed, Reading(locale, NOW_MS))
    assert problem is not None
    assert problem.expected == expected


def test_a_telephone_number_is_shown_in_groups() -> None:
    """[FD8] In views and titles; an invalid one as it was typed."""
    definitions = (*SMALL_DOCUMENT.fields, FieldDefinition(key="phone", type=FieldType.PHONE, label="Phone"))
    document = replace(SMALL_DOCUMENT, fields=definitions, title="{{phone}}")
    call = Scenario(Workflow(WorkflowVersion(id="small@2", number=2, published_ms=0, document=document)))
    for typed, grouped, title in (
        ("020 7183 8750", "+44 20 7183 8750", "+44 20 7183 8750"),
        ("nobody", None, "nobody"),
        ("+1", None, "+1"),
    ):
        call.when(SetField(visit_id="v1", seat=1, field_key="phone", content=typed))
        assert call.view().fields["phone"].shown == grouped
        assert call.view().head["session"].title == title


values = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9.,' £$€/:+-]{1,20}", fullmatch=True),
    st.sampled_from(["3 Apr", "1.234,5", "0044 20 7183 8750", "10:00 tomorrow", "x@y.zz", "x.yz", "SW1A 1AA", "DE"]),
)
typed_fields = st.one_of(
    st.builds(
        field,
        st.sampled_from(
            [each.value for each in FieldType if each not in (FieldType.YES_NO, FieldType.MULTIPLE_CHOICE)]
        ),
        options=st.just((Option(value="a"),)),
    ),
    st.builds(field, st.sampled_from(["date", "date_time"]), not_before=st.sampled_from(["today", "2026-01-01"])),
)


@given(definition=typed_fields, text=values, locale=st.sampled_from(LOCALES))
def test_what_is_stored_is_read_as_itself_in_the_plain_form(
    definition: FieldDefinition, text: str, locale: Locale
) -> None:
    """[FD5] Whoever typed it, wherever: storing what is stored changes nothing."""
    reading = Reading(locale, NOW_MS)
    content, problem = judged(definition, text, reading)
    if problem is None or not problem.kind.startswith("not_a"):
        assert judged(definition, content, reading.plain)[0] == content
    assert isinstance(shown(definition, content), str)


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    locale=st.sampled_from([GB, US, DE, FR, CH, IN]),
)
def test_a_number_as_the_locale_writes_it_comes_back(number: Decimal, locale: Locale) -> None:
    """[FD6] Written by the locale's own rules, read as the same number."""
    written = format_decimal(number, locale=locale.language.replace("-", "_"))
    content, problem = judged(field("number"), written, Reading(locale, NOW_MS))
    assert problem is None
    assert isinstance(content, str)
    assert Decimal(content) == number


@given(
    day=st.dates(date(1950, 1, 1), date(2045, 12, 31)),
    locale=st.sampled_from([GB, US, DE, FR, NZ]),
    form=st.sampled_from(["short", "medium", "long"]),
)
def test_a_date_as_the_locale_writes_it_comes_back(day: date, locale: Locale, form: str) -> None:
    """[FD7] Short ones within the years that two digits can tell."""
    written = format_date(day, form, locale=locale.language.replace("-", "_"))
    content, _ = judged(field("date"), written, Reading(locale, NOW_MS))
    if form != "short" or 1947 <= day.year <= 2046:
        assert content == day.isoformat()


@pytest.mark.parametrize(
    "field_type",
    [each for each in FieldType if each not in (FieldType.YES_NO, FieldType.MULTIPLE_CHOICE, FieldType.SINGLE_CHOICE)],
)
@pytest.mark.parametrize("part", ["a ", "1 ", "9", "3 Apr ", "1.", "1,", "-", " ", "a.", "1'", "£", "[", "a@a.", "("])
def test_a_text_as_long_as_may_be_is_judged_at_once(field_type: FieldType, part: str) -> None:
    """[FD3] Nobody's call waits for what somebody pasted into a Field, whatever it is."""
    pasted = (part * 10_000)[:9_998]
    store(field(field_type), "1")  # what is loaded with the first value is no part of it
    started = perf_counter()
    for text in (pasted, f"1{pasted}", f"{pasted}!", f"1{pasted}x"):
        store(field(field_type), text)
    assert perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("locale", "field_type", "typed"),
    [
        (US, "date_time", "12/31/9999 23:59"),
        (DE, "date_time", "1.1.0001 00:00"),
        (GB, "date", "² Apr 2026"),
        (GB, "date_time", "² Apr 2026 15:00"),
    ],
)
def test_what_only_looks_like_a_moment_is_kept_and_marked(locale: Locale, field_type: str, typed: str) -> None:
    """[FD3] Past the first and the last day that there is, and with digits that are no numbers."""
    assert store(field(field_type), typed, locale) == (typed, f"not_a_{field_type}")


SHOWN_IN = [
    GB,
    US,
    DE,
    FR,
    CH,
    IN,
    NZ,
    DA,
    ES,
    HU,
    *(
        Locale(language=language, country=language[-2:], currency=currency, time_zone=zone)
        for language, currency, zone in (
            ("it-IT", "EUR", "Europe/Rome"),
            ("nl-NL", "EUR", "Europe/Amsterdam"),
            ("sv-SE", "SEK", "Europe/Stockholm"),
            ("nb-NO", "NOK", "Europe/Oslo"),
            ("fi-FI", "EUR", "Europe/Helsinki"),
            ("pl-PL", "PLN", "Europe/Warsaw"),
            ("pt-PT", "EUR", "Europe/Lisbon"),
            ("pt-BR", "BRL", "America/Sao_Paulo"),
            ("en-CA", "CAD", "America/Toronto"),
        )
    ),
]
"""Whose pages are asked for what they show: `client/src/lib/locale.ts` has it from the same tables (CLDR)."""


@given(
    day=st.dates(date(1950, 1, 1), date(2045, 12, 31)),
    clock=st.times(),
    locale=st.sampled_from(SHOWN_IN),
    zone=st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata"]),
)
def test_a_moment_as_the_page_shows_it_comes_back(day: date, clock: time, locale: Locale, zone: str) -> None:
    """[FD7] With its weekday in front, and the zone behind: what one reads may be typed or pasted."""
    shown_day = format_skeleton("yMMMEd", day, locale=locale.language.replace("-", "_"))
    assert store(field("date"), shown_day, locale) == (day.isoformat(), None)
    shown_moment = f"{shown_day}, {clock:%H:%M} ({zone.replace('_', ' ')})"
    in_iso = f"{day.isoformat()} {clock:%H:%M} [{zone}]"
    assert store(field("date_time"), shown_moment, locale) == store(field("date_time"), in_iso, locale)
    assert store(field("date_time"), shown_moment, locale)[1] is None


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9),
    currency=st.sampled_from(["GBP", "EUR", "USD", "CHF", "CAD", "AUD", "INR", "BRL", "PLN", "DKK"]),
    locale=st.sampled_from(SHOWN_IN),
)
def test_an_amount_as_the_page_shows_it_comes_back(number: Decimal, currency: str, locale: Locale) -> None:
    """[FD6] With the sign that the locale has for the currency, but for `$` where that is another one's."""
    shown_amount = format_currency(number, currency, locale=locale.language.replace("-", "_"))
    assert store(field("money"), shown_amount, locale) == (f"{number:.2f} {currency}", None)


def test_the_plain_form_knows_every_place() -> None:
    """[FD5] Only the language differs: country, currency and zone are the person's."""
    plain = Reading(DE, NOW_MS).plain
    assert plain.locale == replace(DE, language=PLAIN_LANGUAGE)
    assert Reading(ODD, NOW_MS).zone.key == "UTC"


def test_an_unknown_language_is_read_as_english() -> None:
    """[FD6] Whatever a person's locale says, numbers are understood."""
    assert store(field("number"), "1,234.5", ODD) == ("1234.5", None)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        (CH, None),
        (Locale(language="xx-XX"), "a language such as en-GB instead of 'xx-XX'"),
        (Locale(country="ZZ"), "a country code such as GB instead of 'ZZ'"),
        (Locale(currency="QQQ"), "a currency code such as GBP instead of 'QQQ'"),
        (Locale(time_zone="Nowhere/At_All"), "a time zone such as Europe/London instead of 'Nowhere/At_All'"),
    ],
)
def test_a_locale_is_told_which_part_is_not_known(locale: Locale, expected: str | None) -> None:
    """[FD8] With an example of what was expected."""
    assert locale_problem(locale) == expected
