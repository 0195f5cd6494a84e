"""From a written specification to Verilog that compiles and passes its tests."""
