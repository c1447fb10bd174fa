"""Unpacking of .Z: against a writer of its own, against gzip, and what is refused."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.data.unix_compress import uncompress
from precursor_lib.errors import InputError


def pack(text: bytes, most: int = 16, clear_after: int | None = None) -> bytes:
    """Write as ``compress`` does; with `clear_after`, clear the table after so many codes."""
    clears = clear_after is not None
    out = bytearray(b"\x1f\x9d") + bytes([most | (0x80 if clears else 0)])
    first = 257 if clears else 256
    start = {bytes([value]): value for value in range(256)}
    table, width, group, since = dict(start), 9, [], 0

    def flush(fill: bool) -> None:
        bits = sum(code << (width * i) for i, code in enumerate(group))
        size = width if fill else -(-width * len(group) // 8)
        out.extend(bits.to_bytes(size, "little"))
        group.clear()

    def put(code: int) -> None:
        group.append(code)
        if len(group) == 8:
            flush(True)

    piece = b""
    for at in range(len(text) + 1):
        longer = piece + text[at : at + 1]
        if at < len(text) and longer in table:
            piece = longer
            continue
        if not piece:
            break
        put(table[piece])
        since += 1
        if len(table) + first - 256 < 1 << most:
            table[longer] = len(table) + first - 256
        # The reader knows one piece less than the writer.
        if first + since - 1 > (1 << width) - 1 and width < most:
            if group:
                flush(True)
            width += 1
        if clears and since == clear_after and at < len(text):
            put(256)
            if group:
                flush(True)
            table, width, since = dict(start), 9, 0
        piece = text[at : at + 1]
    if group:
        flush(False)
    return bytes(out)


def by_gzip(packed: bytes) -> bytes:
    program = shutil.which("gzip")
    if program is None:
        pytest.skip("needs gzip")
    return subprocess.run([program, "-dc"], input=packed, capture_output=True, check=True).stdout


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([b"a", b"ab", b"0  92", b"\x00\xff", b"\n"]), max_size=300),
    st.sampled_from([9, 10, 12, 16]),
    st.sampled_from([None, 1, 40, 700]),
)
def test_what_was_packed_comes_back(words: list[bytes], most: int, clear_after: int | None) -> None:
    text = b"".join(words)
    assert uncompress(pack(text, most, clear_after), "x") == text


@pytest.mark.parametrize("clear_after", [None, 3000])
@pytest.mark.parametrize("most", [11, 16])
def test_gzip_agrees_over_changes_of_width(most: int, clear_after: int | None) -> None:
    text = b" ".join(b"%d" % (i * i % 9973) for i in range(6000))
    packed = pack(text, most, clear_after)
    assert uncompress(packed, "x") == text == by_gzip(packed)


def test_other_content_is_refused() -> None:
    with pytest.raises(InputError, match=r"x: is no \.Z file"):
        uncompress(b"\x1f\x8b\x08", "x")
    with pytest.raises(InputError, match="x: codes of up to 20 bits; expected 9 to 16"):
        uncompress(b"\x1f\x9d\x14", "x")
    # Code 300 before the table holds it, and at the very start.
    bits = (97 | 300 << 9).to_bytes(3, "little")
    with pytest.raises(InputError, match="x: is damaged near byte 6"):
        uncompress(b"\x1f\x9d\x90" + bits, "x")
    with pytest.raises(InputError, match="x: is damaged"):
        uncompress(b"\x1f\x9d\x90" + (257).to_bytes(2, "little"), "x")
