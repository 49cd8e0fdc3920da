# Reservplan and Airflow in an environment of their own on Airflow's official image: what runs is what the two locks
# name, byte for byte, and what the tests have run on. The slim image: the full one's other providers are not needed.
# A base of the site's own needs Python 3.11 with venv, bash, curl and a user airflow.
ARG BASE_IMAGE=apache/airflow:slim-3.3.2-python3.11

FROM ${BASE_IMAGE} AS built
USER root
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY requirements.txt requirements-deployment.txt /build/
# One after the other: the first lock brings the pip that can read the second.
RUN python3.11 -m venv /opt/reservplan/venv \
    && /opt/reservplan/venv/bin/python -m pip install --no-cache-dir --only-binary :all: --require-hashes \
        --requirement /build/requirements.txt
RUN /opt/reservplan/venv/bin/python -m pip install --no-cache-dir --only-binary :all: --require-hashes \
        --requirement /build/requirements-deployment.txt
COPY pyproject.toml /build/
COPY include /build/include
# Installed, not only on a path: what draws the documents runs as `python -I`.
RUN cd /build \
    && /opt/reservplan/venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/reservplan/venv/bin/python -m pip check

FROM ${BASE_IMAGE}
USER root
COPY --from=built /opt/reservplan/venv /opt/reservplan/venv
COPY dags /opt/reservplan/dags
COPY plugins /opt/reservplan/plugins
COPY config /opt/reservplan/config
COPY deploy/initialize.sh /opt/reservplan/deploy/initialize.sh
# New volumes take owner and rights from here. Code is root's: whoever gets hold of a task cannot change it.
RUN install --directory --owner airflow --group 0 --mode 0700 \
        /opt/reservplan/.run /opt/reservplan/.run/staging /opt/reservplan/.run/archive /opt/reservplan/.run/reports \
        /opt/reservplan/.run/watch /opt/airflow/logs \
    # Also where the project was checked out for one person only.
    && chmod --recursive go=rX /opt/reservplan/dags /opt/reservplan/plugins /opt/reservplan/config /opt/reservplan/deploy
ENV PATH=/opt/reservplan/venv/bin:$PATH \
    VIRTUAL_ENV=/opt/reservplan/venv \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/airflow
USER airflow
