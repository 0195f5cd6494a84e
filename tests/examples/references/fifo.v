module fifo #(
    parameter DATA_WIDTH = 8,
    parameter DEPTH = 16
) (
    input clk,
    input rst,
    input wr_en,
    input [DATA_WIDTH-1:0] wr_data,
    input rd_en,
    output reg [DATA_WIDTH-1:0] rd_data,
    output full,
    output empty
);
    localparam ADDR_WIDTH = $clog2(DEPTH);

    reg [DATA_WIDTH-1:0] memory [0:DEPTH-1];
    reg [ADDR_WIDTH:0] wr_ptr;
    reg [ADDR_WIDTH:0] rd_ptr;

    wire [ADDR_WIDTH:0] level = wr_ptr - rd_ptr;
    wire do_write = wr_en && !full;
    wire do_read = rd_en && !empty;

    assign full = level == DEPTH;
    assign empty = level == 0;

    always @(posedge clk) begin
        if (rst) begin
            wr_ptr <= 0;
            rd_ptr <= 0;
        end else begin
            if (do_write) begin
                memory[wr_ptr[ADDR_WIDTH-1:0]] <= wr_data;
                wr_ptr <= wr_ptr + 1'b1;
            end
            if (do_read) begin
                rd_data <= memory[rd_ptr[ADDR_WIDTH-1:0]];
                rd_ptr <= rd_ptr + 1'b1;
            end
        end
    end
endmodule
