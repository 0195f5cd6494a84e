// Sends a byte bit by bit, the least significant first.
module serial (
    input clk,
    input rst,
    input load,
    input [7:0] data,
    output line,
    output busy
);
    reg [7:0] shift;
    reg [3:0] left;

    assign line = busy ? shift[0] : 1'b1;
    assign busy = left != 4'd0;

    always @(posedge clk) begin
        if (rst) begin
            shift <= 8'd0;
            left <= 4'd0;
        end else if (!busy) begin
            if (load) begin
                shift <= data;
                left <= 4'd8;
            end
        end else begin
            shift <= shift << 1;
            left <= left - 4'd1;
        end
    end
endmodule
