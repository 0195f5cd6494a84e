// Grants the lowest requester; nobody is granted while stall is 1.
module lowest (
    input [3:0] req,
    input stall,
    output reg [3:0] grant
);
    reg [3:0] pick;

    always @* begin
        pick = 4'b0000;
        if (req[0]) pick = 4'b0001;
        else if (req[2]) pick = 4'b0100;
        else if (req[1]) pick = 4'b0010;
        else if (req[3]) pick = 4'b1000;
    end

    always @* begin
        if (stall) grant = 4'b0000;
        else grant = pick;
    end
endmodule
