// A FIFO of four bytes with one clock.
//
// A write takes wr_data while full is 0, a read gives the oldest word on rd_data one clock later
// while empty is 0; a write to a full FIFO and a read from an empty one are ignored. Both may
// happen in the same cycle. level is the number of words stored; rst is synchronous.
module fifo (
    input  wire       clk,
    input  wire       rst,
    input  wire       wr_en,
    input  wire [7:0] wr_data,
    input  wire       rd_en,
    output reg  [7:0] rd_data,
    output reg  [2:0] level,
    output wire       full,
    output wire       empty
);

    reg [7:0] memory [0:3];
    reg [1:0] wr_ptr;
    reg [1:0] rd_ptr;

    wire do_write = wr_en && !full;
    wire do_read  = rd_en && !empty;

    assign full  = (level == 3'd4);
    assign empty = (level == 3'd0);

    // Storage
    always @(posedge clk) begin
        if (do_write)
            memory[wr_ptr] <= wr_data;
        if (do_read)
            rd_data <= memory[rd_ptr];
    end

    // Pointers
    always @(posedge clk) begin
        if (rst) begin
            wr_ptr <= 2'd0;
            rd_ptr <= 2'd0;
        end else begin
            if (do_write)
                wr_ptr <= wr_ptr + 2'd1;
            if (do_read)
                rd_ptr <= rd_ptr + 2'd1;
        end
    end

    // Number of words stored
    always @(posedge clk) begin
        if (rst)
            level <= 3'd0;
        else
            case ({wr_en, rd_en})
                2'b10:   level <= level + 3'd1;
                2'b01:   level <= level - 3'd1;
                default: level <= level;
            endcase
    end

endmodule
