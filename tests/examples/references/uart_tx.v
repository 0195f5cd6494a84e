module uart_tx #(
    parameter CLKS_PER_BIT = 8
) (
    input clk,
    input rst_n,
    input start,
    input [7:0] data,
    output reg tx,
    output reg busy
);
    reg [8:0] rest;  // the stop bit and the data bits that are not on the line yet
    reg [3:0] bits;
    reg [31:0] clocks;

    always @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            tx <= 1'b1;
            busy <= 1'b0;
            rest <= 9'd0;
            bits <= 4'd0;
            clocks <= 32'd0;
        end else if (!busy) begin
            if (start) begin
                tx <= 1'b0;
                busy <= 1'b1;
                rest <= {1'b1, data};
                bits <= 4'd0;
                clocks <= 32'd0;
            end
        end else if (clocks != CLKS_PER_BIT - 1) begin
            clocks <= clocks + 32'd1;
        end else begin
            clocks <= 32'd0;
            if (bits == 4'd9) begin
                busy <= 1'b0;
            end else begin
                tx <= rest[0];
                rest <= rest >> 1;
                bits <= bits + 4'd1;
            end
        end
    end
endmodule
