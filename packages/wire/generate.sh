#!/bin/sh
# Makes generated/ from proto/. `generate.sh DIR` writes elsewhere, for the check that what is committed is current.
set -eu
cd "$(dirname "$0")"
out=${1:-generated}
mkdir -p "$out"
bin=../../node_modules/.bin
"$bin/pbjs" --target static-module --wrap es6 --es6 --force-number --no-create --no-verify --no-convert --no-delimited \
  --no-typeurl --no-service --import-extension .js --out "$out/isthmus.js" proto/isthmus.proto
"$bin/pbts" --out "$out/isthmus.d.ts" "$out/isthmus.js"
# The declaration names a library that numbers-only code does not use.
sed -i '/import Long = require/d; s/(number|Long)/number/g' "$out/isthmus.d.ts"
