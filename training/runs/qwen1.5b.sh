#!/bin/sh
# All stages of qwen1.5b: training/runs/qwen1.5b.sh BENCHMARKS [SOURCE…]
exec "$(dirname "$0")"/pipeline.sh qwen1.5b "$@"
