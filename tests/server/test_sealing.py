"""Sealing of typed content, and the key ring. Rules: protocol/SPEC.md, ST16 to ST22."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.base import FieldContent, SessionId
from protocol.events import (
    SEALED,
    Answered,
    Entered,
    Entry,
    Event,
    FieldProblem,
    FieldSet,
    MomentLabel,
    MomentMarked,
    NotesEdited,
    Party,
    ProblemKind,
    SessionEnded,
    SessionPaused,
    SessionReassigned,
    SuggestionKind,
    SuggestionMade,
    VisitStarted,
    WhisperReplied,
    WhisperSent,
)
from server.ports import SessionNotFound
from server.store import sealing
from server.store.keyring import KeyRing, KeyRingRefused, SealBroken
from server.store.sealing import EMPTY_YJS_UPDATE, Sealing, SessionSeal, SlotErased, renewed

S1, S2 = "1" * 32, "2" * 32
SLOTS = ("field/name", "field/phone", "notes", "reason", "snapshot", "whisper")
ANA = Party(id="ana", name="Ana")


class Keys:
    """The SQL row of each Session, in memory."""

    def __init__(self) -> None:
        self.rows: dict[SessionId, dict[str, bytes]] = {}
        self.found = 0

    async def create(self, session_id: SessionId, keys: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return self.rows.setdefault(session_id, dict(keys))

    async def find(self, session_id: SessionId) -> Mapping[str, bytes] | None:
        self.found += 1
        return self.rows.get(session_id)


def entry(*events: Event, seq: int = 2) -> Entry:
    return Entry(
        seq=seq,
        entry_id="e" * 16,
        previous_id="d" * 16,
        client_id="c" * 32,
        csn=7,
        actor=ANA,
        at_ms=1_700_000_000_000,
        schema=1,
        events=events,
    )


def field_set(content: FieldContent, key: str = "name") -> FieldSet:
    problem = FieldProblem(kind=ProblemKind.TOO_LONG, expected="at most 5")
    return FieldSet(field_key=key, content=content, problem=problem, visit_id="v1")


def suggested(kind: SuggestionKind, key: str | None, content: FieldContent) -> SuggestionMade:
    return SuggestionMade(suggestion_id="s1", visit_id="v1", kind=kind, key=key, content=content, stays=False)


TYPED = (
    field_set("Søren O'Neil"),
    field_set(None),
    field_set(True, "phone"),
    field_set(("one", "two")),
    NotesEdited(update="AQID"),
    SessionPaused(reason="Søren calls back"),
    SessionPaused(reason=None),
    SessionEnded(reason="Søren hung up"),
    SessionReassigned(was=ANA, to=ANA, by=ANA, reason="Søren asked for it"),
    MomentMarked(visit_id="v1", label=MomentLabel.PROMISE, comment="Søren is called back"),
    MomentMarked(visit_id="v1", label=MomentLabel.OTHER, comment=None),
    suggested(SuggestionKind.FIELD, "name", "Søren"),
    suggested(SuggestionKind.ANSWER, "yes", None),
    suggested(SuggestionKind.LINE, None, "Ask Søren for the address"),
    WhisperSent(whisper_id="w1", to=(ANA,), text="Søren is a friend of the house"),
    WhisperReplied(whisper_id="w1", text="Thanks, I know Søren"),
)
PLAIN = (
    VisitStarted(visit_id="v2", section_key="price", entered=Entered.ANSWER, previous_id="v1"),
    Answered(visit_id="v1", answer_key="yes"),
)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def seal(keys: Keys) -> SessionSeal:
    return await Sealing(keys).create(S1, SLOTS)


class TestEntries:
    @pytest.mark.parametrize("event", [*TYPED, *PLAIN], ids=str)
    def test_every_event_comes_back_as_it_was(self, seal: SessionSeal, event: Event) -> None:
        """[ST16] Alone and among others."""
        for whole in (entry(event), entry(*PLAIN, event, event)):
            assert seal.unseal(seal.seal(whole)) == whole

    @given(content=st.one_of(st.text(max_size=300), st.lists(st.text(max_size=20)).map(tuple), st.booleans()))
    def test_any_content_comes_back(self, content: FieldContent) -> None:
        """[ST16] Whatever people type."""
        seal = SessionSeal(S1, {"field/name": b"k" * 32})
        whole = entry(field_set(content))
        assert seal.unseal(seal.seal(whole)) == whole

    def test_longest_content_comes_back(self, seal: SessionSeal) -> None:
        """[ST16] The limits of a Field hold for what was typed, not for its ciphertext."""
        whole = entry(field_set("ÿ" * 10_000))
        assert seal.unseal(seal.seal(whole)) == whole

    def test_nothing_typed_is_readable_at_rest(self, seal: SessionSeal) -> None:
        """[ST16] Who reads the store's files sees the path and its times, and no content."""
        stored = seal.seal(entry(*TYPED, *PLAIN))
        for secret in ("Søren", "Neil", "AQID", "one", "two"):
            assert secret.encode() not in stored.payload.replace(b"phone", b"")
        for plain in (b'"field_key":"name"', b'"section_key":"price"', b'"name":"Ana"', b'"expected":"at most 5"'):
            assert plain in stored.payload

    def test_same_content_never_looks_the_same(self, seal: SessionSeal) -> None:
        """[ST16] Not even whether a value came back can be seen."""
        assert seal.seal(entry(field_set("a"))).payload != seal.seal(entry(field_set("a"))).payload

    def test_content_cannot_be_moved(self, keys: Keys, seal: SessionSeal) -> None:
        """[ST17] To another seq, Field or Session, even where the key is the same."""
        stored = seal.seal(entry(field_set("a")))
        same_keys = SessionSeal(S2, keys.rows[S1])
        moved = msgspec.structs.replace(stored, seq=3, payload=stored.payload.replace(b'"seq":2', b'"seq":3'))
        renamed = msgspec.structs.replace(
            stored, payload=stored.payload.replace(b'"name","content', b'"phone","content')
        )
        assert renamed != stored
        for opener, forged in ((same_keys, stored), (seal, moved), (seal, renamed)):
            with pytest.raises(SealBroken):
                opener.unseal(forged)

    def test_entry_that_is_not_what_the_store_says_is_refused(self, seal: SessionSeal) -> None:
        """[ST17] Its seq and ids stand inside and outside."""
        stored = seal.seal(entry(*PLAIN))
        for forged in ({"seq": 3}, {"entry_id": "f" * 16}, {"previous_id": "f" * 16}):
            with pytest.raises(SealBroken):
                seal.unseal(msgspec.structs.replace(stored, **forged))

    def test_erased_content_is_gone_and_all_else_stays(self, keys: Keys, seal: SessionSeal) -> None:
        """[ST18] Dropping a slot's key erases it from every copy; Notes become an update that changes nothing."""
        stored = seal.seal(entry(*TYPED, *PLAIN))
        kept = {"field/phone": keys.rows[S1]["field/phone"]}
        events = SessionSeal(S1, kept).unseal(stored).events
        contents = [getattr(event, SEALED[type(event)][0]) for event in events[: len(TYPED)]]
        assert contents == [None, None, True, None, EMPTY_YJS_UPDATE, *[None] * 11]
        assert events[len(TYPED) :] == PLAIN
        assert events[0] == msgspec.structs.replace(TYPED[0], content=None)

    def test_a_session_that_is_older_than_whispers_has_them_with_its_reasons(self, keys: Keys) -> None:
        """[WH8] Its keys were drawn before; once whispers were erased there, they have a key of their own."""
        drawn = {"reason": b"r" * 32}
        whole = entry(WhisperSent(whisper_id="w1", to=(ANA,), text="Slower."))
        stored = SessionSeal(S1, drawn).seal(whole)
        assert SessionSeal(S1, drawn).unseal(stored) == whole
        later, names = renewed(drawn, ["whisper"])
        assert names == ("whisper#1",)
        assert SessionSeal(S1, later).unseal(stored) == entry(WhisperSent(whisper_id="w1", to=(ANA,), text=None))
        assert SessionSeal(S1, later).unseal(SessionSeal(S1, later).seal(whole)) == whole

    def test_nothing_is_sealed_without_a_key(self) -> None:
        """[ST18] Rather no entry than a plain one."""
        with pytest.raises(SlotErased, match="field/name"):
            SessionSeal(S1, {}).seal(entry(field_set("a")))


class TestBlobs:
    def test_snapshot_comes_back(self, seal: SessionSeal) -> None:
        """[ST16] Bytes that belong to no entry."""
        sealed = seal.seal_blob("snapshot", b"state")
        assert b"state" not in sealed
        assert seal.unseal_blob("snapshot", sealed) == b"state"

    def test_moved_or_changed_is_refused_and_erased_is_none(self, keys: Keys, seal: SessionSeal) -> None:
        """[ST17] [ST18] As for entries."""
        sealed = seal.seal_blob("snapshot", b"state")
        assert SessionSeal(S1, {}).unseal_blob("snapshot", sealed) is None
        for opener, forged in (
            (SessionSeal(S2, keys.rows[S1]), sealed),
            (seal, sealed[:-1]),
            (seal, b""),
            (seal, b"x"),
        ):
            with pytest.raises(SealBroken):
                opener.unseal_blob("snapshot", forged)


class TestKeysOfSessions:
    async def test_both_who_start_a_session_get_the_same_keys(self, keys: Keys) -> None:
        """[ST19] Two processes that create at once seal alike."""
        one, two = await Sealing(keys).create(S1, SLOTS), await Sealing(keys).create(S1, SLOTS)
        assert two.unseal(one.seal(entry(*TYPED))) == entry(*TYPED)
        assert len(set(keys.rows[S1].values())) == len(SLOTS)

    async def test_found_once_and_kept_at_hand(self, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
        """[ST19] One SQL row per Session and process; the least recently used makes room."""
        monkeypatch.setattr(sealing, "CACHED_SESSIONS", 2)
        seals = Sealing(keys)
        first = await seals.create(S1, SLOTS)
        await seals.create(S2, SLOTS)
        assert await seals.get(S1) is first
        await seals.create("3" * 32, SLOTS)
        assert await seals.get(S1) is first
        assert keys.found == 0
        await seals.get(S2)
        assert keys.found == 1

    async def test_session_without_keys_is_unknown(self, keys: Keys) -> None:
        """[ST19] Nothing is invented."""
        with pytest.raises(SessionNotFound):
            await Sealing(keys).get(S1)


class TestKeyRing:
    def test_made_once_for_its_user_only(self, tmp_path: Path) -> None:
        """[ST20] Mode 0600; who opens it later has the same keys."""
        path = tmp_path / "keys"
        kid, wrapped = KeyRing.open(path).wrap(S1, b"keys")
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [path]
        assert KeyRing.open(path).unwrap(S1, kid, wrapped) == b"keys"

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
    def test_refused_if_others_may_read_it(self, tmp_path: Path, mode: int) -> None:
        """[ST20] The message says what to do about it."""
        path = tmp_path / "keys"
        KeyRing.open(path)
        path.chmod(mode)
        with pytest.raises(KeyRingRefused, match=r"expected 0600"):
            KeyRing.open(path)

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"abcd":"AAAA"}', '{"00000000":"AAAA"}', "\x00"])
    def test_refused_if_it_is_no_key_ring(self, tmp_path: Path, text: str) -> None:
        """[ST20] A torn or foreign file is never silently replaced: every Session would be lost with it."""
        path = tmp_path / "keys"
        path.touch(mode=0o600)
        path.write_text(text)
        with pytest.raises(KeyRingRefused, match="not a key ring"):
            KeyRing.open(path)
        assert path.read_text() == text

    def test_keys_are_wrapped_for_one_session(self, tmp_path: Path) -> None:
        """[ST21] Not for another, nor under another kid."""
        ring = KeyRing({"00000000": b"o" * 32, "11111111": b"n" * 32})
        kid, wrapped = ring.wrap(S1, b"keys")
        assert kid == "11111111"
        assert b"keys" not in wrapped
        for session_id, other_kid in ((S2, kid), (S1, "00000000"), (S1, "unknown!")):
            with pytest.raises(SealBroken):
                ring.unwrap(session_id, other_kid, wrapped)
        old = KeyRing({"00000000": b"o" * 32})
        assert ring.unwrap(S1, *old.wrap(S1, b"older")) == b"older"

    def test_summaries_are_sealed_for_one_session(self) -> None:
        """[ST22] The live index holds nothing readable, and nothing that can be put under another Session."""
        ring = KeyRing({"00000000": b"o" * 32})
        sealed = ring.seal_summary(S1, b"on Greeting")
        assert b"Greeting" not in sealed
        assert ring.unseal_summary(S1, sealed) == b"on Greeting"
        other_ring = KeyRing({"00000000": b"x" * 32})
        for opener, session_id, forged in (
            (ring, S2, sealed), (ring, S1, sealed[:-1]), (ring, S1, b""), (ring, S1, b"\xff" * 40),
            (other_ring, S1, sealed),
        ):  # fmt: skip
            with pytest.raises(SealBroken):
                opener.unseal_summary(session_id, forged)
