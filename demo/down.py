"""`make down`: ends the Airflow and the file server that the demo left running, each by its own id."""

import sys

from reservplan.settings import load
from reservplan.staging import clear_leftovers

from demo.scene import CONFIG, RUN
from demo.up import HOME
from servers.airflow_home import AirflowHome
from servers.samba import SambaServer
from servers.standalone import AirflowServer


def main() -> int:
    """End what runs, and empty the staging of a run that was under way; published copies and logs stay in .run/."""
    ended = []
    cut_off = 0
    if AirflowServer(AirflowHome(HOME, CONFIG)).stop():
        ended.append("Airflow")
        cut_off = clear_leftovers(load(CONFIG).staging, lambda _run_id: True)
    samba = SambaServer(RUN / "samba")
    if samba.running:
        samba.stop()
        ended.append("the file server")
    print(f"Ended {' and '.join(ended)}." if ended else "Nothing of the demo runs.")
    if cut_off:
        print(
            f"Runs that were under way: {cut_off}. What they had staged is removed; `make up` makes the copies again."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
