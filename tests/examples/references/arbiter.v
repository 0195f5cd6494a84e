module arbiter (
    input clk,
    input rst,
    input [3:0] req,
    output reg [3:0] grant
);
    reg [1:0] last;
    reg [1:0] winner;

    always @* begin
        winner = last;
        if (req[last + 2'd3]) winner = last + 2'd3;
        if (req[last + 2'd2]) winner = last + 2'd2;
        if (req[last + 2'd1]) winner = last + 2'd1;
    end

    always @(posedge clk) begin
        if (rst) begin
            last <= 2'd3;
            grant <= 4'b0000;
        end else if (req == 4'b0000) begin
            grant <= 4'b0000;
        end else begin
            last <= winner;
            grant <= 4'b0001 << winner;
        end
    end
endmodule
