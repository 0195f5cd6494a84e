// Gives a pulse of LENGTH cycles after start.
module pulse #(
    parameter LENGTH = 5
) (
    input clk,
    input rst,
    input start,
    output reg active
);
    reg [7:0] left;

    always @(posedge clk) begin
        if (rst) begin
            active <= 1'b0;
            left <= 8'd0;
        end else if (start && !active) begin
            active <= 1'b1;
            left <= LENGTH - 1;
        end else if (active) begin
            if (left == 8'd0) active <= 1'b0;
            else left <= left - 8'd1;
        end
    end
endmodule
