#!/bin/sh
# Build the image and start it, without a daemon and without pulling: on Debian, as root, with the packages
# podman, buildah, runc and mmdebstrap. BASE names an image that is here; without it Debian's own Python serves.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
name=caro-trial-$$
podman() { command podman --runtime runc --cgroup-manager cgroupfs "$@"; }
trap 'podman rm --force --time 1 $name >/dev/null 2>&1 || :; rm -rf "$folder"' EXIT

if [ -z "${BASE:-}" ]; then
  BASE=localhost/caro-base:bookworm
  if ! podman image exists $BASE; then
    mmdebstrap --quiet --variant=minbase --include=ca-certificates,python3,python3-venv,python-is-python3 \
      bookworm "$folder/base.tar"
    podman import --quiet "$folder/base.tar" $BASE >/dev/null
  fi
fi

# What pip is told on this machine, and whom it trusts, holds while the image is built.
mounts=
for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
  [ ! -e $file ] || mounts="$mounts --volume $file:$file:ro"
done
# shellcheck disable=SC2086
buildah bud --quiet --isolation chroot --network host --pull-never --format docker --build-arg BASE="$BASE" $mounts \
  ${BUILD_OPTIONS:-} --tag caro:trial --file deploy/container/Containerfile . >/dev/null
echo "Built: $(podman image inspect --format '{{.Size}}' caro:trial | awk '{print int($1 / 1000000)}') MB."

# As the compose file has it: nothing can be written but data, no capability, and secrets are files.
mkdir -m 700 "$folder/data" "$folder/secrets"
for secret in secret_keys bank_api_key; do
  head -c 48 /dev/urandom | base64 -w 0 >"$folder/secrets/$secret"
done
chmod 400 "$folder/secrets/"*
chown -R 10001:10001 "$folder/data" "$folder/secrets"
start() {
  podman run --network host --pull never --ulimit nofile=1024:4096 --ulimit nproc=1024:4096 --no-healthcheck \
    --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    --volume "$folder/data:/var/lib/caro" --volume "$folder/secrets:/run/secrets:ro" \
    --env CARO_SECRET_KEYS_FILE=/run/secrets/secret_keys --env CARO_BANK_API_KEY_FILE=/run/secrets/bank_api_key "$@"
}
start --rm caro:trial caro migrate
start --detach --name $name caro:trial caro serve --workers 2 >/dev/null
health=$(podman image inspect --format '{{range (slice .HealthCheck.Test 3)}}{{.}}{{end}}' caro:trial)
tries=0
until podman exec $name python -c "$health" 2>/dev/null; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { podman logs $name >&2; exit 1; }
  sleep 0.3
done
page='from urllib.request import urlopen; print(urlopen("http://localhost:8000/portal/sign-in").read().decode())'
podman exec $name python -c "$page" | grep -q 'lang="fr"'
[ "$(podman exec $name id -u)" = 10001 ]
podman stop --time 20 $name >/dev/null
code=$(podman inspect --format '{{.State.ExitCode}}' $name)
echo "Started, healthy, in French; stopped with exit code $code."
[ "$code" = 0 ]
