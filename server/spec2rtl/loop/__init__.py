"""The agentic loop; knows no adapter."""
