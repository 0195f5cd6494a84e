"""Families of small designs, each a specification, RTL and cocotb tests made from one choice."""
