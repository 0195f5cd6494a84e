from spec2rtl.syntax.expression import Form
from spec2rtl.syntax.forms import forms, signed_types
from spec2rtl.syntax.lexer import code
from spec2rtl.syntax.modules import find_module
from spec2rtl.syntax.scope import scope_of

TYPES = """
typedef logic signed [7:0] word_t;
typedef struct packed { logic signed [3:0] a; } pair_t;
typedef enum logic [1:0] { IDLE, RUN } state_t;
typedef enum { RED, GREEN } colour_t;
"""
MODULE = """
module m #(parameter W = 4) (input signed [W-1:0] a, b, input c, output [0:7] up, q);
  reg signed [3:0] q;
  integer i; int unsigned u; byte tiny;
  wire [11:4] part; reg [3:0] mem [0:3]; wire [1:0][3:0] pair;
  word_t level, peak; state_t state; colour_t colour;
  localparam signed [3:0] LOW = -4;
endmodule
"""


def test_forms() -> None:
    types = set(signed_types(code(TYPES)))
    assert types == {"word_t", "colour_t"}
    module = find_module(MODULE, "m")
    assert module
    signed = Form(signed=True)
    assert forms(scope_of(MODULE, module), types) == {
        **dict.fromkeys(("a", "b", "i", "tiny", "level", "colour", "LOW"), signed),
        "up": Form(last=None),
        "q": Form(signed=True, last=None),
        "part": Form(last=4),
        "pair": Form(last=None),
    }
