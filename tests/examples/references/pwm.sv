module pwm #(
    parameter int WIDTH = 4
) (
    input logic clk,
    input logic rst,
    input logic [WIDTH-1:0] duty,
    output logic out
);
    logic [WIDTH-1:0] position;
    logic [WIDTH-1:0] held;
    logic [WIDTH-1:0] now;

    assign now = position == 0 ? duty : held;

    always_ff @(posedge clk) begin
        if (rst) begin
            position <= '0;
            held <= '0;
            out <= 1'b0;
        end else begin
            position <= position + 1'b1;
            held <= now;
            out <= position < now;
        end
    end
endmodule
