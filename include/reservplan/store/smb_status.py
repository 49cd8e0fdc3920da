"""What a server's NTSTATUS means for us. Classified by number: the library's exceptions map only a few of them."""

from reservplan.domain.ports import Outcome

SUCCESS = 0
NO_MORE_FILES = 0x80000006
END_OF_FILE = 0xC0000011
ACCESS_DENIED = 0xC0000022
NAME_NOT_FOUND = 0xC0000034
NAME_COLLISION = 0xC0000035
PATH_NOT_FOUND = 0xC000003A
SHARING_VIOLATION = 0xC0000043
IS_A_FOLDER = 0xC00000BA
NOT_A_FOLDER = 0xC0000103
PATH_NOT_COVERED = 0xC0000257

MISSING = {
    0xC000000F,  # NO_SUCH_FILE
    NAME_NOT_FOUND,
    PATH_NOT_FOUND,
}
BUSY = {
    SHARING_VIOLATION,
    0xC0000054,  # FILE_LOCK_CONFLICT
    0xC0000056,  # DELETE_PENDING
}
DENIED = {
    ACCESS_DENIED,
    0xC0000061,  # PRIVILEGE_NOT_HELD
    0xC00000A2,  # MEDIA_WRITE_PROTECTED
    0xC0000121,  # CANNOT_DELETE
}
IN_THE_WAY = {NAME_COLLISION, IS_A_FOLDER, NOT_A_FOLDER}
BAD_NAME = {
    0xC0000033,  # OBJECT_NAME_INVALID
    0xC0000039,  # OBJECT_PATH_INVALID
    0xC000003B,  # OBJECT_PATH_SYNTAX_BAD
    0xC0000106,  # NAME_TOO_LONG
}
FULL = {
    0xC0000044,  # QUOTA_EXCEEDED
    0xC000007F,  # DISK_FULL
    0xC0000802,  # DISK_QUOTA_EXCEEDED
    0xC0000904,  # FILE_TOO_LARGE
}
# The session, the share or the handle is no longer ours, or the server is out of breath: connect anew.
LOST = {
    0xC0000008,  # INVALID_HANDLE
    0xC000009A,  # INSUFFICIENT_RESOURCES
    0xC00000B5,  # IO_TIMEOUT
    0xC00000C9,  # NETWORK_NAME_DELETED: on every request until we connect anew
    0xC00000D0,  # REQUEST_NOT_ACCEPTED
    0xC0000128,  # FILE_CLOSED
    0xC0000203,  # USER_SESSION_DELETED
    0xC0000205,  # INSUFF_SERVER_RESOURCES
    0xC000020C,  # CONNECTION_DISCONNECTED
    0xC000026E,  # VOLUME_DISMOUNTED
    0xC000035C,  # NETWORK_SESSION_EXPIRED
    0xC0000466,  # SERVER_UNAVAILABLE
}
NO_SHARE = {
    0xC0000225,  # NOT_FOUND
    0xC00000CC,  # BAD_NETWORK_NAME
}
LOGIN_REFUSED = {
    0xC000006A: "wrong password",
    0xC000006D: "unknown user or wrong password",
    0xC000006E: "the account is restricted",
    0xC000006F: "not at this hour",
    0xC0000070: "not from this machine",
    0xC0000071: "the password has expired",
    0xC0000072: "the account is disabled",
    0xC000015B: "the account may not sign in over the network",
    0xC0000193: "the account has expired",
    0xC0000224: "the password must be changed first",
    0xC0000234: "the account is locked",
    0xC0000064: "unknown user",
    ACCESS_DENIED: "access denied",
}


def outcome_of(status: int) -> tuple[Outcome, str]:
    """What a refusal means for one file, with a few words."""
    if status in MISSING:
        return Outcome.MISSING, ""
    if status in BUSY:
        return Outcome.BUSY, "open elsewhere"
    if status in DENIED:
        return Outcome.DENIED, "no permission"
    if status in IN_THE_WAY:
        return Outcome.DENIED, "something else of that name is in the way"
    if status == PATH_NOT_COVERED:
        return Outcome.DENIED, "it lies on another server (DFS)"
    if status in BAD_NAME:
        return Outcome.DENIED, "the name is not possible there"
    return Outcome.FAILED, f"the server answered 0x{status:08X}"
