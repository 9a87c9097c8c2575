#!/usr/bin/env bash
# A real Teams-like client (Microsoft 365 Agents Playground, with the renderer of Teams itself), offline and headless.
#
#   playground.sh setup                     install the npm packages (and Debian's chromium when it is missing)
#   playground.sh start [BOT_URL] [PORT]    start it in the background      (defaults: http://127.0.0.1:3978/api/messages 56150)
#   playground.sh wait  [PORT]              wait until it answers
#   playground.sh stop  [PORT]              end the one that `start` began
#   playground.sh drive BOT_URL OUT_DIR MESSAGE...   start, type the messages in the browser, save screenshot + replies, stop
#
# Environment: TEAMS_PLAYGROUND_HOME  where packages and run files live (default: $TMPDIR/teams-playground)
#              TEAMS_PLAYGROUND_PORT  port for drive (default 56150)
#              TZ                     the time zone the client reports in activity.localTimezone
# activity.locale is always en-US from the page; send another one with the driver's event: step.
# The bot must run with an EMPTY app id (auth off): the playground sends no Authorization header.
# Traffic stays on the loopback; telemetry is turned off with --dt.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${TEAMS_PLAYGROUND_HOME:-${TMPDIR:-/tmp}/teams-playground}
PLAYGROUND_VERSION=0.2.28
PLAYWRIGHT_VERSION=1.64.1
cli() { echo "$home/node_modules/@microsoft/m365agentsplayground/cli.js"; }

setup() {
  mkdir -p "$home"
  [ -f "$home/package.json" ] || printf '{"private":true,"name":"teams-playground-run"}\n' > "$home/package.json"
  if [ ! -f "$(cli)" ] || [ ! -d "$home/node_modules/playwright-core" ]; then
    npm install --prefix "$home" --no-audit --no-fund --ignore-scripts \
      "@microsoft/m365agentsplayground@$PLAYGROUND_VERSION" "playwright-core@$PLAYWRIGHT_VERSION" >&2
  fi
  if ! command -v chromium >/dev/null; then
    apt-get update >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-liberation >&2
  fi
  # The tool refuses a config silently (exit 1, no message) unless: version 0.1.0/0.1.1, exactly 5 users, one group chat,
  # one team, exactly one channel besides General, and no unknown keys.
  [ -f "$home/.m365agentsplayground.yml" ] || cat > "$home/.m365agentsplayground.yml" <<'Y'
version: "0.1.1"
tenantId: 00000000-0000-0000-0000-000000000001
bot: {id: "28:career-coach", name: Career Coach}
currentUser: {id: "29:sam", name: Sam Example, userPrincipleName: sam@example.com, aadObjectId: 00000000-0000-0000-0000-000000000020, givenName: Sam, surname: Example, email: sam@example.com}
users:
  - {id: "29:kim", name: Kim Example, userPrincipleName: kim@example.com, aadObjectId: 00000000-0000-0000-0000-000000000021, givenName: Kim, surname: Example, email: kim@example.com}
  - {id: "29:lee", name: Lee Example, userPrincipleName: lee@example.com, aadObjectId: 00000000-0000-0000-0000-000000000022, givenName: Lee, surname: Example, email: lee@example.com}
  - {id: "29:noa", name: Noa Example, userPrincipleName: noa@example.com, aadObjectId: 00000000-0000-0000-0000-000000000023, givenName: Noa, surname: Example, email: noa@example.com}
  - {id: "29:jo", name: Jo Example, userPrincipleName: jo@example.com, aadObjectId: 00000000-0000-0000-0000-000000000024, givenName: Jo, surname: Example, email: jo@example.com}
  - {id: "29:mio", name: Mio Example, userPrincipleName: mio@example.com, aadObjectId: 00000000-0000-0000-0000-000000000025, givenName: Mio, surname: Example, email: mio@example.com}
personalChat: {id: "a:personal-sam"}
groupChat: {id: "19:group1@thread.v2", name: Career group}
team:
  id: 19:team1@thread.tacv2
  name: ML Platform
  aadGroupId: 00000000-0000-0000-0000-000000000031
  channels:
    - {id: "19:summaries@thread.tacv2", name: Team summaries}
Y
}

start() {
  local bot=${1:-http://127.0.0.1:3978/api/messages} port=${2:-56150}
  setup
  if [ -f "$home/pid.$port" ] && kill -0 "$(cat "$home/pid.$port")" 2>/dev/null; then
    echo "already running on $port (pid $(cat "$home/pid.$port"))" >&2; return 1
  fi
  if curl -s -m 1 -o /dev/null "http://localhost:$port/"; then   # the tool would silently move to a random port
    echo "port $port is taken" >&2; return 1
  fi
  ( cd "$home"
    exec node "$(cli)" start -e "$bot" -c msteams -p "$port" --dt ) > "$home/log.$port" 2>&1 &
  echo $! > "$home/pid.$port"
  wait_up "$port"
  echo "playground on http://localhost:$port -> $bot (pid $(cat "$home/pid.$port"))" >&2
}

wait_up() {
  local port=${1:-56150} i
  for i in $(seq 1 60); do
    [ "$(curl -s -m 2 "http://localhost:$port/_debug/ping" || true)" = pong ] && return 0
    if [ -f "$home/pid.$port" ] && ! kill -0 "$(cat "$home/pid.$port")" 2>/dev/null; then
      echo "playground ended at once; log:" >&2; cat "$home/log.$port" >&2
      echo "(no message usually means a rejected .m365agentsplayground.yml)" >&2; return 1
    fi
    sleep 0.5
  done
  echo "playground did not answer on port $port" >&2; return 1
}

stop() {
  local port=${1:-56150} f
  f="$home/pid.$port"
  if [ -f "$f" ]; then
    kill "$(cat "$f")" 2>/dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$(cat "$f")" 2>/dev/null || break; sleep 0.2; done
    rm -f "$f"
  fi
}

drive() {
  local bot=$1 out=$2; shift 2
  local port=${TEAMS_PLAYGROUND_PORT:-56150}
  start "$bot" "$port"
  trap 'stop "'"$port"'"' EXIT
  NODE_PATH="$home/node_modules" node "$here/drive.mjs" --playground "http://localhost:$port" --modules "$home/node_modules" --out "$out" "$@"
}

case ${1:-} in
  setup) setup ;;
  start) shift; start "$@" ;;
  wait)  shift; wait_up "$@" ;;
  stop)  shift; stop "$@" ;;
  drive) shift; drive "$@" ;;
  *) sed -n '2,15p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
