#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The real window starts with the demo's model and data, works, and ends when SIGTERM asks it to: not by a crash, not by a
# second signal.
#   tests/tools/start_window.sh build/release/app/pissarro
# With xvfb-run it is a window of the X server, else of Qt's offscreen platform.
set -uo pipefail
program=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
[ -n "$program" ] && [ -x "$program" ] || { echo "start_window.sh: $1 is not built" >&2; exit 1; }
model=$(ls .deps/model/*.gguf 2>/dev/null | head -n 1)
[ -n "$model" ] || { echo "start_window.sh: no model below .deps/model: ./dev setup fetches it" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data
log=$work/log
display=()
if command -v xvfb-run >/dev/null; then display=(xvfb-run -a); else export QT_QPA_PLATFORM=offscreen; fi

# The program's own process, also below xvfb-run.
pid_of_program() { pgrep -f -n "^$program $model --data" || true; }

"${display[@]}" "$program" "$model" --data resources/demo/demo_train.jsonl --demo "$work/demo" >"$log" 2>&1 &
shell=$!
for ((i = 0; i < 6000; ++i)); do # ten minutes: a hang, not a slow machine
  grep -q '^Training' "$log" && break
  kill -0 $shell 2>/dev/null || break
  sleep 0.1
done
grep -q '^Training' "$log" || { echo "FAIL: the window did not come as far as training:"; cat "$log"; kill $shell 2>/dev/null; exit 1; }
pid=$(pid_of_program)
kill -TERM "$pid"
for ((i = 0; i < 6000; ++i)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
if kill -0 "$pid" 2>/dev/null; then
  echo "FAIL: the window does not end by SIGTERM"; kill -KILL "$pid"; exit 1
fi
wait $shell
status=$?
case $status in
  132|134|135|136|139) echo "FAIL: the window crashed, exit $status:"; tail -n 20 "$log"; exit 1 ;;
esac
echo "the window came up, trained, and ended by SIGTERM (exit $status)"
