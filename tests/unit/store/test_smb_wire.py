"""The encrypted stream, with a peer of our own at its other end: servers that lie, stall or send half."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from reservplan.store import smb_messages as smb
from reservplan.store.smb_wire import SignedIn, Wire, WireBroken

SESSION, TREE = 77, 5
PENDING = 0x103
KEYS = bytes(range(16)), bytes(range(16, 32))


@dataclass
class Peer:
    """The server's end: takes a frame apart, and seals what it is told to say."""

    end: socket.socket
    cipher: type[AESGCM] | type[AESCCM]
    nonce_bytes: int

    def hear(self) -> list[tuple[int, int, int, bytes]]:
        """Command, flags, number and body of each message of one frame."""
        length = struct.unpack(">I", self._take(4))[0]
        frame = self._take(length)
        nonce, size = frame[20 : 20 + self.nonce_bytes], struct.unpack_from("<I", frame, 36)[0]
        plain = self.cipher(KEYS[0]).decrypt(nonce, frame[52:] + frame[4:20], frame[20:52])
        assert len(plain) == size
        heard, start = [], 0
        while True:
            command, flags, following, number = struct.unpack_from("<12xH2xIIQ", plain, start)
            end = start + following if following else len(plain)
            heard.append((command, flags, number, plain[start + 64 : end]))
            if not following:
                return heard
            start += following

    def _take(self, length: int) -> bytes:
        taken = b""
        while len(taken) < length:
            taken += self.end.recv(length - len(taken))
        return taken

    def sealed(self, *answers: bytes, session: int = SESSION) -> bytes:
        plain = b"".join(answers)
        nonce = os.urandom(self.nonce_bytes)
        header = struct.pack("<16sIHHQ", nonce, len(plain), 0, 1, session)
        text = self.cipher(KEYS[1]).encrypt(nonce, plain, header)
        frame = b"\xfdSMB" + text[-16:] + header + text[:-16]
        return struct.pack(">I", len(frame)) + frame

    def say(self, *answers: bytes, session: int = SESSION) -> None:
        self.end.sendall(self.sealed(*answers, session=session))


def answer(number: int, status: int = 0, body: bytes = b"", *, following: int = 0, granted: int = 1) -> bytes:
    header = struct.pack(
        "<4sHHIHHIIQIIQ16x", b"\xfeSMB", 64, 1, status, 0, granted, 1, following, number, 0, 0, SESSION
    )
    return (header + body).ljust(following, b"\0")


@pytest.fixture(params=["gcm", "ccm"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Wire, Peer]]:
    cipher, nonce_bytes = (AESGCM, 12) if request.param == "gcm" else (AESCCM, 11)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        signed_in = SignedIn(cipher(KEYS[0]), cipher(KEYS[1]), nonce_bytes, SESSION, TREE, 100, 10)
        yield Wire(ours, signed_in, 0.3), Peer(theirs, cipher, nonce_bytes)


def test_related_messages_go_in_one_frame_each_where_the_one_before_ends(ends: tuple[Wire, Peer]) -> None:
    wire, peer = ends
    numbers = wire.send([smb.create(("å",), smb.DELETE, smb.SHARE_ALL), smb.write(b"x" * 70_000), smb.close()])
    heard = peer.hear()
    assert [(command, flags) for command, flags, _, _ in heard] == [(0x5, 0), (0x9, 4), (0x6, 4)]
    # 70 000 bytes take two numbers and two credits.
    assert numbers == [number for _, _, number, _ in heard] == [100, 101, 103]
    assert wire.credits == 10 - 4
    assert heard[1][3].rstrip(b"\0").endswith(b"x" * 70_000)


def test_answers_are_given_to_whom_they_belong_in_whatever_order_they_come(ends: tuple[Wire, Peer]) -> None:
    wire, peer = ends
    first, second = wire.send([smb.echo()]), wire.send([smb.echo()])
    peer.say(answer(second[0], 7, b"two", following=72), answer(first[0], 0, b"one", granted=5))
    assert [(one.status, one.body) for one in wire.answers(first)] == [(0, b"one")]
    assert [(one.status, one.body.rstrip(b"\0")) for one in wire.answers(second)] == [(7, b"two")]
    assert wire.credits == 10 - 2 + 6


def test_an_interim_answer_is_none_and_one_that_nobody_asked_for_neither(ends: tuple[Wire, Peer]) -> None:
    wire, peer = ends
    (number,) = wire.send([smb.echo()])
    peer.say(answer(2**64 - 1, 0, b"the lock of somebody's file"))
    peer.say(answer(number, PENDING))
    peer.say(answer(number, 0, b"at last"))
    assert wire.answers([number])[0].body == b"at last"


def test_a_frame_that_comes_byte_by_byte_is_waited_for(ends: tuple[Wire, Peer]) -> None:
    wire, peer = ends
    (number,) = wire.send([smb.echo()])
    frame = peer.sealed(answer(number, 0, b"whole"))

    def drip() -> None:
        for byte in frame:
            peer.end.sendall(bytes([byte]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    assert wire.answers([number])[0].body == b"whole"
    dripping.join()


def test_silence_ends_at_the_time_limit(ends: tuple[Wire, Peer]) -> None:
    wire, _ = ends
    with pytest.raises(WireBroken):
        wire.answers(wire.send([smb.echo()]))


def test_a_server_that_takes_nothing_more_ends_at_the_time_limit(ends: tuple[Wire, Peer]) -> None:
    wire, _ = ends
    piece = b"x" * smb.CHUNK_BYTES

    def send_for_ever() -> None:
        while True:
            wire.send([smb.write(piece)])

    with pytest.raises(WireBroken):
        send_for_ever()


def test_a_server_that_answers_before_it_takes_more_does_not_block_us(ends: tuple[Wire, Peer]) -> None:
    wire, peer = ends

    def serve() -> None:
        for _ in range(20):
            for _, _, number, body in peer.hear():
                peer.say(answer(number, 0, body))

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    numbers = [number for _ in range(20) for number in wire.send([smb.write(b"x" * 500_000)])]
    assert [len(one.body) for one in wire.answers(numbers)] == [48 + 500_000] * 20
    serving.join()


def changed(frame: bytes, at: int) -> bytes:
    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda peer, number: changed(peer.sealed(answer(number)), 60),
        lambda peer, number: changed(peer.sealed(answer(number)), 30),
        lambda peer, number: peer.sealed(answer(number), session=SESSION + 1),
        lambda _, number: struct.pack(">I", 64) + answer(number),
        lambda *_: struct.pack(">I", 2**31),
        lambda *_: struct.pack(">I", 3) + b"abc",
        lambda peer, _: peer.sealed(b"short"),
    ],
    ids=["changed", "its header changed", "of another session", "not sealed", "endless", "nothing", "no header"],
)
def test_what_no_server_of_ours_can_have_sent_breaks_the_wire(ends: tuple[Wire, Peer], spoil) -> None:
    wire, peer = ends
    (number,) = wire.send([smb.echo()])
    peer.end.sendall(spoil(peer, number))
    with pytest.raises(WireBroken):
        wire.answers([number])


def test_a_closed_connection_breaks_the_wire(ends: tuple[Wire, Peer]) -> None:
    wire, peer = ends
    (number,) = wire.send([smb.echo()])
    peer.end.close()
    with pytest.raises(WireBroken):
        wire.answers([number])
    with pytest.raises(WireBroken):
        wire.send([smb.echo()])
