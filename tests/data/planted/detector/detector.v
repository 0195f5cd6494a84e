// Finds 1011 in a stream of bits, overlapping.
module detector (
    input clk,
    input rst,
    input bit_in,
    output found
);
    localparam [2:0] NONE = 3'd0, ONE = 3'd1, TWO = 3'd2, THREE = 3'd3, ALL = 3'd4;

    reg [2:0] state;
    reg [2:0] next;

    assign found = state == ALL;

    always @* begin
        case (state)
            NONE: next = bit_in ? ONE : NONE;
            ONE: next = bit_in ? ONE : TWO;
            TWO: next = bit_in ? THREE : NONE;
            THREE: next = bit_in ? ALL : NONE;
            ALL: next = bit_in ? ONE : TWO;
            default: next = NONE;
        endcase
    end

    always @(posedge clk) begin
        if (rst) state <= NONE;
        else state <= next;
    end
endmodule
