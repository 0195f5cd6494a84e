// Adds up what comes while en is 1.
module accumulator (
    input clk,
    input rst,
    input en,
    input [7:0] data,
    output reg [15:0] total
);
    always @(posedge clk) begin
        if (rst) total <= 16'd0;
        else total <= total + data;
    end
endmodule
