// A queue of four bytes; a pop and a push in one cycle are both done.
module queue (
    input clk,
    input rst,
    input push,
    input pop,
    input [7:0] in,
    output reg [7:0] out,
    output full,
    output empty
);
    reg [7:0] store [0:3];
    reg [2:0] head;
    reg [2:0] tail;

    assign empty = head == tail;
    assign full = head[1:0] == tail[1:0] && head[2] != tail[2];

    always @(posedge clk) begin
        if (rst) begin
            head <= 3'd0;
            tail <= 3'd0;
            out <= 8'd0;
        end else begin
            if (push && !full) begin
                store[tail[1:0]] <= in;
                tail <= tail + 3'd1;
            end
            if (pop && !empty) begin
                out <= store[head[1:0]];
                head <= head + 3'd1;
            end
        end
    end
endmodule
