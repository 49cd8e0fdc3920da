"""Why a channel did not take an alert, in kinds: texts of exceptions may hold addresses and passwords."""

from enum import StrEnum


class Fault(StrEnum):
    """What a channel can fail by; `channel.fault_<value>` in the catalogue says what to do."""

    UNUSABLE = "unusable"
    AWAY = "away"
    LOGIN = "login"
    ENCRYPTION = "encryption"
    REFUSED = "refused"
    SERVICE = "service"
    OTHER = "other"


class NotTaken(Exception):
    """The channel did not take the alert; where it `lasts`, trying again is of no use.

    `told` are our own words of what must be mended, empty for what others say.
    """

    def __init__(self, fault: Fault, *, lasts: bool = False, told: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.lasts = lasts
        self.told = told
