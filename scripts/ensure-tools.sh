#!/bin/sh
# Makes sure that what the tests need besides Go is there: PostgreSQL's programs, a C compiler for the race detector, make,
# curl for the README's example, and Chromium, with letters, for the console's pages.
# As root on Debian it installs what is missing; anyone else is told what to install.
set -eu

missing=
command -v make >/dev/null || missing="$missing make"
command -v curl >/dev/null || missing="$missing curl"
echo '#include <stdlib.h>' | "$(go env CC)" -E - >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
[ "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "kivuko's tests need what this machine lacks; on Debian, as root: apt-get install$missing" >&2
	exit 1
fi

# The tests start servers of their own: keep the package from making one and starting it at every boot.
mkdir -p /etc/postgresql-common/createcluster.d
trap 'rm -f /etc/postgresql-common/createcluster.d/kivuko.conf' EXIT
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/kivuko.conf

export DEBIAN_FRONTEND=noninteractive
apt-get update -q </dev/null
# shellcheck disable=SC2086 # a list of package names
apt-get install -qy --no-install-recommends $missing </dev/null
