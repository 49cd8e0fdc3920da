"""One connection to a share: signed in, encrypted, with a time limit on every answer.

smbprotocol negotiates, signs in and opens the share; then the stream is ours (`smb_wire`). It waits for ever by itself,
keeps connections in a cache of the whole process, and can leave a session unencrypted without a word. So each link has
a connection of its own and checks what it got.
"""

import contextlib
import logging
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from smbprotocol.connection import Ciphers, Connection, Dialects
from smbprotocol.exceptions import (
    SMBAuthenticationError,
    SMBConnectionClosed,
    SMBException,
    SMBResponseException,
)
from smbprotocol.header import Commands
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from reservplan.domain.errors import LoginRefused, ReservplanError, StoreRefused, StoreUnreachable
from reservplan.store import smb_messages as smb
from reservplan.store import smb_status as status
from reservplan.store.connection import SMB_PORT, ConnectionFacts
from reservplan.store.smb_messages import Answer, Message
from reservplan.store.smb_wire import SignedIn, Wire, WireBroken

CREDITS_WANTED = 512
CLOSE_SECONDS = 2.0
_GCM = (Ciphers.AES_128_GCM, Ciphers.AES_256_GCM)
_GCM_NONCE_BYTES, _CCM_NONCE_BYTES = 12, 11

# What the library raises, here or in its receiving thread, when the connection or what comes through it is broken.
_BROKEN = (SMBException, OSError, ValueError, KeyError, struct.error, InvalidTag)


class LinkLost(Exception):
    """The connection is gone or silent. Whether requests under way were carried out is not known."""


class _LimitedConnection(Connection):  # type: ignore[misc]
    """A connection on which no wait is without a limit, and whose receiving thread can be made to end."""

    def __init__(self, facts: ConnectionFacts, previous_session: int) -> None:
        super().__init__(uuid4(), facts.host, facts.port or SMB_PORT, require_signing=True)
        self.limit_seconds = facts.request_seconds
        self._previous_session = previous_session
        self._next_answer_is_last = False

    def send(self, message: Any, *args: Any, **kwargs: Any) -> Any:
        # Tells the server to drop our session from before a cut at once, with its handles and its lock; it may not
        # have noticed yet that we went away.
        if message.COMMAND == Commands.SMB2_SESSION_SETUP:
            message["previous_session_id"] = self._previous_session
        return super().send(message, *args, **kwargs)

    def receive(
        self,
        request: Any,
        wait: bool = True,
        timeout: float | None = None,
        resolve_symlinks: bool = False,  # noqa: ARG002 - the library's own signature
    ) -> Any:
        # Symbolic links are not followed: they could lead out of the share, and the library waits without limit there.
        return super().receive(request, wait=wait, timeout=timeout or self.limit_seconds, resolve_symlinks=False)

    def hand_over(self, session: Session) -> int:
        """Ask for credits, and end the receiving thread with the answer: what comes after it is for others to read.

        Returns the credits that nothing has used yet.
        """
        self._next_answer_is_last = True
        self.echo(sid=session.session_id, timeout=self.limit_seconds, credit_request=CREDITS_WANTED)
        self._t_worker.join(self.limit_seconds)
        if self._t_worker.is_alive():
            raise SMBException("the receiving thread does not end")
        return int(self.sequence_window["high"] - self.sequence_window["low"])

    def _process_message_thread(self) -> None:
        receive = self.transport.recv
        ended = False

        def receive_until_handed_over(timeout: float) -> bytes:
            nonlocal ended
            if ended:
                return b""
            message: bytes = receive(timeout)
            # Whoever asks for the last answer does so after all others have come: this one is it.
            ended = self._next_answer_is_last
            return message

        self.transport.recv = receive_until_handed_over
        try:
            super()._process_message_thread()
        except RuntimeError:
            # At its end it wakes whoever waits, and falls over a request that is made in that very moment.
            for request in list(self.outstanding_requests.values()):
                request.response_event.set()


class Link:
    """A connection with a session and a share."""

    def __init__(self, connection: _LimitedConnection, wire: Wire, session_id: int) -> None:
        self._connection = connection
        self._wire = wire
        self._pid = os.getpid()
        self.session_id = session_id

    @property
    def is_ours(self) -> bool:
        """Whether this process made it: a forked child that used it would break its parent's connection."""
        return self._pid == os.getpid()

    def has_room_for(self, messages: Sequence[Message]) -> bool:
        """Whether the server has granted credits for that much more."""
        return sum(message.credits for message in messages) <= self._wire.credits

    def ask_for_room(self) -> None:
        """Ask the server for more credits, and wait for its answer."""
        try:
            self._wire.answers(self._wire.send([smb.echo()], credits_wanted=CREDITS_WANTED))
        except WireBroken:
            raise LinkLost from None

    def send(self, messages: Sequence[Message]) -> list[int]:
        """Send related messages together; returns their numbers, to be answered later."""
        try:
            return self._wire.send(messages)
        except WireBroken:
            raise LinkLost from None

    def answers(self, numbers: Sequence[int]) -> list[Answer]:
        """Wait for the answers, each within the time limit.

        Raises:
            LinkLost: no answer in time, or one that says that the session or the share is no longer ours.
        """
        try:
            answers = self._wire.answers(numbers)
        except WireBroken:
            raise LinkLost from None
        first_fault = next((answer.status for answer in answers if not answer.ok), status.SUCCESS)
        if first_fault in status.LOST:
            raise LinkLost
        return answers

    def close(self) -> None:
        """Sign out if the server answers soon, and close."""
        if not self.is_ours:
            return
        self._wire.limit_seconds = min(self._wire.limit_seconds, CLOSE_SECONDS)
        with contextlib.suppress(WireBroken):
            self._wire.answers(self._wire.send([smb.logoff()]))
        self.drop()

    def drop(self) -> None:
        """Close without a goodbye."""
        if self.is_ours:
            _close(self._connection)


def connect(facts: ConnectionFacts, previous_session: int = 0) -> Link:
    """Connect, sign in, check the encryption, open the share.

    Raises:
        StoreUnreachable: no such host, no answer, no answer in time.
        StoreRefused: login or share refused, or no encryption; never to be tried again by itself.
    """
    # At its usual level the library logs every file's name.
    logging.getLogger("smbprotocol").setLevel(logging.WARNING)
    logging.getLogger("spnego").setLevel(logging.WARNING)
    connection = _LimitedConnection(facts, previous_session)
    try:
        _reach(connection, facts)
        session = _sign_in(connection, facts)
        tree = _open_share(session, facts)
        return _take_over(connection, session, tree, facts)
    except ReservplanError:
        _close(connection)
        raise


def _take_over(connection: _LimitedConnection, session: Session, tree: TreeConnect, facts: ConnectionFacts) -> Link:
    """The link, whose stream nobody reads but we."""
    try:
        credits_left = connection.hand_over(session)
    except _BROKEN:
        raise _unreachable(facts, "has stopped answering") from None
    is_gcm = connection.cipher_id in _GCM
    cipher = AESGCM if is_gcm else AESCCM
    signed_in = SignedIn(
        outgoing=cipher(session.encryption_key),
        incoming=cipher(session.decryption_key),
        nonce_bytes=_GCM_NONCE_BYTES if is_gcm else _CCM_NONCE_BYTES,
        session_id=int(session.session_id),
        tree_id=int(tree.tree_connect_id),
        next_message_id=int(connection.sequence_window["low"]),
        credits=credits_left,
    )
    wire = Wire(connection.transport._sock, signed_in, facts.request_seconds)
    return Link(connection, wire, signed_in.session_id)


def _reach(connection: _LimitedConnection, facts: ConnectionFacts) -> None:
    try:
        connection.connect(timeout=facts.connect_seconds)
        # A server that takes nothing more would block a send for ever, which no limit on answers can see.
        limit = struct.pack("ll", int(facts.request_seconds), 0)
        connection.transport._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        # A small request must not wait until the network has acknowledged the large one before it.
        connection.transport._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except _BROKEN as error:
        raise _unreachable(facts, _why_not_reached(error, facts)) from None
    if connection.dialect < Dialects.SMB_3_1_1 or not connection.supports_encryption:
        raise _no_encryption(facts)


def _why_not_reached(error: BaseException, facts: ConnectionFacts) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, socket.gaierror):
        return "is not known by that name (DNS)"
    if isinstance(cause, ConnectionRefusedError):
        return f"refuses connections on port {facts.port or SMB_PORT}"
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):
        return f"cannot be reached on port {facts.port or SMB_PORT} ({type(cause).__name__})"
    return f"has not answered within {facts.connect_seconds:g} s on port {facts.port or SMB_PORT}"


def _sign_in(connection: _LimitedConnection, facts: ConnectionFacts) -> Session:
    session = Session(connection, facts.user, facts.password, require_encryption=True)
    try:
        session.connect()
    except SMBResponseException as refusal:
        if refusal.status in status.LOGIN_REFUSED:
            raise LoginRefused(
                f"The file server {facts.host} refuses the login of the connection: "
                f"{status.LOGIN_REFUSED[refusal.status]}.",
                do="Mend login and password in the connection, or have the account opened. It is not tried again by "
                "itself, so that the account is not locked.",
            ) from None
        raise _unreachable(facts, f"could not sign us in now (0x{refusal.status:08X})") from None
    except SMBAuthenticationError:
        raise LoginRefused(
            f"The file server {facts.host} and this machine agree on no way to sign in.",
            do="Look at login and domain in the connection: NTLM must be allowed for the account.",
        ) from None
    except SMBConnectionClosed:
        raise _unreachable(facts, "closed the connection while we signed in") from None
    except _BROKEN:
        # No answer in time leaves the session without an id; a guest's session cannot be encrypted.
        if session.session_id is None:
            raise _no_encryption(facts) from None
        raise _unreachable(facts, "has stopped answering while we signed in") from None
    if not session.encrypt_data:
        raise _no_encryption(facts)
    return session


def _open_share(session: Session, facts: ConnectionFacts) -> TreeConnect:
    tree = TreeConnect(session, rf"\\{facts.host}\{facts.share}")
    try:
        # The check of the negotiation is for SMB 3.0; in 3.1.1 its hash is part of the keys.
        tree.connect(require_secure_negotiate=False)
    except SMBResponseException as refusal:
        if refusal.status in status.NO_SHARE:
            raise StoreRefused(
                f"The file server {facts.host} has no share named {facts.share}.",
                do="Mend schema (the share) in the connection. A folder in the share belongs in the store's `folder`.",
            ) from None
        if refusal.status in status.DENIED:
            raise StoreRefused(
                f"The file server {facts.host} does not let the login in to the share {facts.share}.",
                do="Have the account given the right to change files in the share.",
            ) from None
        raise _unreachable(facts, f"did not open the share (0x{refusal.status:08X})") from None
    except _BROKEN:
        raise _unreachable(facts, "has stopped answering while the share was opened") from None
    # Names would have to begin with server and share; a folder that really is a DFS link answers so, see the adapter.
    tree.is_dfs_share = False
    return tree


def _unreachable(facts: ConnectionFacts, why: str) -> StoreUnreachable:
    return StoreUnreachable(
        f"The file server {facts.host} {why}.",
        do="Look at the server and the network; it is tried again by itself.",
    )


def _no_encryption(facts: ConnectionFacts) -> StoreRefused:
    return StoreRefused(
        f"The file server {facts.host} does not encrypt: it must speak SMB 3.1.1 with encryption, and not as a guest.",
        do="Have SMB 3.1.1 and encryption turned on there (Windows: Set-SmbServerConfiguration -EncryptData $true).",
    )


def _close(connection: _LimitedConnection) -> None:
    if connection.transport is None:
        return
    try:
        connection.disconnect(close=False, timeout=CLOSE_SECONDS)
    except _BROKEN:
        return  # it was closed from the other side in this moment
