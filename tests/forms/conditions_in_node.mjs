// Evaluates conditions with the browser's own module, whose path is the argument. Each line on standard input is a
// JSON list of cases [tree, answers, today, itself]; the line that answers it is the JSON list of their values.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

const source = await readFile(process.argv[2], "utf8");
const { evaluate } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

for await (const line of createInterface({ input: process.stdin })) {
  const values = JSON.parse(line).map((each) => evaluate(...each));
  process.stdout.write(`${JSON.stringify(values)}\n`);
}
