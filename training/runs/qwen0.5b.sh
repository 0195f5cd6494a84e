#!/bin/sh
# All stages of qwen0.5b: training/runs/qwen0.5b.sh BENCHMARKS [SOURCE…]
exec "$(dirname "$0")"/pipeline.sh qwen0.5b "$@"
