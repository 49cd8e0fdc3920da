"""What a failed run leaves for the watch to tell: which step failed and why. No value of a person is in it."""

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict


class RunNote(BaseModel):
    """The latest failed run of one job (`snapshot`, `refresh`, `retain`, `verify`, `drill`), until one goes well.

    `code` is the word that names the kind of fault (`source`, `retention`, `late`, …), `what` and `do` are the words of
    the product's own error, empty for any other. `tries` counts the runs that failed in a row.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    job: str
    run_id: str
    task_id: str = ""
    code: str
    what: str = ""
    do: str = ""
    plan_dates: tuple[date, ...] = ()
    failed_at: AwareDatetime
    tries: int = 1
