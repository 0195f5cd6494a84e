// Keeps the largest number since the reset.
module largest (
    input clk,
    input rst,
    input valid,
    input [7:0] number,
    output reg [7:0] most
);
    wire more = number < most;

    always @(posedge clk) begin
        if (rst) most <= 8'd0;
        else if (valid && more) most <= number;
    end
endmodule
