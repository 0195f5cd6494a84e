"""Evaluation on public benchmarks: published candidates scored, or generated and scored."""
