"""The encrypted stream of SMB2 messages to one server, once a session stands: framed, numbered, and answered in time.

One thread sends and receives. What arrives while something else is waited for is kept until it is asked for.
"""

import os
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag

from reservplan.store.smb_messages import HEADER_BYTES, Answer, Message

# MS-SMB2 2.2.1.2 (a request's or an answer's header), 2.2.41 (the header of what is encrypted).
_HEADER = struct.Struct("<4sHHIHHIIQIIQ16x")
_TRANSFORM = struct.Struct("<4s16s16sIHHQ")
_PLAIN, _ENCRYPTED = b"\xfeSMB", b"\xfdSMB"
_TAG_BYTES = 16
# What an encrypted header says of itself is sealed too, from its nonce on.
_SEALED_FROM = 20
_RELATED = 0x4
_PENDING = 0x103
_RECEIVED_AT_ONCE = 1024 * 1024
# Larger than any answer that we ask for; what claims more is no server's.
_LARGEST_FRAME = 16 * 1024 * 1024


class WireBroken(Exception):
    """The connection is gone or silent, or what comes through it cannot be read."""


class Cipher(Protocol):
    """An authenticated cipher, as `cryptography` has them."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The data sealed, with its tag at the end."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The data again; raises InvalidTag where it was changed."""


@dataclass(frozen=True)
class SignedIn:
    """A session's keys and numbers: `outgoing` seals what we send, `incoming` opens what comes.

    `nonce_bytes` is what its cipher takes, `credits` what the server has granted and nothing has used yet.
    """

    outgoing: Cipher
    incoming: Cipher
    nonce_bytes: int
    session_id: int
    tree_id: int
    next_message_id: int
    credits: int


class Wire:
    """Related messages out, their answers in; every wait has a limit."""

    def __init__(self, connected: socket.socket, signed_in: SignedIn, limit_seconds: float) -> None:
        connected.setblocking(False)
        self.limit_seconds = limit_seconds
        self._socket = connected
        self._signed_in = signed_in
        self._next_id = signed_in.next_message_id
        self.credits = signed_in.credits
        self._received = bytearray()
        self._answers: dict[int, Answer] = {}
        self._awaited: set[int] = set()

    def send(self, messages: Sequence[Message], *, credits_wanted: int = 0) -> list[int]:
        """Send related messages together; returns their numbers, by which their answers are asked for.

        Raises:
            WireBroken: the server takes nothing more, or is gone.
        """
        frame = bytearray()
        numbers = []
        last = len(messages) - 1
        for place, message in enumerate(messages):
            # Each message but the last fills up to where the next may begin.
            padding = -len(message.body) % 8 if place < last else 0
            following = HEADER_BYTES + len(message.body) + padding if place < last else 0
            frame += _HEADER.pack(
                _PLAIN, HEADER_BYTES, message.credits, 0, message.command, credits_wanted or message.credits,
                _RELATED if place else 0, following, self._next_id, 0, self._signed_in.tree_id,
                self._signed_in.session_id,
            )  # fmt: skip
            frame += message.body
            frame += bytes(padding)
            numbers.append(self._next_id)
            self._next_id += message.credits
            self.credits -= message.credits
        self._awaited.update(numbers)
        self._put(self._sealed(bytes(frame)))
        return numbers

    def answers(self, numbers: Sequence[int]) -> list[Answer]:
        """The answers to what was sent, each waited for within the time limit.

        Raises:
            WireBroken: one did not come in time, or the connection is gone.
        """
        return [self._answer(number) for number in numbers]

    def _answer(self, number: int) -> Answer:
        deadline = time.monotonic() + self.limit_seconds
        while number not in self._answers:
            self._wait(select.POLLIN, deadline)
            self._take_in()
        return self._answers.pop(number)

    def _sealed(self, plain: bytes) -> bytes:
        nonce = os.urandom(self._signed_in.nonce_bytes)
        header = _TRANSFORM.pack(_ENCRYPTED, b"", nonce, len(plain), 0, 1, self._signed_in.session_id)
        cipher_text = self._signed_in.outgoing.encrypt(nonce, plain, header[_SEALED_FROM:])
        length = struct.pack(">I", _TRANSFORM.size + len(plain))
        tag = cipher_text[-_TAG_BYTES:]
        return b"".join((length, header[:4], tag, header[_SEALED_FROM:], memoryview(cipher_text)[:-_TAG_BYTES]))

    def _put(self, frame: bytes) -> None:
        """Hand the frame to the network, taking in meanwhile: a server that cannot send may not receive either."""
        rest = memoryview(frame)
        deadline = time.monotonic() + self.limit_seconds
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
                deadline = time.monotonic() + self.limit_seconds
            except BlockingIOError:
                if self._wait(select.POLLIN | select.POLLOUT, deadline) & select.POLLIN:
                    self._take_in()
            except OSError:
                raise WireBroken from None

    def _wait(self, events: int, deadline: float) -> int:
        poll = select.poll()
        poll.register(self._socket, events)
        happened = poll.poll(max(deadline - time.monotonic(), 0) * 1000)
        if not happened:
            raise WireBroken
        return happened[0][1]

    def _take_in(self) -> None:
        """Read what has arrived, and keep every answer that is whole."""
        try:
            arrived = self._socket.recv(_RECEIVED_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            raise WireBroken from None
        if not arrived:
            raise WireBroken
        self._received += arrived
        while len(self._received) >= 4:
            length = int.from_bytes(self._received[:4], "big")
            if length > _LARGEST_FRAME:
                raise WireBroken
            if len(self._received) < 4 + length:
                return
            frame = bytes(memoryview(self._received)[4 : 4 + length])
            del self._received[: 4 + length]
            self._keep_answers(self._opened(frame))

    def _opened(self, frame: bytes) -> bytes:
        """The messages in a frame; one that is not sealed by the session's key is nobody's whom we know."""
        if len(frame) <= _TRANSFORM.size:
            raise WireBroken
        protocol, tag, nonce, _, _, _, session_id = _TRANSFORM.unpack_from(frame)
        if protocol != _ENCRYPTED or session_id != self._signed_in.session_id:
            raise WireBroken
        try:
            return self._signed_in.incoming.decrypt(
                nonce[: self._signed_in.nonce_bytes],
                frame[_TRANSFORM.size :] + tag,
                frame[_SEALED_FROM : _TRANSFORM.size],
            )
        except InvalidTag:
            raise WireBroken from None

    def _keep_answers(self, plain: bytes) -> None:
        start = 0
        while True:
            if len(plain) < start + HEADER_BYTES:
                raise WireBroken
            _, _, _, status, _, granted, _, following, number, _, _, _ = _HEADER.unpack_from(plain, start)
            end = start + following if following else len(plain)
            self.credits += granted
            # An interim answer only says that it takes longer; what nobody asked for is no answer.
            if status != _PENDING and number in self._awaited:
                self._awaited.discard(number)
                self._answers[number] = Answer(status, plain[start + HEADER_BYTES : end])
            if not following:
                return
            start += following
