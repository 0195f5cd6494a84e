"""The reserved words of Verilog and SystemVerilog, in the groups that a reader asks for."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GATES = _words(
    "and or not nand nor xor xnor buf bufif0 bufif1 notif0 notif1 nmos pmos cmos rnmos rpmos rcmos"
    " tran tranif0 tranif1 rtran rtranif0 rtranif1 pullup pulldown"
)
NETS = _words("wire tri tri0 tri1 wand wor triand trior trireg supply0 supply1 uwire")
VARIABLES = _words(
    "reg logic bit byte shortint int longint integer time real realtime shortreal string"
)
DIRECTIONS = frozenset(("input", "output", "inout"))
PROCESSES = _words("always always_comb always_ff always_latch initial final")
KEYWORDS = (
    GATES
    | NETS
    | VARIABLES
    | DIRECTIONS
    | PROCESSES
    | _words("""
    alias assert assign assume automatic before begin bind bins binsof break case casex casez
    cell chandle class clocking config const constraint context continue cover covergroup
    coverpoint cross deassign default defparam design disable dist do edge else end endcase
    endclass endclocking endconfig endfunction endgenerate endgroup endinterface endmodule
    endpackage endprimitive endprogram endproperty endsequence endspecify endtable endtask enum
    event expect export extends extern first_match for force foreach forever fork forkjoin function
    generate genvar if iff ifnone ignore_bins illegal_bins import incdir include initial
    inside instance interface intersect join join_any join_none large liblist library local
    localparam macromodule matches medium modport module negedge new noshowcancelled null package
    packed parameter posedge primitive priority program property protected pulsestyle_ondetect
    pulsestyle_onevent pure rand randc randcase randsequence ref release repeat return
    scalared sequence showcancelled signed small solve specify specparam static strong0 strong1
    struct super table tagged task this throughout timeprecision timeunit type typedef union
    unique unique0 unsigned use var vectored virtual void wait wait_order weak0 weak1
    while wildcard with within
    """)
)
BEGINS_CODE = _words(
    "module macromodule extern package interface typedef import function task parameter localparam config primitive class"
    " program bind timeunit timeprecision ( ;"
)
"""What stands outside of a module and is no prose begins with one of these."""


def is_identifier(name: str) -> bool:
    """Can a module have this name?"""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name) is not None and name not in KEYWORDS
