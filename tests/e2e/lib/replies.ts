/** What the scripted generator says: right and wrong counters. */

const counter = (declaration: string, body: string): string => `Here it is.

\`\`\`verilog
module counter (
    input            clk,
    input            rst,
    input            en,
    output ${declaration} count
);

always @(posedge clk) begin
${body}
end

endmodule
\`\`\`
`;

const RIGHT = `    if (rst)
        count <= 4'd0;
    else if (en)
        count <= count + 4'd1;`;

const SHIFTS = RIGHT.replace("count + 4'd1", "{count[2:0], 1'b1}");

export const right = counter("reg [3:0]", RIGHT);

/** Doesn't compile: a word is missing. */
export const misspelt = counter("reg [3:0]", RIGHT.replace("else if (en)", "else if (enable)"));

/** Compiles, and fails tests; no rule has a repair for it. */
export const shifting = counter("reg [3:0]", SHIFTS);

export const rightWithNote = counter("reg [3:0]", `    // a note\n${RIGHT}`);

/** A file, not a reply: its output is driven in an always block but is no reg. */
export const withoutReg = counter("[3:0]", RIGHT).replace(/^.*```verilog\n|```\n$/gs, "");
