#!/bin/sh
# All stages of qwen32b-paper: training/runs/qwen32b-paper.sh BENCHMARKS [SOURCE…]
exec "$(dirname "$0")"/pipeline.sh qwen32b-paper "$@"
