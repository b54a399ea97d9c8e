# One image for the worker, the gateway and the set-up jobs; the command selects the program (docker/entrypoint.sh).
#
#   docker build -t darkroom .
#   docker build -t darkroom-simulators --build-arg CONTENTS=with-simulators .    # adds the demo's simulators
#
# To use a package index other than PyPI, pass a pip configuration: `--secret id=pip.conf,src=pip.conf`. No layer
# contains it.
ARG PYTHON=python:3.11.17-slim-bookworm
ARG CONTENTS=app

# ---- the locked packages, in a virtual environment without pip ----------------------------------------------------------
FROM ${PYTHON} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv --without-pip /venv
COPY locks/app.txt locks/files.txt /locks/
# Wheels only: a build from source would fetch packages that are not locked. Unused files are deleted: packages' own
# tests and a Rust source tree.
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    install="pip --python /venv/bin/python install --quiet --no-deps --require-hashes --only-binary :all:" \
    && $install --requirement /locks/app.txt \
    && $install --ignore-requires-python --requirement /locks/files.txt \
    && find /venv/lib -type d -name tests -regex '.*/site-packages/\(numpy\|scipy\|pywt\|shapely\|google\)/.*' -prune \
        -exec rm -r {} + \
    && rm -r /venv/lib/python3*/site-packages/temporalio/bridge/sdk-core

# ---- packages for the simulators only ------------------------------------------------------------------------------------
FROM packages AS more-packages
COPY locks/simulators.txt /locks/
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    pip install --quiet --no-deps --require-hashes --only-binary :all: \
        --target /more --requirement /locks/simulators.txt

# ---- our code, compiled because nothing can be written at run time --------------------------------------------------------
FROM ${PYTHON} AS code
WORKDIR /app
COPY cli.py worker.py phrases.toml phrases.en.toml LICENSE ./
COPY activities activities
COPY adapters adapters
COPY domain domain
COPY gateway gateway
COPY runtime runtime
COPY starter starter
COPY workflows workflows
COPY docker/darkroom docker/entrypoint.sh docker/healthy.py docker/
RUN python3 -m compileall -q --invalidation-mode unchecked-hash .

FROM code AS more-code
COPY simulators simulators
COPY demo/photos demo/photos
COPY docker/chat_key.py docker/
RUN python3 -m compileall -q --invalidation-mode unchecked-hash simulators docker

# ---- the image ------------------------------------------------------------------------------------------------------------
FROM ${PYTHON} AS app
LABEL org.opencontainers.image.title="darkroom" \
      org.opencontainers.image.description="Durable orders for an image-retouching shop: worker, gateway and their jobs" \
      org.opencontainers.image.licenses="Apache-2.0"
# The user id is fixed, so that a shop can give it ownership of folders; the name is only for readability.
RUN groupadd --gid 10001 darkroom && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp darkroom
# The file system may be read-only except /tmp. A container must listen on 0.0.0.0, and its logs are for machines.
# The default is production, which refuses development settings.
ENV PATH=/venv/bin:/app/docker:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    HOME=/tmp \
    ENVIRONMENT=production \
    GATEWAY_HOST=0.0.0.0 \
    WORKER_HEALTH_HOST=0.0.0.0 \
    WORKER_HEALTH_PORT=6061 \
    LOG_FORMAT=json
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=code /app /app
USER 10001:10001
EXPOSE 6060 6061
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-IS", "/app/docker/healthy.py"]
ENTRYPOINT ["/app/docker/entrypoint.sh"]
CMD ["worker"]

FROM app AS with-simulators
LABEL org.opencontainers.image.title="darkroom-simulators"
# A new volume mounted here takes over the owner of these folders: the image's user.
USER root
RUN install --directory --owner 10001 --group 10001 /data /keys
USER 10001:10001
ENV PYTHONPATH=/app:/more
COPY --from=more-packages /more /more
COPY --from=more-code /app /app
EXPOSE 6070 1025

FROM ${CONTENTS}
