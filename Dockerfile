# One image, three roles: `docker run … caifs site|region|central`, told apart by the environment (README, Settings).
# The root file system may be read-only; only /var/lib/caifs (the state) and /tmp are written to.

FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9 && python -m venv --without-pip /opt/caifs
WORKDIR /source
# The lock file constrains every library to one version, and uv refuses any file whose hash does not stand in it.
COPY pyproject.toml requirements.lock ./
RUN uv pip install --python /opt/caifs --requirement pyproject.toml --constraint requirements.lock
COPY . .
RUN uv pip install --python /opt/caifs --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/caifs --create-home --shell /usr/sbin/nologin caifs
COPY --from=build /opt/caifs /opt/caifs
ENV PATH=/opt/caifs/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CAIFS_STATE=/var/lib/caifs \
    CAIFS_HTTP_HOST=0.0.0.0 \
    CAIFS_HTTP_PORT=8000
USER 10001:10001
WORKDIR /var/lib/caifs
VOLUME /var/lib/caifs
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:${CAIFS_HTTP_PORT}/readyz', timeout=4)"
ENTRYPOINT ["caifs"]
