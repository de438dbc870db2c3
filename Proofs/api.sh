#!/usr/bin/env bash
# Requests made up from the API's own description (schemathesis, from PyPI): no answer is a 5xx, and none is one that
# the description doesn't allow. A stream doesn't end, so each costs the second after which it is left.
#
#   Proofs/api.sh [DIRECTORY OF np-daemon]      default: .build/release; EXAMPLES=60
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "${1:-$here/../.build/release}" && pwd)
work=$(mktemp -d /tmp/np-proof-XXXXXX)
daemon= proxy=
trap 'kill $proxy $daemon 2>/dev/null || true; wait; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "schemathesis>=4,<5"

HOME="$work" "$bin/np-daemon" --data-dir "$work/data" --log-file "$work/daemon.log" > "$work/serving" &
daemon=$!
python3 "$here/tcp_proxy.py" "$work/data/neuraphage.sock" > "$work/port" &
proxy=$!
until grep -q serving "$work/serving" && grep -q . "$work/port"; do sleep 0.05; done

cd "$work"
venv/bin/schemathesis run "$here/../Sources/NeuraphageDaemon/openapi.json" \
    --url "http://127.0.0.1:$(cat port)" \
    --checks not_a_server_error,response_schema_conformance,status_code_conformance \
    --max-examples "${EXAMPLES:-60}" --request-timeout 1 --continue-on-failure
curl -sf --unix-socket data/neuraphage.sock http://np/v1/health
