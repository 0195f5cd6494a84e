"""Adapters to iverilog, cocotb and pyslang."""
