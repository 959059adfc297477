"""Passwords: which may be chosen, how they are kept, and what it costs to try one."""

import asyncio
import threading

import pytest

from server.auth.password_rules import password_problem
from server.auth.passwords import AT_ONCE, Passwords
from tests.support.people import BETTER, GOOD, CountingHasher

ANNA = ("Anna Schmidt", "anna.schmidt@example.org")


class TestRules:
    @pytest.mark.parametrize(
        "password",
        [GOOD, BETTER, "kein Regen am Dienstag", "x8Kq!z2Lw#pa", "長い言葉を並べて作る合言葉です", "y" + "ab1c~" * 199],
    )
    def test_what_nobody_tries_first_is_taken(self, password: str) -> None:
        """[PE4] Several words are enough; no sign or digit is asked for."""
        assert password_problem(password, *ANNA) is None

    @pytest.mark.parametrize("password", ["", "elf zeichen", "x8Kq!z2Lw#p", "ab1c~" * 200 + "y"])
    def test_has_12_to_1000_characters(self, password: str) -> None:
        """[PE4] The sentence says so."""
        assert (password_problem(password, *ANNA) or "").startswith("expected 12 to 1,000 characters")

    def test_characters_are_counted_as_people_see_them(self) -> None:
        """[PE4] Six umlauts, each typed as two code points, are six characters."""
        assert "12 to" in (password_problem("u\u0308o\u0308a\u0308e\u0308i\u0308y\u0308", *ANNA) or "")

    @pytest.mark.parametrize(
        "password",
        ["password1234", "P@ssw0rd2026!!", "Password12345678!", "iloveyou2024!", "qwertyuiopas", "letmein-letmein1"],
    )
    def test_a_common_one_with_a_few_characters_more_is_refused(self, password: str) -> None:
        """[PE4] Other signs for letters and digits behind it are tried next."""
        assert "common password" in (password_problem(password, *ANNA) or "")

    @pytest.mark.parametrize("password", ["123456789012", "aaaaaaaaaaaab", "abcabcabcabc", "lkjihgfedcba"])
    def test_a_few_characters_over_and_over_are_refused(self, password: str) -> None:
        """[PE4] And rows of them."""
        assert "over and over" in (password_problem(password, *ANNA) or "")

    @pytest.mark.parametrize("password", ["annaschmidt99", "Anna.Schmidt@Example.org", "Schmidt Anna 2024!"])
    def test_ones_own_name_and_address_are_refused(self, password: str) -> None:
        """[PE4] Whoever wants in knows them."""
        assert "your name" in (password_problem(password, *ANNA) or "")


class TestHashes:
    async def test_are_argon2id_and_hold_no_password(self) -> None:
        """[PE2] Each with a salt of its own."""
        passwords = Passwords()
        first, second = await passwords.hash(GOOD), await passwords.hash(GOOD)

        assert first.startswith("$argon2id$")
        assert first != second
        assert GOOD not in first
        assert await passwords.verify(first, GOOD)
        assert not await passwords.verify(first, BETTER)

    async def test_do_not_depend_on_how_a_keyboard_composes(self) -> None:
        """[PE2] The same characters are the same password."""
        passwords = Passwords(CountingHasher())

        assert await passwords.verify(await passwords.hash("Grüße aus Köln"), "Gru\u0308ße aus Ko\u0308ln")

    @pytest.mark.parametrize("kept", [None, "$argon2id$v=19$m=8,t=1,p=1$broken"])
    async def test_with_nothing_to_compare_the_same_is_done(self, kept: str | None) -> None:
        """[PE2] Not even the password that the dummy was made of gets in."""
        hasher = CountingHasher()
        passwords = Passwords(hasher)

        assert [await passwords.verify(kept, each) for each in ("", GOOD)] == [False, False]
        assert hasher.verified == 2

    async def test_of_other_parameters_are_outdated(self) -> None:
        """[PE2] They are made anew when the password is typed next."""
        old, new = Passwords(CountingHasher(time_cost=1)), Passwords(CountingHasher(time_cost=2))
        kept = await old.hash(GOOD)

        assert (old.is_outdated(kept), new.is_outdated(kept)) == (False, True)
        assert await new.verify(kept, GOOD)

    async def test_are_made_two_at_a_time(self) -> None:
        """[PE2] However many people sign in at once."""
        busy, most, turn = 0, 0, threading.Lock()
        together = threading.Barrier(AT_ONCE)

        class Watched(CountingHasher):
            def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
                nonlocal busy, most
                with turn:
                    busy += 1
                    most = max(most, busy)
                together.wait(5)
                try:
                    return super().verify(hash, password)
                finally:
                    with turn:
                        busy -= 1

        passwords = Passwords(Watched())
        kept = await passwords.hash(GOOD)
        assert all(await asyncio.gather(*(passwords.verify(kept, GOOD) for _ in range(6))))

        assert most == AT_ONCE
