# Sourced by script/check and script/test: runs named parts, says how each went, and sums up at the end.
summary=()
failed=0

part() { # NAME COMMAND…
  local name=$1 started=$SECONDS outcome="ok    " line
  shift
  echo "=== $name"
  "$@" || { outcome="FAILED"; failed=1; }
  line="$outcome $name ($((SECONDS - started)) s)"
  echo "=== $line"
  summary+=("$line")
}

finish() {
  printf '\n'
  printf '%s\n' "${summary[@]}"
  exit "$failed"
}
