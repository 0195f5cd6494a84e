#!/bin/sh
# From nothing to an adapter with its card: training/runs/pipeline.sh RECIPE BENCHMARKS [SOURCE…]
#
#   training/runs/pipeline.sh qwen1.5b ../benchmarks https://github.com/owner/rtl
#
# BENCHMARKS is the folder whose problems must not be in the data; each SOURCE is a folder, a git
# repository or hf:NAME#COLUMN. The same command after a kill goes on where it was.
set -eu

recipe=$1 benchmarks=$2
shift 2
data=build/training
run=$data/$recipe
python=${PYTHON:-python}

$python -m training.families --out $data/families.jsonl
sources=$data/families.jsonl
if [ $# -gt 0 ]; then
    $python -m training.data "$@" --out $data/modules.jsonl
    sources="$sources $data/modules.jsonl"
fi
$python -m training.tasks $sources --out $data/tasks.jsonl
$python -m training.decontaminate $data/tasks.jsonl --forbid "$benchmarks" \
    --out $data/clean.jsonl --report $data/decontamination.md

$python -m training.sft training/recipes/"$recipe".yaml --forbid "$benchmarks" --dry-run
$python -m training.sft training/recipes/"$recipe".yaml --forbid "$benchmarks" --out "$run"/sft
[ -d "$run"/merged ] || $python -m training.merge "$run"/sft/adapter --out "$run"/merged
$python -m training.grpo training/recipes/"$recipe".yaml --forbid "$benchmarks" --out "$run"/grpo
$python -m training.card "$run" --decontamination $data/decontamination.md --out "$run"/README.md
