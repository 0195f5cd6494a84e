// The mean of two samples, rounded down.
module average (
    input clk,
    input rst,
    input [7:0] a,
    input [7:0] b,
    output reg [7:0] mean
);
    wire [7:0] sum;

    assign sum = a + b;

    always @(posedge clk) begin
        if (rst) mean <= 8'd0;
        else mean <= sum >> 1;
    end
endmodule
