# docker build -t qssl .                                     the newest torch that pip finds
# docker build -t qssl --build-arg TORCH_INDEX=URL .         torch from another index, as for CPUs alone: a tenth of the size
# docker run --rm -v "$PWD/runs:/qssl/runs" qssl demo --data Digits
FROM python:3.12-slim AS build
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/qssl
ENV PATH=/opt/qssl/bin:$PATH
RUN pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch torchvision
COPY . /src
RUN pip install /src

FROM python:3.12-slim
COPY --from=build /opt/qssl /opt/qssl
ENV PATH=/opt/qssl/bin:$PATH
RUN useradd --create-home --home-dir /qssl qssl && install -d -o qssl /qssl/runs
USER qssl
WORKDIR /qssl
ENTRYPOINT ["qssl"]
CMD ["--help"]
