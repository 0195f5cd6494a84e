// Divides the clock by 2 * HALF: tick toggles every HALF cycles.
module divider #(
    parameter HALF = 3
) (
    input clk,
    input rst,
    output reg tick
);
    reg [3:0] count;

    always @(posedge clk) begin
        if (rst) begin
            count <= 4'd0;
            tick <= 1'b0;
        end else if (count == HALF - 1) begin
            count <= 4'd0;
            tick <= ~tick;
        end else begin
            count <= count + 4'd1;
        end
    end
endmodule
