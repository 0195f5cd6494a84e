// Counts in Gray code.
module gray (
    input clk,
    input rst,
    input en,
    output [3:0] code
);
    reg [3:0] binary;

    assign code = binary ^ (binary >> 1);

    always @(posedge clk) begin
        if (rst) binary <= 4'd0;
        else if (en) binary <= binary + 4'd1;
    end
endmodule
