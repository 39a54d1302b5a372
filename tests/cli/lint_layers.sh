#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The layer rules hold in this tree, and each of them bites: a tree with one broken rule is refused.
#   tests/cli/lint_layers.sh SOURCE_DIR
set -uo pipefail
lint=$1/packaging/lint.sh
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expect() { # what, wanted exit, the rest: a file and its text
  local what=$1 wanted=$2 file=$3 text=$4
  rm -rf "$work/tree"
  mkdir -p "$work/tree/$(dirname "$file")"
  printf '// SPDX-License-Identifier: GPL-3.0-or-later\n%s\n' "$text" >"$work/tree/$file"
  "$lint" --layers --root "$work/tree" >"$work/out" 2>&1
  local found=$?
  if [ $found != "$wanted" ]; then
    echo "FAIL: $what: exit $found, expected $wanted"; cat "$work/out"; failures=$((failures + 1))
  elif [ "$wanted" = 1 ] && ! grep -q "$file" "$work/out"; then
    echo "FAIL: $what: the message does not name $file"; cat "$work/out"; failures=$((failures + 1))
  fi
}

expect 'a clean source' 0 core/linalg/a.cpp '#include <ATen/ATen.h>'
expect 'Qt in core' 1 core/linalg/a.cpp '#include <QString>'
expect 'Qt in a header of core' 1 core/file/a.h '#  include "QtCore/QString"'
expect 'ui in core' 1 core/file/a.cpp '#include "ui/look/theme.h"'
expect 'app in ui' 1 ui/shell/a.cpp '#include "app/cli/console.h"'
expect 'LibTorch in ui' 1 ui/plot/a.cpp '#include <torch/torch.h>'
expect 'LibTorch in app' 1 app/a.cpp '#include <c10/core/Device.h>'
expect 'an arrow up' 1 core/file/a.cpp '#include "core/format/gguf.h"'
expect 'an arrow down' 0 core/format/a.cpp '#include "core/file/mapped_file.h"'
expect 'a job that knows another' 1 core/infer/a.cpp '#include "core/train/trainer.h"'
expect 'a page that knows another' 1 ui/pages/runs/a.cpp '#include "ui/pages/train/train_page.h"'
expect 'a window that knows a page' 1 ui/shell/a.cpp '#include "ui/pages/train/train_page.h"'
expect 'a folder that is not listed' 1 core/other/a.cpp '#include <string>'
expect 'a header for tensors in a folder without' 1 core/run/a.cpp '#include "core/adapter/adapter_tensors.h"'
expect 'LibTorch in a folder without tensors' 1 core/run/run_spec.cpp '#include <ATen/ATen.h>'
expect 'LibTorch in a public header' 1 core/linalg/a.h '#include <ATen/core/Tensor.h>'
expect 'LibTorch in a header for tensors' 0 core/linalg/a_tensors.h '#include <ATen/core/Tensor.h>'
expect 'a private header of another folder' 1 core/file/a.cpp '#include "core/tokenizer/token_model_p.h"'
expect 'a private header of the own folder' 0 core/tokenizer/a.cpp '#include "core/tokenizer/token_model_p.h"'
expect 'a pointer into a tensor' 1 core/linalg/a.cpp 'const float* a(const at::Tensor& t) { return t.const_data_ptr<float>(); }'
expect 'a pointer that was asked for' 0 core/linalg/a.cpp 'const float* a(const at::Tensor& t) { return in<float>(t); }'
expect 'std::to_string in a message' 1 core/format/gguf.cpp '    refuse("byte " + std::to_string(at));'
expect 'snprintf in a message' 1 core/run/a.cpp '    std::snprintf(text, sizeof text, "%d", at);'
expect 'std::to_string above run' 1 core/optim/a.cpp '    std::to_string(at);'
expect 'snprintf in a verb' 1 app/cli/a.cpp '    std::snprintf(text, sizeof text, "%d", at);'
expect 'printf that a template asks for' 0 core/prompt/format.cpp '    std::snprintf(text, sizeof text, form, at);'
expect 'std::to_string in the window' 0 ui/shell/a.cpp '    std::to_string(at);'
expect 'the type of a JSON value' 1 core/run/a.cpp '    if (value.is_number_integer()) {'
expect 'a JSON value by get' 1 core/model/a.cpp '    name = value.get<std::string>();'
expect 'JSON of a template by its kind' 0 core/prompt/value.cpp '    return boolean(json.get<bool>());'
expect 'a list of JSON' 0 core/run/a.cpp '    if (value.is_array()) {'
expect 'signals:' 1 ui/shell/a.h 'signals:'
expect 'public slots:' 1 ui/shell/a.h 'public slots:'
expect 'Q_SIGNALS:' 0 ui/shell/a.h 'Q_SIGNALS:'
expect 'emit' 1 ui/shell/a.cpp '    emit changed();'
printf 'int main() {}\n' >"$work/tree/ui/shell/a.cpp"
"$lint" --layers --root "$work/tree" >/dev/null 2>&1 && { echo 'FAIL: a source without SPDX line passed'; failures=$((failures + 1)); }

# Headers that no test of their folder includes; what only lists data and what is private wants none.
headers=$1/tests/tools/tested_headers.py
rm -rf "$work/tree"
mkdir -p "$work/tree/core/file" "$work/tree/tests/core/file" "$work/tree/tests/core/text"
printf 'int one();\n' >"$work/tree/core/file/called.h"
printf 'struct A { int a = 0; void (*f)(int) = nullptr; bool operator==(const A&) const = default; }; // one()\n' \
  >"$work/tree/core/file/data.h"
printf 'int one();\n' >"$work/tree/core/file/private_p.h"
printf '#include "core/file/called.h"\n' >"$work/tree/tests/core/text/tst_other.cpp"
"$headers" --root "$work/tree" >"$work/out" && { echo 'FAIL: a header without a test passed'; failures=$((failures + 1)); }
[ "$(grep -c '^core/' "$work/out")" = 1 ] && grep -q '^core/file/called.h' "$work/out" ||
  { echo 'FAIL: another header than called.h is asked for'; cat "$work/out"; failures=$((failures + 1)); }
cp "$work/tree/tests/core/text/tst_other.cpp" "$work/tree/tests/core/file/tst_called.cpp"
"$headers" --root "$work/tree" || { echo 'FAIL: a header with a test of its folder'; failures=$((failures + 1)); }

echo "this tree:"
"$lint" --layers || failures=$((failures + 1))
[ $failures = 0 ] && echo 'all rules hold and bite'
exit $((failures > 0))
