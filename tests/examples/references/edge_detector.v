module edge_detector (
    input clk,
    input rst,
    input sig,
    output reg rise
);
    reg sample;

    always @(posedge clk) begin
        if (rst) begin
            sample <= 1'b0;
            rise <= 1'b0;
        end else begin
            sample <= sig;
            rise <= sig & ~sample;
        end
    end
endmodule
