#!/bin/sh
# Build dist/*.whl and dist/*.tar.gz; then install each into a bare environment and run the demo there, outside this
# folder, so that nothing of the checkout can help.
set -eu

python=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

rm -rf dist build
"$python" -m pip install --quiet --disable-pip-version-check build
"$python" -m build --outdir dist .

for archive in "$PWD"/dist/*.whl "$PWD"/dist/*.tar.gz; do
    rm -rf "$scratch/venv" "$scratch/run"
    mkdir "$scratch/run"
    "$python" -m venv "$scratch/venv"
    "$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check "h4rmony-es[server] @ file://$archive"
    (cd "$scratch/run" && "$scratch/venv/bin/h4rmony" demo --home home -o demo-output >/dev/null)
    test -s "$scratch/run/demo-output/dpo/train.parquet"
    echo "$(basename "$archive"): installed, and the demo wrote its training data"
done
