"""A share that refuses us and one that is away are told apart, by a real server."""

from dataclasses import replace
from datetime import UTC, datetime

from reservplan.settings import StoreSettings
from reservplan.store.smb import SmbStore
from reservplan.watch import coverage

from servers.ports import free_ports
from servers.samba import SambaServer
from tests.store_contract.places import facts_of
from tests.unit.watch.test_probing import settings

SHARE = StoreSettings(name="share", kind="smb", connection="reservplan_share")


def test_a_share_that_answers_and_refuses_the_login_is_no_share_that_is_away(samba: SambaServer) -> None:
    facts = facts_of(samba)
    refusing = SmbStore("share", "", replace(facts, password="Fel-losenord-1"), depth=4)  # noqa: S106 - not anybody's
    away = SmbStore("share", "", replace(facts, port=free_ports(1)[0]), depth=4)
    refused, unreachable = (coverage(store, SHARE, settings(), datetime.now(UTC)) for store in (refusing, away))
    assert (refused.reachable, refused.refused) == (False, True)
    assert (unreachable.reachable, unreachable.refused) == (False, False)
