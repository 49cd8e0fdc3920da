"""A DAG that leaks on purpose, one word in each place where the hunt looks: it is found there, or the hunt is blind.

A copy of it lies beside the DAGs of the hunt's own Airflow. The words stand in the file that CANARY_WORDS names.
"""

import json
import logging
import os
import subprocess
import tempfile
import time
from pathlib import Path

from airflow.sdk import dag, task

WORDS = json.loads(Path(os.environ["CANARY_WORDS"]).read_text(encoding="utf-8"))
SECONDS = 2.0


@task
def returned() -> str:
    return str(WORDS["xcom"])


@task(retries=0)
def leak(rendered: str) -> None:  # noqa: ARG001 - it is shown among the task's fields
    logging.getLogger("canary").warning("%s", WORDS["log"])
    print(WORDS["output"])  # noqa: T201
    for place in ("temp", "home", "work", "memory"):
        folder = {"temp": tempfile.gettempdir(), "home": Path.home(), "work": Path.cwd(), "memory": "/dev/shm"}[place]  # noqa: S108
        (Path(folder) / f"canary-{os.getpid()}.{place}").write_text(WORDS[place], encoding="utf-8")
    passing = Path(tempfile.gettempdir()) / "passing"
    passing.write_text(WORDS["passing file"], encoding="utf-8")
    staged = Path(os.environ["CANARY_STAGING"])
    staged.mkdir(mode=0o755)
    (staged / "open").touch(mode=0o644)
    child = ["python3", "-c", f"import time; time.sleep({SECONDS})", WORDS["command line"]]
    with subprocess.Popen(child, env=os.environ | {"CANARY": WORDS["environment"]}):
        time.sleep(SECONDS)
    passing.unlink()
    (staged / "open").unlink()
    staged.rmdir()
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id="drift") as hook:
        hook.send_email_smtp(to="drift@example.org", subject="canary", html_content=f"<p>{WORDS['mail']}</p>")
    raise ValueError(WORDS["exception"])


@dag(dag_id="canary", schedule=None)
def canary() -> None:
    leak(WORDS["rendered field"]) << returned()


canary()
