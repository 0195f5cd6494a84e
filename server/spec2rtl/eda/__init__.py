"""Adapters to iverilog, cocotb, pyslang, yosys and pywellen."""
