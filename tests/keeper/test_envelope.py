import pytest

from tutela.keeper.envelope import KEY_BYTES, Key, new_key
from tutela.keeper.errors import Tampered

PLACE = "where it belongs"


def test_it_opens_what_it_closed() -> None:
    key = Key(new_key())
    for plain in (b"", b"a", "أمينة".encode(), bytes(64 * 1024)):
        assert key.open(key.close(plain, context=PLACE), context=PLACE) == plain


def test_it_says_version_algorithm_and_key_before_nonce_and_ciphertext() -> None:
    key = Key(new_key())
    closed, again = (key.close(b"Amina", context=PLACE) for _ in range(2))
    assert closed[:2] == bytes([1, 1])
    assert closed[:10] == again[:10]  # the same key
    assert closed[10:22] != again[10:22]  # another nonce
    assert len(closed) == 2 + 8 + 12 + len(b"Amina") + 16


def test_it_refuses_a_change_of_any_byte() -> None:
    key = Key(new_key())
    closed = key.close(b"Amina was seen at the market", context=PLACE)
    for place in range(len(closed)):
        for flipped in (0x01, 0x80, 0xFF):
            changed = bytearray(closed)
            changed[place] ^= flipped
            with pytest.raises(Tampered):
                key.open(bytes(changed), context=PLACE)


def test_it_refuses_what_was_cut_or_lengthened() -> None:
    key = Key(new_key())
    closed = key.close(b"Amina", context=PLACE)
    for length in range(len(closed)):
        with pytest.raises(Tampered):
            key.open(closed[:length], context=PLACE)
    with pytest.raises(Tampered):
        key.open(closed + b"\0", context=PLACE)


def test_it_refuses_another_context_and_another_key() -> None:
    key = Key(new_key())
    closed = key.close(b"Amina", context=PLACE)
    with pytest.raises(Tampered):
        key.open(closed, context="elsewhere")
    with pytest.raises(Tampered):
        Key(new_key()).open(closed, context=PLACE)


def test_it_refuses_a_ciphertext_under_the_header_of_another_key() -> None:
    mine, other = Key(new_key()), Key(new_key())
    closed = other.close(b"Amina", context=PLACE)
    with pytest.raises(Tampered):
        mine.open(mine.close(b"", context=PLACE)[:10] + closed[10:], context=PLACE)


def test_a_key_has_a_key_of_its_own_for_each_purpose() -> None:
    key = Key(bytes(KEY_BYTES))
    assert key.mac(b"batch", purpose="audit") == Key(bytes(KEY_BYTES)).mac(b"batch", purpose="audit")
    assert key.mac(b"batch", purpose="audit") != key.mac(b"batch", purpose="keyed hash")
    closed = key.child("agency keys").close(b"", context=PLACE)
    with pytest.raises(Tampered):
        key.child("user keys").open(closed, context=PLACE)


def test_what_was_closed_in_this_format_opens_for_ever() -> None:
    """A value closed by the first version, kept here. If this fails, nothing closed before opens any more."""
    closed = bytes.fromhex(
        "01015cbeb391818f2a31c9d53307fabd9ceaf3cb7009153b53950838b0f1f97d0e7ccd8ce0c37108"
        "208cb46858b3648d6ef67c93e42c"
    )
    key = Key(bytes(range(32)))
    assert key.open(closed, context="row file case label") == b'{"name":"Amina"}'
    mac = "a6f939b78516e533239311a62060062225494a3c91f33ab44628fe8abcfd8187"
    assert key.mac(b"answers", purpose="keyed hash").hex() == mac


def test_a_key_of_another_length_is_no_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key(b"short")
