"""Unpacking of ``.Z`` files, as the Unix program ``compress`` writes them (LZW)."""

from __future__ import annotations

from precursor_lib.errors import InputError

MAGIC = b"\x1f\x9d"
CLEAR = 256
LEAST_WIDTH = 9
MOST_WIDTH = 16


def uncompress(packed: bytes, label: str) -> bytes:
    """Unpack the content of a ``.Z`` file.

    The third byte holds the greatest width of a code in bits and, in its top bit, whether code 256
    clears the table. Codes stand with their lowest bit first, in groups of eight of one width; when
    the width changes, the rest of a group is filling.

    Parameters
    ----------
    packed : bytes
        The whole file.
    label : str
        Name of the file, for messages.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If it is no such file or is damaged.
    """
    if packed[:2] != MAGIC or len(packed) < 3:
        raise InputError(f"{label}: is no .Z file")
    most, clears = packed[2] & 0x1F, bool(packed[2] & 0x80)
    if not LEAST_WIDTH <= most <= MOST_WIDTH:
        raise InputError(f"{label}: codes of up to {most} bits; expected 9 to 16")
    start = [bytes([value]) for value in range(256)] + [b""] * clears
    table, width, before = list(start), LEAST_WIDTH, b""
    pieces: list[bytes] = []
    at = 3
    while at < len(packed):
        group = packed[at : at + width]
        at += width
        bits = int.from_bytes(group, "little")
        mask = (1 << width) - 1
        for _ in range(8 * len(group) // width):
            code = bits & mask
            bits >>= width
            if clears and code == CLEAR:
                table, width, before = list(start), LEAST_WIDTH, b""
                break
            if code > len(table) or (code == len(table) and not before):
                raise InputError(f"{label}: is damaged near byte {min(at, len(packed))}")
            # A code that is not in the table yet stands for the piece that it is about to add.
            piece = table[code] if code < len(table) else before + before[:1]
            pieces.append(piece)
            if before and len(table) < 1 << most:
                table.append(before + piece[:1])
            before = piece
            if len(table) > mask and width < most:
                width += 1
                break
    return b"".join(pieces)
