// A counter of clock cycles with synchronous reset and enable.
//
// last marks the final count before the wrap-around, for chaining counters.
module counter (
    input  wire       clk,
    input  wire       rst,
    input  wire       en,
    output reg  [3:0] count,
    output wire       last
);

    assign last = (count == 4'd15);

    always @(posedge clk) begin
        if (rst)
            count <= 4'd0;
        else if (en)
            count <= count + 4'd1;
    end

endmodule
