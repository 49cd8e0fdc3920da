"""What the watch tells through a real scheduler and a real mail server: once when it begins, once when it has ended."""

from tests.operation.deployment import WATCH, Office


def round_of_watch(office: Office) -> tuple[str, list[str]]:
    """How a run of the watch ended, and the subjects of the mails that it sent."""
    inbox = office.deployment.inbox
    inbox.mails.clear()
    _, state = office.run(dag_id=WATCH)
    return state, inbox.subjects


def test_a_list_that_somebody_took_away_is_told_once_and_told_to_have_ended_at_the_second_look_without_fault(
    office: Office,
) -> None:
    office.configure(watch={"folder": f"{office.folder}/watch", "heal": False})
    run_id, _ = office.run()
    office.assert_success(run_id)
    gone = next(office.copies.glob(f"{office.day(0):%y%m%d}*schema Ullared*.pdf"))
    gone.rename(office.folder / gone.name)

    told = "LARM: Ullared saknas i dag på share"
    assert round_of_watch(office) == ("failed", [told])
    assert round_of_watch(office) == ("failed", [])
    (office.folder / gone.name).rename(gone)
    assert round_of_watch(office) == ("success", [])
    state, (ended,) = round_of_watch(office)
    assert state == "success"
    assert ended.startswith("Löst: Kopiorna finns igen för Ullared på share (")
    assert office.deployment.runs_under_way() == []
