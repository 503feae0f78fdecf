#!/usr/bin/env bash
# Trains models/idcard.tar.gz and says how far it is. The whole output of Rasa goes to var/train.log.
# The old model stays where it is until the new one is complete.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

LOG=var/train.log
NEW=models/.new

export RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
export LOG_LEVEL=INFO

mkdir -p var models
rm -rf "$NEW"
echo "Training the model (a minute or two; details in $LOG) …"
# --force: Rasa's cache looks at the source of a component only, not at the modules and knowledge files it reads.
if .venv/bin/python -m assistant.train --force --fixed-model-name idcard --out "$NEW" 2>&1 | tee "$LOG" |
    sed -nu "s/.*Started validating.*/  checking domain and data/p; s/.*Starting to train component '\(.*\)'.*/  training \1/p"; then
    # Its hash is checked before it is loaded (assistant/model_hash.py).
    (cd "$NEW" && sha256sum idcard.tar.gz > idcard.tar.gz.sha256)
    mv -f "$NEW/idcard.tar.gz" "$NEW/idcard.tar.gz.sha256" models/
    rm -rf "$NEW"
    echo "Trained: models/idcard.tar.gz"
else
    grep -vE ' INFO |Deprecat|^ |^Implementing|^Processed' "$LOG" | tail -n 10 >&2
    echo "Training failed; the last lines stand above, all of them in $LOG. make validate names the file and line of a mistake in the data." >&2
    exit 1
fi
