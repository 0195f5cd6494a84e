// Counts the presses of a button; two flip-flops bring it to the clock.
module button (
    input clk,
    input rst,
    input pressed,
    output reg [3:0] presses
);
    wire level, rise;

    synchronizer sync (.clk(clk), .rst(rst), .d(pressed), .q(level));
    edge_finder finder (.clk(clk), .rst(rst), .level(level), .rise(rise));

    always @(posedge clk) begin
        if (rst) presses <= 4'd0;
        else if (rise) presses <= presses + 4'd1;
    end
endmodule

module synchronizer (
    input clk,
    input rst,
    input d,
    output reg q
);
    reg first;

    always @(posedge clk) begin
        if (rst) {q, first} <= 2'b00;
        else {q, first} <= {first, d};
    end
endmodule

module edge_finder (
    input clk,
    input rst,
    input level,
    output rise
);
    reg earlier;

    assign rise = !level && earlier;

    always @(posedge clk) begin
        if (rst) earlier <= 1'b0;
        else earlier <= level;
    end
endmodule
